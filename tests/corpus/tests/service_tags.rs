//! The built-in service tags hold what Microsoft's downloads hold.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::collections::BTreeSet;
use std::fs;

use palisade_document::{Notation, Text, parse};
use palisade_reach::azure::ServiceTags;

#[test]
fn the_built_in_tags_are_those_of_the_downloads() {
    let folder = palisade_corpus_tests::corpus("../knowledge/service-tags");
    let mut clouds = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let content = fs::read_to_string(&path).unwrap();
        let text = Text::new(path.to_string_lossy(), content);
        let (read, diagnostics) = ServiceTags::read(&parse(text, Notation::Json).0);
        assert!(diagnostics.is_empty());
        let read = read.unwrap();
        let built_in = ServiceTags::built_in(read.cloud);
        assert_eq!(built_in.edition(), read.edition());
        assert!(built_in.names().eq(read.names()));
        for name in read.names() {
            assert_eq!(built_in.prefixes(name), read.prefixes(name), "{name}");
        }
        clouds.insert(read.cloud);
    }
    assert_eq!(clouds.len(), 3);
}
