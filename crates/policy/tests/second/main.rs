//! The built-in definitions asked of random resources, by the evaluator and by an interpreter of
//! its own.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod interpreter;

use interpreter::Interpreter;
use palisade_document::{Notation, Text, parse};
use palisade_policy::{
    Answer, Arguments, Asker, Body, Candidates, Catalogue, Datum, Definition, NotEvaluated,
    Question, Rulebook, builtin,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

/// What a setting may be.
const VALUES: [&str; 19] = [
    "null",
    "true",
    "false",
    "\"true\"",
    "\"False\"",
    "\"\"",
    "[]",
    "{}",
    "0",
    "10",
    "\"60\"",
    "\"azure\"",
    "\"Off\"",
    "\"Disabled\"",
    "\"Prevention\"",
    "\"Developer\"",
    "\"None\"",
    "[\"0.0.0.0/0\"]",
    "{\"id\": \"/x\"}",
];

/// The fields that a rule names.
fn fields(rule: &Value, found: &mut Vec<String>) {
    match rule {
        Value::Object(members) => {
            for (key, value) in members {
                if let ("field", Some(name)) = (key.as_str(), value.as_str()) {
                    found.push(name.to_owned());
                }
                fields(value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| fields(item, found)),
        _ => {}
    }
}

/// Puts a value at a path, for some items of each list on the way.
fn put(target: &mut Value, path: &str, value: &Value, items: usize) {
    if path.is_empty() {
        *target = value.clone();
        return;
    }
    if let Some(rest) = path.strip_prefix("[*]") {
        if !target.is_array() {
            *target = json!([{}, {}]);
        }
        let list = target.as_array_mut().unwrap();
        for item in list.iter_mut().take(items) {
            put(item, rest.trim_start_matches('.'), value, items);
        }
        return;
    }
    let end = path.find(['.', '[']).unwrap_or(path.len());
    if !target.is_object() {
        *target = json!({});
    }
    let inner = target
        .as_object_mut()
        .unwrap()
        .entry(&path[..end])
        .or_insert(Value::Null);
    put(inner, path[end..].trim_start_matches('.'), value, items);
}

/// What the evaluator says of the condition: whether it holds.
fn evaluator(definition: &str, resource: &str) -> Option<bool> {
    let text = |text: &str| parse(Text::new("x.json", text), Notation::Json).0;
    let (rule, body) = (text(definition), text(resource));
    let definition = Definition::read(rule.roots().next()?).0?;
    let arguments = Arguments::default().complete(&definition.parameters).ok()?;
    let rulebook = Rulebook::new(vec![definition], &Catalogue::built_in());
    let compiled = rulebook.rules()[0].as_ref().ok()?;
    let facts = rulebook.facts(&Body::of_value(body.roots().next()?));
    let question = Question {
        facts: &facts,
        arguments: &arguments,
        context: &Datum::new_object(),
        effect: None,
    };
    let answer = Asker::new(&rulebook).ask(compiled, &question, &mut |_| Candidates::default());
    match answer {
        Ok(Answer::NotMet) => Some(false),
        Ok(Answer::Fires(_) | Answer::Satisfied) => Some(true),
        Ok(other) => panic!("{other:?}"),
        Err(NotEvaluated(_)) => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        // The same draws everywhere: what the documentation leaves open is no reason to fail.
        rng_seed: RngSeed::Fixed(7),
        ..ProptestConfig::default()
    })]
    #[test]
    fn both_agree(
        number in 0..64_usize,
        kind in 0..8_usize,
        draws in proptest::collection::vec((0..VALUES.len() * 2, 0..3_usize), 12),
    ) {
        let definitions: Vec<_> = builtin::definitions().collect();
        let (_, written) = definitions[number % definitions.len()];
        let text = written.document().text().content()[written.span().range()].to_owned();
        let definition: Value = serde_json::from_str(&text).unwrap();
        let properties = &definition["properties"];
        let rule = &properties["policyRule"]["if"];
        let mut named = Vec::new();
        fields(rule, &mut named);
        let types: Vec<_> = types(rule);
        let own = &types[kind % types.len()];
        let mut resource = json!({"type": own, "name": "GatewaySubnet", "location": "westeurope"});
        let catalogue = Catalogue::built_in();
        for (name, (draw, items)) in named.iter().zip(draws) {
            let aliases = catalogue.find(name);
            let alias = aliases.iter().find(|a| a.resource_type.eq_ignore_ascii_case(own));
            if let (Some(alias), Some(value)) = (alias, VALUES.get(draw)) {
                put(&mut resource, &alias.path, &serde_json::from_str(value).unwrap(), items);
            }
        }
        let mut parameters = json!({});
        for (name, parameter) in properties["parameters"].as_object().unwrap() {
            parameters[name] = parameter["defaultValue"].clone();
        }
        let interpreter = Interpreter { catalogue: &catalogue, resource: &resource, parameters: &parameters };
        let text_of = resource.to_string();
        if let (Ok(plain), Some(own)) = (interpreter.holds(rule), evaluator(&text, &text_of)) {
            prop_assert_eq!(own, plain, "{} {}", rule, text_of);
        }
    }
}

/// The types that a rule names, and one that it doesn't.
fn types(rule: &Value) -> Vec<String> {
    let mut found = vec!["Microsoft.Compute/disks".to_owned()];
    let mut conditions = vec![rule];
    while let Some(condition) = conditions.pop() {
        if condition["field"] == "type" {
            found.insert(
                0,
                condition["equals"].as_str().unwrap_or_default().to_owned(),
            );
        }
        match condition {
            Value::Object(members) => conditions.extend(members.values()),
            Value::Array(items) => conditions.extend(items),
            _ => {}
        }
    }
    found
}
