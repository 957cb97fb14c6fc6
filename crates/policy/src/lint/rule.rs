//! Names in a rule: aliases, functions and parameters.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use palisade_arm_template::expression::{Expression, ExpressionKind};
use palisade_arm_template::function_names;
use palisade_document::{Kind, Value};

use super::{LintKind, Linter, Notes};
use crate::condition::{Condition, Subject};
use crate::definition::{Definition, Mode};
use crate::expression::{self, Reads};
use crate::names::is_root_field;
use crate::objects;
use crate::parameter::Parameter;

/// The functions that only policies have (Microsoft Learn, "Azure Policy definition structure
/// policy rule: policy functions", 2025).
const OF_POLICIES: [&str; 8] = [
    "adddays",
    "claims",
    "current",
    "field",
    "iprangecontains",
    "policy",
    "requestcontext",
    "utcnow",
];

/// The functions of templates that policies don't have; those called `list…` are others (same
/// page).
const NOT_IN_POLICIES: [&str; 18] = [
    "copyindex",
    "datetimeadd",
    "datetimefromepoch",
    "datetimetoepoch",
    "deployment",
    "environment",
    "extensionresourceid",
    "lambda",
    "managementgroup",
    "newguid",
    "pickzones",
    "providers",
    "reference",
    "resourceid",
    "subscriptionresourceid",
    "tenant",
    "tenantresourceid",
    "variables",
];

static KNOWN: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let names = function_names().into_iter().map(str::to_ascii_lowercase);
    names.chain(OF_POLICIES.map(str::to_owned)).collect()
});

/// Every text that is evaluated as the definition's own, which those of a template aren't that it
/// deploys.
pub(super) fn texts<'d>(value: Value<'d>, act: &mut dyn FnMut(Value<'d>)) {
    match value.kind() {
        Kind::String => act(value),
        Kind::Array => value.items().for_each(|item| texts(item, act)),
        Kind::Object => {
            let is_template = |name: &str| name.eq_ignore_ascii_case("template");
            let own = value.entries().filter(|entry| !is_template(entry.name()));
            own.for_each(|entry| texts(entry.value, act));
        }
        _ => {}
    }
}

/// What the expressions in a text say: each call.
fn calls(expression: &Expression, act: &mut dyn FnMut(&str, &[Expression])) {
    match &expression.kind {
        ExpressionKind::Text(_) | ExpressionKind::Number(_) => {}
        ExpressionKind::Member { base, .. } => calls(base, act),
        ExpressionKind::Index { base, index } => {
            calls(base, act);
            calls(index, act);
        }
        ExpressionKind::Call { name, arguments } => {
            act(name.key(), arguments);
            arguments.iter().for_each(|inner| calls(inner, act));
        }
    }
}

/// Remarks upon parameters that are used and not declared, or declared and not used, in a part of
/// a definition or an initiative.
pub(super) fn parameters<'e>(part: Value<'e>, declared: &[Parameter<'e>], notes: &mut Notes<'e>) {
    let mut used = BTreeSet::new();
    let mut is_dynamic = false;
    texts(part, &mut |text| {
        let Some(Ok(expression)) = expression::of(text.scalar()) else {
            return;
        };
        calls(&expression, &mut |function, arguments| {
            if function != "parameters" {
                return;
            }
            let Some(ExpressionKind::Text(name)) = arguments.first().map(|first| &first.kind)
            else {
                is_dynamic = true;
                return;
            };
            let key = name.to_ascii_lowercase();
            let is_declared = declared
                .iter()
                .any(|own| own.name.eq_ignore_ascii_case(&key));
            if !is_declared {
                let message = format!("the parameter `{name}` isn't declared");
                notes.note(LintKind::ParameterUndeclared, text, message);
            }
            used.insert(key);
        });
    });
    let unused = declared
        .iter()
        .filter(|own| !is_dynamic && !used.contains(&own.name.to_ascii_lowercase()));
    for parameter in unused {
        let message = format!(
            "the parameter `{}` is declared and not used",
            parameter.name
        );
        notes.note(LintKind::ParameterUnused, parameter.place, message);
    }
}

impl<'e> Linter<'e, '_> {
    /// Remarks upon functions and aliases in a rule.
    pub(super) fn names(&self, definition: &Definition<'e>, notes: &mut Notes<'e>) {
        let rule = properties_rule(definition.value);
        texts(rule, &mut |text| {
            let Some(Ok(expression)) = expression::of(text.scalar()) else {
                return;
            };
            calls(&expression, &mut |function, _| {
                if let Some(message) = refused(function) {
                    notes.note(LintKind::FunctionUnknown, text, message);
                }
            });
            let mut reads = Reads::default();
            expression::note(&expression, &mut reads);
            for field in &reads.fields {
                self.alias(definition, field, text, notes);
            }
        });
        let then = &definition.rule.then;
        for condition in [Some(&definition.rule.condition), then.existence.as_ref()] {
            let Some(condition) = condition else { continue };
            fields(condition, &mut |field| {
                self.alias(definition, field.scalar(), field, notes);
            });
        }
        let details = then.details;
        let operations = details.and_then(|details| details.get_ignore_case("operations"));
        let changed = operations.or(details).into_iter().flat_map(Value::items);
        for field in changed.filter_map(|item| item.get_ignore_case("field")) {
            self.alias(definition, field.scalar(), field, notes);
        }
    }

    fn alias(&self, definition: &Definition<'e>, name: &str, at: Value<'e>, notes: &mut Notes<'e>) {
        let is_listed = match &definition.mode {
            Mode::All | Mode::Indexed => true,
            Mode::Provider(mode) => mode.eq_ignore_ascii_case(objects::MODE),
        };
        let is_known = expression::of(name).is_some()
            || is_root_field(&name.to_ascii_lowercase())
            || !self.catalogue.find(name).is_empty();
        if is_listed && !is_known {
            let message = format!("no alias is called `{name}`");
            notes.note(LintKind::AliasUnknown, at, message);
        }
    }
}

/// The rule of a definition, as it is written.
pub(super) fn properties_rule(value: Value<'_>) -> Value<'_> {
    let rule = super::properties(value).get_ignore_case("policyRule");
    rule.unwrap_or(value)
}

/// The fields that comparisons name.
fn fields<'d>(condition: &Condition<'d>, act: &mut dyn FnMut(Value<'d>)) {
    condition.each(&mut |leaf| match &leaf.subject {
        Subject::Field(field) => act(*field),
        Subject::Count(count) if count.is_field => act(count.of),
        _ => {}
    });
}

fn refused(function: &str) -> Option<String> {
    let is_listing = function.starts_with("list");
    if NOT_IN_POLICIES.contains(&function) || is_listing {
        return Some(format!("policies don't have the function `{function}`"));
    }
    let is_known = KNOWN.contains(function);
    (!is_known).then(|| format!("no function is called `{function}`"))
}
