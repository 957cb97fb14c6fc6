//! Definitions that aren't any, and such as would take all time or memory: each has its reason,
//! and the rest is evaluated.

use std::fmt::Write;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use palisade_policy::{Catalogue, Definition, Library, Plan, Rulebook, State, review};
use palisade_sources::{File, read_all};
use proptest::prelude::*;

use crate::document;

const SUBSCRIPTION: &str = "/subscriptions/00000000-0000-0000-0000-000000000001";

/// What is said about an estate with some definitions, all of them assigned, beside a sound one:
/// the places and messages of what can't be read, and the states.
fn said(definitions: &[(&str, &str)]) -> Vec<String> {
    let scope = format!("{SUBSCRIPTION}/providers/Microsoft.Authorization");
    let sound = r#"{"if": {"field": "type", "equals": "Microsoft.Network/virtualNetworks"}, "then": {"effect": "audit"}}"#;
    let mut text = format!(
        r#"[{{"id": "{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net",
        "type": "Microsoft.Network/virtualNetworks", "name": "net", "location": "westeurope", "tags": {{"long": "{}"}},
        "properties": {{"subnets": []}}}}"#,
        "x".repeat(1_000)
    );
    for (name, rule) in [("sound", sound)].iter().chain(definitions) {
        write!(
            text,
            r#",
{{"id": "{scope}/policyDefinitions/{name}", "type": "Microsoft.Authorization/policyDefinitions", "name": "{name}",
"properties": {{"displayName": "{name}", "mode": "All", "policyRule":
{rule}
}}}},
{{"id": "{scope}/policyAssignments/{name}", "type": "Microsoft.Authorization/policyAssignments", "name": "{name}",
"properties": {{"policyDefinitionId": "{scope}/policyDefinitions/{name}"}}}}"#
        )
        .unwrap();
    }
    text.push(']');
    let load = |_: &()| {
        Ok(File {
            path: "estate.json".to_owned(),
            bytes: text.clone().into_bytes(),
        })
    };
    let input = read_all(&[()], load, false);
    assert_eq!(input.diagnostics, []);
    let plan = Plan::of_assignments(&input.estate, &Library::read(&input.estate));
    let remarks: Vec<_> = plan
        .remarks
        .iter()
        .map(|remark| {
            let diagnostic = remark.diagnostic();
            format!("{}: {}", diagnostic.position.unwrap(), diagnostic.message)
        })
        .collect();
    let now: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
    let review = review(&input.estate, plan, &Catalogue::built_in(), now);
    let not_compiled = review.rulebook.rules().iter().zip(&review.titles);
    let not_compiled = not_compiled
        .filter_map(|(rule, title)| Some(format!("{title}: {}", rule.as_ref().err()?.0)));
    let rows = review.rows.iter().map(|row| {
        let title = &review.titles[review.planned[row.planned].rule];
        match &row.state {
            State::NotEvaluated(why) => format!("{title}: {why}"),
            state => format!("{title} {}", state.word()),
        }
    });
    let mut all: Vec<_> = remarks
        .into_iter()
        .chain(not_compiled)
        .chain(rows)
        .collect();
    let sound = all.iter().position(|line| line == "sound non-compliant");
    all.remove(sound.unwrap());
    all
}

fn one(rule: &str) -> String {
    said(&[("odd", rule)]).join("; ")
}

