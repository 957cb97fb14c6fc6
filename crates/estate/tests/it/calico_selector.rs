use std::collections::BTreeMap;

use palisade_estate::kubernetes::CalicoSelector;
use proptest::prelude::*;

type Labels = BTreeMap<String, String>;

fn matches(selector: &str, labels: &[(&str, &str)]) -> bool {
    let selector = CalicoSelector::parse(selector).unwrap();
    selector.matches(|key| {
        let found = labels.iter().find(|(known, _)| *known == key);
        found.map(|(_, value)| *value)
    })
}

#[test]
fn comparisons_say_of_a_missing_label_only_that_it_differs() {
    let none: &[(&str, &str)] = &[];
    assert!(matches("app != 'till'", none));
    assert!(matches("app not in {'till'}", none));
    assert!(matches("! app == 'till'", none));
    for selector in [
        "app == 'till'",
        "app in {'till', ''}",
        "app contains ''",
        "app starts with ''",
        "app ends with ''",
        "has(app)",
    ] {
        assert!(!matches(selector, none), "{selector}");
    }
}

#[test]
fn comparisons_look_at_the_value() {
    let labels = [("app", "till")];
    for selector in [
        "app == 'till'",
        "app=='till'",
        "app contains 'il'",
        "app starts with 'ti'",
        "app startswith 'ti'",
        "app ends\twith \"ll\"",
        "app endswith 'll'",
        "app in{'x','till',}",
        "app notin {'x'}",
        "app not in {}",
        "!!has( app )",
        "",
        "  ",
        "all( )",
        "global()",
    ] {
        assert!(matches(selector, &labels), "{selector}");
    }
    for selector in ["app in {}", "app contains 'x'", "app != 'till'", "! all()"] {
        assert!(!matches(selector, &labels), "{selector}");
    }
}

#[test]
fn and_binds_closer_than_or_and_not_closer_still() {
    let labels = [("a", "1")];
    assert!(matches("has(a) || has(b) && has(c)", &labels));
    assert!(!matches("(has(a) || has(b)) && has(c)", &labels));
    assert!(!matches("!has(a) && has(a)", &labels));
    assert!(matches("!(has(a) && has(b))", &labels));
}

#[test]
fn words_are_operators_only_after_a_label() {
    let labels = [("in", "1"), ("contains", "2"), ("not", "3"), ("allow", "4")];
    assert!(matches("in in {'1'} && contains contains '2'", &labels));
    assert!(matches("not not in {'1'} && allow == '4'", &labels));
}

#[test]
fn what_is_no_selector_is_refused_where_it_goes_wrong() {
    let cases = [
        ("app", 3, "expected an operator after the label"),
        ("app = 'x'", 4, "expected `==`"),
        ("app == x", 7, "expected a text in quotes"),
        ("app == 'x", 7, "the text has no closing quote"),
        ("app is 'x'", 4, "expected an operator after the label"),
        ("app not 'x'", 4, "expected an operator after the label"),
        ("app in 'x'", 7, "expected `{`"),
        ("app in {'x' 'y'}", 12, "expected `}`"),
        ("(has(a)", 7, "expected `)`"),
        ("has()", 4, "expected the name of a label"),
        ("has(a b)", 6, "expected `)`"),
        ("has(a) has(b)", 7, "expected `&&`, `||` or the end"),
        ("has(a) & has(b)", 7, "expected `&&`"),
        ("has(a) |", 7, "expected `||`"),
        ("has(a) &&", 9, "expected a label, `has(…)`, `all()` or `(`"),
        ("has(ä)", 4, "expected the name of a label"),
        ("has(a)\n", 6, "a character that has no meaning here"),
    ];
    for (selector, at, message) in cases {
        let invalid = CalicoSelector::parse(selector).unwrap_err();
        assert_eq!((invalid.at, invalid.message), (at, message), "{selector}");
    }
}

#[test]
fn nesting_has_an_end() {
    let nested = |depth: usize| format!("{}has(a){}", "(".repeat(depth), ")".repeat(depth));
    assert!(CalicoSelector::parse(&nested(100)).is_ok());
    assert!(CalicoSelector::parse(&nested(100_000)).is_err());
    assert!(CalicoSelector::parse(&"!".repeat(100_001)).is_err());
    let long = format!("{}has(a)", "!".repeat(100_000));
    assert!(CalicoSelector::parse(&long).is_ok());
}

