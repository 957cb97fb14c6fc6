use palisade_document::{Kind, Notation};
use proptest::prelude::*;

use crate::{covered, messages, read};

#[test]
fn values_have_their_span() {
    let (document, diagnostics) = read(
        Notation::Json,
        "{ // note\n \"a\": [1, true, null, \"x\\\"y\"],\n}",
    );
    assert!(diagnostics.is_empty());
    let root = document.roots().next().unwrap();
    let list = root.get("a").unwrap();
    let spans: Vec<_> = list.items().map(covered).collect();
    assert_eq!(spans, ["1", "true", "null", "\"x\\\"y\""]);
    assert_eq!(list.items().last().unwrap().as_str(), Some("x\"y"));
    assert_eq!(covered(list), "[1, true, null, \"x\\\"y\"]");
    assert_eq!(document.comments().len(), 1);
}

#[test]
fn keys_match_in_any_case_only_when_asked() {
    let (document, _) = read(Notation::Json, r#"{"networkProfile": 1}"#);
    let root = document.roots().next().unwrap();
    assert!(root.get("NetworkProfile").is_none());
    assert_eq!(
        root.get_ignore_case("NETWORKPROFILE").unwrap().as_i64(),
        Some(1)
    );
}

#[test]
fn the_last_of_two_equal_keys_counts_and_is_reported() {
    let (document, diagnostics) = read(Notation::Json, r#"{"a": 1, "a": 2}"#);
    assert_eq!(
        document.roots().next().unwrap().get("a").unwrap().as_i64(),
        Some(2)
    );
    assert_eq!(
        messages(&diagnostics),
        ["1:10 key `a` is given twice; the last one counts"]
    );
}

#[test]
fn several_values_in_one_file_are_several_roots() {
    let (document, diagnostics) = read(Notation::Json, "{\"a\":1}\n{\"a\":2}");
    assert!(diagnostics.is_empty());
    assert_eq!(document.roots().len(), 2);
}

#[test]
fn errors_name_the_place() {
    for (content, message) in [
        ("{\"a\": ", "1:7 the file ends inside a value"),
        ("{\"a\" 1}", "1:6 expected `:`, found a number"),
        (
            "[1 2]",
            "1:4 expected `,` or the end of the list or mapping, found a number",
        ),
        (
            "{a: 1}",
            "1:2 expected a key in quotes or `}`, found a bare word",
        ),
        (
            "[1}",
            "1:3 expected `,` or the end of the list or mapping, found `}`",
        ),
        ("\n  ]", "2:3 expected a value, found `]`"),
    ] {
        assert_eq!(
            messages(&read(Notation::Json, content).1),
            [message],
            "{content}"
        );
    }
}

#[test]
fn values_before_an_error_are_kept() {
    let (document, diagnostics) = read(Notation::Json, "{\"a\": 1}\n{\"b\": ");
    assert_eq!(document.roots().len(), 1);
    assert_eq!(diagnostics.len(), 1);
}

#[test]
fn redaction_leaves_every_other_span_true() {
    let (mut document, _) = read(
        Notation::Json,
        r#"{"key": "s\u0065cret", "k2": "plain", "next": 7}"#,
    );
    let root = document.roots().next().unwrap();
    let nodes = [
        root.get("key").unwrap().node(),
        root.get("k2").unwrap().node(),
    ];
    document.redact(&nodes);
    let root = document.roots().next().unwrap();
    assert_eq!(root.get("key").unwrap().scalar(), "*****");
    assert_eq!(root.get("k2").unwrap().scalar(), "*****");
    assert!(!document.text().content().contains("cret"));
    assert_eq!(covered(root.get("next").unwrap()), "7");
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        "\\PC{0,12}".prop_map(Into::into),
        Just("tab\tquote\"back\\slash\nline".into()),
    ];
    leaf.prop_recursive(4, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map("\\PC{0,6}", inner, 0..6)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

fn rebuild(value: palisade_document::Value<'_>) -> serde_json::Value {
    match value.kind() {
        Kind::Null => serde_json::Value::Null,
        Kind::Bool => value.as_bool().into(),
        Kind::Number => value.as_i64().into(),
        Kind::String => value.scalar().into(),
        Kind::Array => value.items().map(rebuild).collect(),
        Kind::Object => serde_json::Value::Object(
            value
                .entries()
                .map(|entry| (entry.name().to_owned(), rebuild(entry.value)))
                .collect(),
        ),
        Kind::Unknown => unreachable!("a parsed value is known"),
    }
}

proptest! {
    /// An independent reader and this one see the same values.
    #[test]
    fn agrees_with_serde_json(value in any_json(), pretty in any::<bool>()) {
        let content = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let (document, diagnostics) = read(Notation::Json, &content.unwrap());
        prop_assert!(diagnostics.is_empty(), "{:?}", diagnostics);
        prop_assert_eq!(rebuild(document.roots().next().unwrap()), value);
    }

    /// JSON is YAML, and both readers agree on it.
    #[test]
    fn the_yaml_reader_agrees_on_json(value in any_json()) {
        let content = serde_json::to_string_pretty(&value).unwrap();
        let (document, diagnostics) = read(Notation::Yaml, &content);
        prop_assume!(diagnostics.is_empty());
        prop_assert_eq!(rebuild(document.roots().next().unwrap()), value);
    }
}
