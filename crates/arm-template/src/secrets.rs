//! Where secrets are written in templates and parameter files, so that they can be masked before
//! anything keeps them.

use palisade_document::{Kind, NodeId, Value};

use crate::declarations::parameter_file;
use crate::expression::is_expression;
use crate::types::Type;

/// The texts in the defaults of secure parameters, those of nested templates included.
pub fn secret_defaults(template: Value<'_>) -> Vec<NodeId> {
    let mut found = Vec::new();
    for inner in template.document().values() {
        let parameters = inner.get_ignore_case("parameters");
        for definition in parameters.into_iter().flat_map(Value::entries) {
            let default = definition.value.get_ignore_case("defaultValue");
            let is_secure = || Type::of(inner, definition.value).is_secure();
            if let Some(default) = default.filter(|_| is_secure()) {
                texts(default, &mut found);
            }
        }
    }
    found
}

/// The texts that a parameter file gives to secure parameters of a template.
pub fn secrets_given(template: Value<'_>, file: Value<'_>) -> Vec<NodeId> {
    let declared = template.get_ignore_case("parameters");
    let mut found = Vec::new();
    for (key, given) in parameter_file(file) {
        let definition = declared.and_then(|it| it.get_ignore_case(key.scalar()));
        let is_secure = definition.is_some_and(|it| Type::of(template, it).is_secure());
        if let Some(value) = given.get_ignore_case("value").filter(|_| is_secure) {
            texts(value, &mut found);
        }
    }
    found
}

/// The texts in a value that aren't empty and aren't made by an expression.
fn texts(value: Value<'_>, found: &mut Vec<NodeId>) {
    match value.kind() {
        Kind::String if !value.scalar().is_empty() && !is_expression(value.scalar()) => {
            found.push(value.node());
        }
        Kind::Array => value.items().for_each(|item| texts(item, found)),
        Kind::Object => value.entries().for_each(|entry| texts(entry.value, found)),
        _ => {}
    }
}
