//! Functions that the Open Policy Agent still has for old modules and the engine has no more
//! (Rego reference, "Deprecated built-ins").

use std::collections::BTreeSet;

use regorus::{Engine, Value};

/// Gives the engine the functions.
pub(super) fn install(engine: &mut Engine) -> Result<(), String> {
    let truths = |items: &Value| match items {
        Value::Array(items) => Some(items.iter().map(is_true).collect::<Vec<_>>()),
        Value::Set(items) => Some(items.iter().map(is_true).collect()),
        _ => None,
    };
    let any = move |arguments: Vec<Value>| {
        let found = arguments.first().and_then(truths);
        Ok(found.map_or(Value::Undefined, |all| Value::Bool(all.contains(&true))))
    };
    let all = move |arguments: Vec<Value>| {
        let found = arguments.first().and_then(truths);
        Ok(found.map_or(Value::Undefined, |all| Value::Bool(!all.contains(&false))))
    };
    let set_diff = |arguments: Vec<Value>| match arguments.as_slice() {
        [Value::Set(left), Value::Set(right)] => {
            let kept = left.iter().filter(|item| !right.contains(item));
            Ok(Value::from(kept.cloned().collect::<BTreeSet<_>>()))
        }
        _ => Ok(Value::Undefined),
    };
    let add = |engine: &mut Engine, name: &str, count, function| {
        let added = engine.add_extension(name.to_owned(), count, function);
        added.map_err(|error| error.to_string())
    };
    add(engine, "any", 1, Box::new(any))?;
    add(engine, "all", 1, Box::new(all))?;
    add(engine, "set_diff", 2, Box::new(set_diff))
}

fn is_true(value: &Value) -> bool {
    matches!(value, Value::Bool(true))
}
