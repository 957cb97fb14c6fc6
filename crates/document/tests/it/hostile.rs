use palisade_document::{Kind, Notation, Text, Value};
use proptest::prelude::*;

use crate::{messages, read};

#[test]
fn cyclic_anchors_are_an_error_with_a_place() {
    let (document, diagnostics) = read(Notation::Yaml, "a: &a\n  b: *a\n---\nok: 1\n");
    assert_eq!(
        messages(&diagnostics),
        ["2:6 the alias stands inside the value that it names"]
    );
    assert_eq!(document.roots().len(), 1);
}

#[test]
fn a_billion_laughs_is_refused() {
    let mut content = String::from("l0: &l0 [ha, ha, ha, ha, ha, ha, ha, ha, ha]\n");
    for level in 1..10 {
        let alias = format!("*l{}, ", level - 1).repeat(9);
        content.push_str(&format!(
            "l{level}: &l{level} [{}]\n",
            alias.trim_end_matches(", ")
        ));
    }
    let (document, diagnostics) = read(Notation::Yaml, &content);
    assert_eq!(document.roots().len(), 0);
    assert!(
        diagnostics[0].message.contains("expand to more than"),
        "{diagnostics:?}"
    );
}

#[test]
fn deep_nesting_is_an_error_not_a_crash() {
    for (notation, content) in [
        (Notation::Json, "[".repeat(1_000_000)),
        (Notation::Json, "{\"a\":".repeat(200_000)),
        (Notation::Yaml, "[".repeat(100_000)),
        (
            Notation::Yaml,
            (0..5_000)
                .map(|n| format!("{}a:\n", " ".repeat(n)))
                .collect(),
        ),
    ] {
        let (_, diagnostics) = read(notation, &content);
        assert_eq!(diagnostics.len(), 1, "{notation:?}");
        assert!(diagnostics[0].position.is_some());
    }
}

#[test]
fn an_unknown_alias_is_an_error_with_a_place() {
    let (_, diagnostics) = read(Notation::Yaml, "a: *nobody\n");
    assert_eq!(
        messages(&diagnostics),
        ["1:4 the alias names no anchor before it"]
    );
}

#[test]
fn an_empty_file_is_no_value() {
    for notation in [Notation::Json, Notation::Yaml] {
        let (document, diagnostics) = read(notation, "\n  \n");
        assert!(diagnostics.is_empty());
        assert!(document.roots().all(|root| root.kind() == Kind::Null));
    }
}

/// Visits every value and checks that its span lies in the text and in its parent's span.
fn check_spans(value: Value<'_>, text: &Text) {
    let range = value.span().range();
    assert!(text.content().get(range).is_some());
    for item in value.items() {
        check_spans(item, text);
    }
    for entry in value.entries() {
        check_spans(entry.key, text);
        check_spans(entry.value, text);
    }
}

proptest! {
    #[test]
    fn nothing_panics_and_spans_are_in_the_text(
        content in "([\\[\\]{}:,\"'&*<>|#\\- \n\\\\]|\\PC|a: |- |&a |\\*a |---\n|\"x\"|[0-9]){0,60}",
        is_json in any::<bool>(),
    ) {
        let notation = if is_json { Notation::Json } else { Notation::Yaml };
        let (document, _) = read(notation, &content);
        for root in document.roots() {
            check_spans(root, document.text());
        }
    }
}