/// A rule that compares an expression.
fn asking(expression: &str) -> String {
    let text = serde_json::to_string(expression).unwrap();
    format!(r#"{{"if": {{"value": {text}, "equals": "x"}}, "then": {{"effect": "audit"}}}}"#)
}

#[test]
fn what_is_no_definition_is_told_at_its_line() {
    let cases = [
        (r#""deny""#, "12:1: the rule has no `if`"),
        (r#"{"if": {}}"#, "12:1: the rule has no `then`"),
        (
            r#"{"if": [], "then": {"effect": "audit"}}"#,
            "12:8: a condition must be an object",
        ),
        (
            r#"{"if": {"field": "type", "is": "x"}, "then": {"effect": "audit"}}"#,
            "12:26: `is` is no operator and no part of a condition",
        ),
        (
            r#"{"if": {"allOf": {}}, "then": {"effect": "audit"}}"#,
            "12:18: `allOf` must be a list of conditions",
        ),
        (
            r#"{"if": {"field": "type", "equals": "x"}, "then": {}}"#,
            "12:50: `then` has no `effect`",
        ),
        (
            r#"{"if": {"field": "type", "equals": "x"}, "then": {"effect": []}}"#,
            "12:61: `effect` must be a string",
        ),
    ];
    for (rule, expected) in cases {
        let found = one(rule);
        assert!(found.ends_with(expected), "{rule}: {found}");
    }
}

#[test]
fn what_the_evaluator_does_not_know_is_not_evaluated() {
    let found = one(&asking("[frobnicate('a')]"));
    assert!(found.contains("frobnicate"), "{found}");
    let found = one(&asking("[uniqueString('a')]"));
    assert!(found.to_lowercase().contains("uniquestring"), "{found}");
    let found = one(
        r#"{"if": {"field": "Microsoft.Made/up.alias", "equals": "x"}, "then": {"effect": "audit"}}"#,
    );
    assert!(found.contains("isn't in the catalogue"), "{found}");
    let found = one(
        r#"{"if": {"field": "type", "like": "Microsoft.Network/*"}, "then": {"effect": "explode"}}"#,
    );
    assert!(found.contains("`explode` is no effect"), "{found}");
}

#[test]
fn what_would_take_all_memory_is_not_evaluated() {
    let mut replaced = "field('tags.long')".to_owned();
    let mut formatted = "field('tags.long')".to_owned();
    let mut joined = "field('tags.long')".to_owned();
    for _ in 0..8 {
        replaced = format!("replace({replaced}, 'x', 'xxxxxxxxxxxxxxxx')");
        formatted =
            format!("format('{{0}}{{0}}{{0}}{{0}}{{0}}{{0}}{{0}}{{0}}{{0}}{{0}}', {formatted})");
        joined = format!("join(split({joined}, ''), field('tags.long'))");
    }
    for expression in [
        "padLeft('x', 99999999999)".to_owned(),
        "padLeft('x', length(field('tags.long')))".to_owned(),
        replaced,
        formatted,
        joined,
    ] {
        let found = one(&asking(&format!("[{expression}]")));
        assert!(
            found.contains("an expression may make a value of more than"),
            "{expression}: {found}"
        );
    }
    // What people write is no danger.
    for expression in [
        "padLeft(field('name'), 16)",
        "replace(replace(toLower(field('tags.long')), '-', ''), '_', '')",
        "replace(field('id'), field('name'), '')",
        "format('{0}-{1}', field('name'), field('location'))",
        "concat(field('name'), join(split(field('id'), '/'), '|'))",
    ] {
        let found = one(&asking(&format!("[{expression}]")));
        let is_compliant = found.split("; ").all(|line| line == "odd compliant");
        assert!(is_compliant, "{expression}: {found}");
    }
}

#[test]
fn what_would_take_all_time_is_given_up() {
    let mut condition = r#"{"value": "[current('n0')]", "equals": -1}"#.to_owned();
    for depth in 0..4 {
        condition = format!(
            r#"{{"count": {{"value": "[range(0, 5000)]", "name": "n{depth}", "where": {condition}}}, "equals": 1}}"#
        );
    }
    let started = Instant::now();
    let found = one(&format!(
        r#"{{"if": {condition}, "then": {{"effect": "audit"}}}}"#
    ));
    assert!(found.starts_with("odd: "), "{found}");
    assert!(
        started.elapsed() < Duration::from_secs(120),
        "{:?}",
        started.elapsed()
    );
}

#[test]
fn depth_is_no_danger() {
    let nested = |depth: usize, open: &str, close: &str| {
        format!(
            r#"{{"if": {}{{"field": "type", "equals": "x"}}{}, "then": {{"effect": "audit"}}}}"#,
            open.repeat(depth),
            close.repeat(depth)
        )
    };
    for depth in [10, 100, 230] {
        one(&nested(depth, r#"{"not": "#, "}"));
    }
    for depth in [10, 50, 110] {
        one(&nested(depth, r#"{"allOf": ["#, "]}"));
        let calls = format!("[{}'x'{}]", "toLower(".repeat(depth), ")".repeat(depth));
        one(&asking(&calls));
    }
    one(&asking(&format!("[{}]", "'".repeat(5_001))));
}

/// A set that holds itself is no set.
#[test]
fn an_initiative_in_itself_ends() {
    let id = format!("{SUBSCRIPTION}/providers/Microsoft.Authorization/policySetDefinitions/i");
    let text = format!(
        r#"[{{"id": "{id}", "type": "Microsoft.Authorization/policySetDefinitions", "name": "i",
            "properties": {{"policyDefinitions": [{{"policyDefinitionId": "{id}"}}]}}}},
        {{"id": "{SUBSCRIPTION}/providers/Microsoft.Authorization/policyAssignments/a", "name": "a",
            "type": "Microsoft.Authorization/policyAssignments", "properties": {{"policyDefinitionId": "{id}"}}}}]"#
    );
    let load = |text: &String| {
        Ok(File {
            path: "estate.json".to_owned(),
            bytes: text.clone().into_bytes(),
        })
    };
    let input = read_all(&[text], load, false);
    let plan = Plan::of_assignments(&input.estate, &Library::read(&input.estate));
    assert_eq!(plan.missing.len(), 1);
    assert!(plan.planned.is_empty());
}

/// Reads and compiles whatever there is.
fn survives(text: &str) {
    let document = document(text);
    for root in document.roots() {
        let (definition, remarks) = Definition::read(root);
        assert!(definition.is_some() || !remarks.is_empty());
        let rules = Rulebook::new(definition.into_iter().collect(), &Catalogue::built_in());
        assert!(rules.rules().len() <= 1);
    }
}

proptest! {
    #[test]
    fn no_text_stops_the_reader(text in "[-a-zA-Z\\[\\]{}:,\"'() 0-9*/.]{0,160}") {
        survives(&text);
    }

    /// Words of the language, in any order and nesting.
    #[test]
    fn no_rule_stops_the_reader(words in prop::collection::vec(prop::sample::select(vec![
        r#"{"field": "type", "equals": "a/b"}"#, r#"{"allOf": ["#, "]}", r#"{"anyOf": ["#, r#"{"not": "#, "}", ",",
        r#"{"value": "[concat(field('name'), parameters('p'))]", "like": "*"}"#,
        r#"{"count": {"field": "Microsoft.Network/virtualNetworks/subnets[*]", "where": "#, r#"}, "greater": 1}"#,
        r#"{"value": "[padLeft(replace(field('id'), 'a', field('id')), 9)]", "in": ["x"]}"#,
        r#"{"field": "tags['a']", "exists": true}"#, r#"{"field": "[concat('tags.', field('name'))]", "notEquals": null}"#,
    ]), 0..10)) {
        let condition = words.concat();
        survives(&format!(r#"{{"if": {condition}, "then": {{"effect": "audit"}}}}"#));
    }
}