#[test]
fn namespaces_are_everything_or_nothing_to_the_two_calls() {
    let holds = |selector: &str, has_namespace| {
        let selector = CalicoSelector::parse(selector).unwrap();
        selector.matches_namespace(has_namespace, |_| None)
    };
    assert!(holds("all()", true) && !holds("all()", false));
    assert!(!holds("global()", true) && holds("global()", false));
    assert!(holds("!has(team)", true) && holds("!has(team)", false));
}

/// A selector as its meaning, written and evaluated in the plainest way.
#[derive(Clone, Debug)]
enum Model {
    Call(&'static str),
    Has(String),
    Compare(String, &'static str, String),
    Set(String, bool, Vec<String>),
    Not(Box<Self>),
    Group(bool, Vec<Self>),
}

impl Model {
    fn written(&self) -> String {
        match self {
            Self::Call(call) => (*call).to_owned(),
            Self::Has(key) => format!("has({key})"),
            Self::Compare(key, operator, value) => format!("{key}{operator}'{value}'"),
            Self::Set(key, is_in, values) => {
                let quoted: Vec<_> = values.iter().map(|value| format!("\"{value}\"")).collect();
                let operator = if *is_in { "in" } else { "not in" };
                format!("{key} {operator} {{{}}}", quoted.join(" ,"))
            }
            Self::Not(inner) => format!("!({})", inner.written()),
            Self::Group(is_and, parts) => {
                let parts: Vec<_> = parts.iter().map(Self::written).collect();
                format!("({})", parts.join(if *is_and { "&&" } else { " || " }))
            }
        }
    }

    fn holds(&self, labels: &Labels) -> bool {
        match self {
            Self::Call(_) => true,
            Self::Has(key) => labels.contains_key(key),
            Self::Compare(key, operator, value) => match (labels.get(key), *operator) {
                (label, "!=") => label != Some(value),
                (None, _) => false,
                (Some(label), "==") => label == value,
                (Some(label), " contains ") => label.contains(value),
                (Some(label), " starts with ") => label.starts_with(value),
                (Some(label), _) => label.ends_with(value),
            },
            Self::Set(key, is_in, values) => {
                labels.get(key).is_some_and(|label| values.contains(label)) == *is_in
            }
            Self::Not(inner) => !inner.holds(labels),
            Self::Group(true, parts) => parts.iter().all(|part| part.holds(labels)),
            Self::Group(false, parts) => parts.iter().any(|part| part.holds(labels)),
        }
    }
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ab]",
        "[a-c]{1,2}",
        Just("in".to_owned()),
        "[a-z./_-]{1,5}"
    ]
}

fn model() -> impl Strategy<Value = Model> {
    let operators = ["==", "!=", " contains ", " starts with ", " ends with "];
    let value = || "[ab]{0,2}";
    let leaf = prop_oneof![
        prop::sample::select(vec!["all()", "global()"]).prop_map(Model::Call),
        key().prop_map(Model::Has),
        (key(), prop::sample::select(operators.to_vec()), value())
            .prop_map(|(key, operator, value)| Model::Compare(key, operator, value)),
        (key(), any::<bool>(), prop::collection::vec(value(), 0..4))
            .prop_map(|(key, is_in, values)| Model::Set(key, is_in, values)),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| Model::Not(Box::new(inner))),
            (any::<bool>(), prop::collection::vec(inner, 1..4))
                .prop_map(|(is_and, parts)| Model::Group(is_and, parts)),
        ]
    })
}

proptest! {
    #[test]
    fn a_selector_holds_where_its_meaning_does(
        model in model(),
        labels in prop::collection::btree_map(key(), "[ab]{0,2}", 0..4),
    ) {
        let written = model.written();
        let selector = CalicoSelector::parse(&written).unwrap();
        let label = |key: &str| labels.get(key).map(String::as_str);
        prop_assert_eq!(selector.matches(label), model.holds(&labels), "{}", written);
        let canonical = selector.to_string();
        let again = CalicoSelector::parse(&canonical).unwrap();
        prop_assert_eq!(again.matches(label), model.holds(&labels), "{}", canonical);
    }

    #[test]
    fn no_text_is_too_much(text in "[ab'\"(){}!=&|, \t]{0,40}|.{0,20}") {
        if let Ok(selector) = CalicoSelector::parse(&text) {
            let canonical = selector.to_string();
            prop_assert!(CalicoSelector::parse(&canonical).is_ok(), "{}", canonical);
        }
    }
}
