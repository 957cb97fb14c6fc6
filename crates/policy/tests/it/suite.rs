//! Suites: what is read of them.

use palisade_document::{Notation, Text, parse};
use palisade_policy::suite::{alone, read};
use proptest::prelude::*;

/// A value that is taken out of a file keeps its line and column.
#[test]
fn a_value_alone_keeps_its_place() {
    let text = "tests:\n- name: ä\n  given:\n  - type: a/b # one\n    name: é\n  - {type: c/d, name: f}\n  expect: x\n";
    let (document, _) = parse(Text::new("s.yaml", text), Notation::Yaml);
    let root = document.roots().next().unwrap();
    let test = root.get("tests").unwrap().items().next().unwrap();
    for given in test.get("given").unwrap().items() {
        let (own, diagnostics) = parse(Text::new("s.yaml", alone(given)), Notation::Yaml);
        assert_eq!(diagnostics, []);
        let again = own.roots().next().unwrap();
        assert!(again.same_content(given));
        assert_eq!(again.position(), given.position());
        let names = (again.get("name").unwrap(), given.get("name").unwrap());
        assert_eq!(names.0.position(), names.1.position());
    }
}

proptest! {
    #[test]
    fn no_text_stops_the_reader(text in "[-a-z:{}\\[\\],\" \n&*!|>]{0,200}") {
        let (document, _) = parse(Text::new("s.yaml", text.as_str()), Notation::Yaml);
        read(&document);
        let values = document.values().map(alone);
        prop_assert!(values.into_iter().all(|own| own.lines().count() <= text.lines().count()));
    }

    /// Words that suites know, in any order and nesting.
    #[test]
    fn no_suite_stops_the_reader(words in prop::collection::vec(prop::sample::select(vec![
        "definition: a\n", "tests:\n", "- name: x\n", "  given: y\n", "  given: {a: b}\n", "  expect: compliant\n",
        "  expect: [{state: exempt}]\n", "  effect: Deny\n", "parameters: {a: 1}\n", "  - []\n", "  expect:\n",
    ]), 0..12)) {
        let text = words.concat();
        let (document, _) = parse(Text::new("s.yaml", text), Notation::Yaml);
        let suite = read(&document);
        prop_assert!(suite.tests.iter().all(|test| !test.expected.is_empty() && !test.given.is_empty()));
    }
}
