//! Tests of definitions and their schema.

use std::fs;

use palisade_document::{Notation, Text, parse};
use palisade_policy::suite;

use crate::root;

#[test]
fn the_schema_of_suites_takes_what_the_reader_takes() {
    let schema = fs::read_to_string(root().join("schemas/policy-tests.v1.schema.json")).unwrap();
    let schema = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let test = |changed: &str| {
        format!(r#"{{"definition": "d.json", "tests": [{{"name": "a", {changed}}}]}}"#)
    };
    let given = r#""given": {"type": "a/b", "name": "c"}"#;
    let expect = |expected: &str| test(&format!(r#"{given}, "expect": {expected}"#));
    for (text, is_right) in [
        (expect(r#""compliant""#), true),
        (expect(r#""not-applicable""#), true),
        (expect(r#""complaint""#), false),
        (expect(r#""non-compliant", "effect": "Deny""#), true),
        (expect(r#""non-compliant", "effect": "Burn""#), false),
        (expect(r#""compliant", "effect": "Deny""#), false),
        (expect(r#""compliant", "parameters": {"a": [1]}"#), true),
        (expect(r#""compliant", "parameters": [1]"#), false),
        (expect(r#""compliant", "parameter": {}"#), false),
        (expect("[]"), false),
        (
            expect(r#"[{"subject": "c", "state": "exempt", "effect": "audit"}]"#),
            true,
        ),
        (expect(r#"[{"policy": "c", "state": "unknown"}]"#), true),
        (
            expect(r#"[{"subject": "c", "state": "unknown", "effect": "audit"}]"#),
            false,
        ),
        (expect(r#"[{"subject": "c"}]"#), false),
        (
            test(r#""given": ["a.json", {"kind": "Pod"}], "expect": "compliant""#),
            true,
        ),
        (test(r#""given": [], "expect": "compliant""#), false),
        (test(r#""given": 5, "expect": "compliant""#), false),
        (test(r#""given": "", "expect": "compliant""#), false),
        (test(r#""expect": "compliant""#), false),
        (test(given), false),
        (r#"{"tests": []}"#.to_owned(), false),
        (r#"{"definition": "a"}"#.to_owned(), false),
        (
            format!(
                r#"{{"definition": "a", "initiative": "b", "tests": [{{"name": "a", {given}, "expect": "compliant"}}]}}"#
            ),
            false,
        ),
        (
            format!(
                r#"{{"$schema": "s", "initiative": "b", "definitions": ["c"], "tests": [{{"name": "a", {given}, "expect": "compliant"}}]}}"#
            ),
            true,
        ),
        (
            format!(
                r#"{{"definitions": [5], "tests": [{{"name": "a", {given}, "expect": "compliant"}}]}}"#
            ),
            false,
        ),
    ] {
        let value = serde_json::from_str(&text).unwrap();
        assert_eq!(validator.is_valid(&value), is_right, "schema: {text}");
        let (document, _) = parse(Text::new("s.json", text.clone()), Notation::Json);
        let suite = suite::read(&document);
        let diagnostics = &suite.diagnostics;
        assert_eq!(
            diagnostics.is_empty(),
            is_right,
            "reader: {text} {diagnostics:?}"
        );
        assert!(diagnostics.iter().all(|one| one.position.is_some()));
    }
}
