//! A suite of tests of definitions: reading ends, and what isn't read has a diagnostic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_document::{Notation, Text, parse};
use palisade_policy::suite::{alone, read};

fuzz_target!(|text: &str| {
    let (document, _) = parse(Text::new("a.policy-test.yaml", text), Notation::of(text));
    let suite = read(&document);
    for test in &suite.tests {
        assert!(!test.expected.is_empty());
        test.given.iter().copied().map(alone).for_each(drop);
    }
});
