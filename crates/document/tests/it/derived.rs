#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::sync::Arc;

use palisade_document::{Derived, Document, DocumentId, Kind, Notation, Place, Value};
use proptest::prelude::*;

use crate::read;

fn derive(root: Derived) -> Document {
    Document::derive("template", &[root])
}

fn root(document: &Document) -> Value<'_> {
    document.roots().next().unwrap()
}

#[test]
fn derived_values_answer_like_parsed_ones() {
    let content = r#"{"a": [1, -2.5, true, false, null, "x"], "B": {"c": "0x10"}}"#;
    let (parsed, _) = read(Notation::Json, content);
    let document = derive(Derived::literal(root(&parsed)));
    assert!(root(&parsed).same_content(root(&document)));
    assert_eq!(
        format!("{:?}", root(&parsed)),
        format!("{:?}", root(&document))
    );
    let list = root(&document).get("a").unwrap();
    let numbers: Vec<_> = list.items().map(Value::as_i64).collect();
    assert_eq!(numbers, [Some(1), None, None, None, None, None]);
    let truths: Vec<_> = list.items().filter_map(Value::as_bool).collect();
    assert_eq!(truths, [true, false]);
    assert!(root(&document).get_ignore_case("b").is_some());
}

#[test]
fn what_is_below_an_unknown_value_is_unknown() {
    let unknown = Derived::unknown("parameter `a/b` has no value", "a parameter file");
    let document = derive(Derived::object(vec![(Derived::string("list"), unknown)]));
    let list = root(&document).get("list").unwrap();
    assert_eq!(list.kind(), Kind::Unknown);
    let below = list.get("anything").unwrap().items().next().unwrap();
    assert_eq!(
        below.unknown(),
        Some(("parameter `a/b` has no value", "a parameter file"))
    );
    assert_eq!(below.scalar(), "<unknown: parameter `a|b` has no value>");
    assert_eq!((list.items().len(), list.entries().len()), (1, 1));
    assert_eq!(
        (list.as_str(), list.as_bool(), list.as_i64()),
        (None, None, None)
    );
}

#[test]
fn a_value_knows_its_place_and_the_steps_to_it() {
    let (mut parsed, _) = read(Notation::Json, r#"{"range": "10.0.0.0/8"}"#);
    parsed.set_id(DocumentId(7));
    let literal = root(&parsed).get("range").unwrap();
    let value = Derived::literal(literal)
        .through("parameter `corpRange`'s default", None)
        .through("variable `allowed`", None);
    let document = derive(Derived::array(vec![value, Derived::string("x")]).at(Place {
        document: DocumentId(3),
        span: literal.span(),
    }));
    let items: Vec<_> = root(&document).items().collect();
    let source = items[0].provenance().unwrap();
    assert_eq!(source.place, Some(Place::of(literal)));
    assert_eq!(
        source.to_string(),
        "from variable `allowed`, from parameter `corpRange`'s default"
    );
    // Without a place of its own a value has that of what it stands in.
    let inherited = items[1].provenance().unwrap().place.unwrap();
    assert_eq!(inherited.document, DocumentId(3));
}

#[test]
fn sharing_costs_nothing_and_growth_has_a_bound() {
    let mut value = Derived::string("ha");
    for _ in 0..20 {
        value = Derived::array(vec![value.clone(), value]);
    }
    let document = derive(value.clone());
    assert_eq!(document.values().len(), 41);
    for _ in 0..40 {
        value = Derived::array(vec![value.clone(), value]);
    }
    let bounded = derive(value);
    assert!(bounded.values().any(Value::is_unknown));
    assert!(bounded.values().len() < 200);
}

#[test]
fn deep_nesting_is_unknown_at_the_bottom() {
    let mut value = Derived::string("deep");
    for _ in 0..300 {
        value = Derived::array(vec![value]);
    }
    let shared = Derived::array(vec![value.clone(), Derived::array(vec![value])]);
    let document = derive(shared);
    fn depth(value: Value<'_>) -> usize {
        match value.kind() {
            Kind::Array => 1 + value.items().map(depth).max().unwrap_or_default(),
            _ => 0,
        }
    }
    assert_eq!(depth(root(&document)), 256);
}

fn derived() -> impl Strategy<Value = Derived> {
    let scalar = prop_oneof![
        Just(Derived::default()),
        any::<i32>()
            .prop_map(|n| Derived::of(palisade_document::Content::Number(n.to_string().into()))),
        ".*".prop_map(Derived::string),
        ".*".prop_map(|cause| Derived::unknown(cause, "that")),
    ];
    scalar.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Derived::array),
            prop::collection::btree_map(".*", inner, 0..8).prop_map(|members| {
                let members = members.into_iter();
                Derived::object(
                    members
                        .map(|(key, value)| (Derived::string(key), value))
                        .collect(),
                )
            }),
        ]
    })
}

proptest! {
    #[test]
    fn a_derived_document_can_be_derived_again(value in derived()) {
        let once = derive(value);
        let twice = derive(Derived::literal(root(&once)));
        prop_assert!(root(&once).same_content(root(&twice)));
        for value in once.values() {
            prop_assert!(value.provenance().is_some());
            prop_assert_eq!(value.is_unknown(), value.unknown().is_some());
            prop_assert_eq!(value.scalar().contains('/') && value.is_unknown(), false);
        }
    }
}

#[test]
fn a_shared_list_keeps_the_steps_of_each_use() {
    let list = Arc::new(vec![Derived::string("x")]);
    let part = |label: &str| {
        Derived::of(palisade_document::Content::Array(Arc::clone(&list))).through(label, None)
    };
    let document = derive(Derived::array(vec![part("one"), part("two")]));
    let ways: Vec<_> = root(&document)
        .items()
        .map(|item| item.provenance().unwrap().to_string())
        .collect();
    assert_eq!(ways, ["from one", "from two"]);
}
