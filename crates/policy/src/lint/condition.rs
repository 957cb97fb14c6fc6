//! Conditions that always or never hold, and conditions on lists that mean something else than
//! they seem to.

use std::collections::BTreeSet;

use palisade_document::{Kind, Value};

use super::{LintKind, Notes};
use crate::aliases::{Catalogue, group_of};
use crate::condition::{Condition, Count, Leaf, Subject};
use crate::definition::Definition;
use crate::expression::{self, Reads};
use crate::names::is_root_field;

/// Remarks upon the conditions of a definition.
pub(super) fn conditions<'e>(
    definition: &Definition<'e>,
    types: Option<&BTreeSet<String>>,
    catalogue: &Catalogue,
    notes: &mut Notes<'e>,
) {
    let condition = &definition.rule.condition;
    if types.is_some_and(BTreeSet::is_empty) {
        let message = "no resource has all of the types that the condition asks for";
        notes.note(LintKind::ConditionConstant, condition.place(), message);
    }
    if let Some(types) = types.filter(|types| !types.is_empty()) {
        foreign(condition, types, catalogue, notes);
    }
    walk(condition, &Inside::default(), notes);
    if let Some(existence) = &definition.rule.then.existence {
        walk(existence, &Inside::default(), notes);
    }
}

/// What a condition stands in.
#[derive(Clone, Default)]
struct Inside {
    /// The lists whose items are counted, in lower case.
    lists: Vec<String>,
    /// Whether it is negated.
    is_negated: bool,
}

fn walk<'e>(condition: &Condition<'e>, inside: &Inside, notes: &mut Notes<'e>) {
    match condition {
        Condition::AllOf(at, inner) | Condition::AnyOf(at, inner) => {
            if inner.is_empty() {
                let word = match condition {
                    Condition::AllOf(..) => "always",
                    _ => "never",
                };
                let message = format!("`{}` of nothing {word} holds", at.scalar());
                notes.note(LintKind::ConditionConstant, *at, message);
            }
            inner.iter().for_each(|inner| walk(inner, inside, notes));
        }
        Condition::Not(_, inner) => {
            let inside = Inside {
                is_negated: !inside.is_negated,
                ..inside.clone()
            };
            walk(inner, &inside, notes);
        }
        Condition::Leaf(leaf) => {
            constant(leaf, notes);
            list(leaf, inside, notes);
            if let Subject::Count(Count {
                of,
                condition: Some(inner),
                ..
            }) = &leaf.subject
            {
                let mut inside = inside.clone();
                inside.is_negated = false;
                inside.lists.push(of.scalar().to_ascii_lowercase());
                walk(inner, &inside, notes);
            }
        }
    }
}

/// Comparisons whose outcome is settled.
fn constant<'e>(leaf: &Leaf<'e>, notes: &mut Notes<'e>) {
    let operator = leaf.operator.scalar().to_ascii_lowercase();
    let is_empty_list = leaf.expected.kind() == Kind::Array && leaf.expected.items().len() == 0;
    let settled = match operator.as_str() {
        "in" if is_empty_list => Some((false, "nothing is in an empty list")),
        "notin" if is_empty_list => Some((true, "nothing is in an empty list")),
        _ => None,
    };
    let counted = match &leaf.subject {
        Subject::Count(_) => settled_count(&operator, leaf.expected.as_i64()),
        _ => None,
    };
    if let Some((holds, why)) = settled.or(counted) {
        let word = if holds { "always" } else { "never" };
        let message = format!("the comparison {word} holds: {why}");
        notes.note(LintKind::ConditionConstant, leaf.operator, message);
    } else if let Subject::Value(value) = leaf.subject
        && is_fixed(value)
        && is_fixed(leaf.expected)
    {
        let message = "the comparison is of two fixed values: it always holds, or never";
        notes.note(LintKind::ConditionConstant, leaf.operator, message);
    }
}

fn settled_count(operator: &str, bound: Option<i64>) -> Option<(bool, &'static str)> {
    let bound = bound?;
    const NEVER_LESS: &str = "a count is never less than 0";
    match operator {
        "greaterorequals" if bound <= 0 => Some((true, NEVER_LESS)),
        "greater" | "notequals" if bound < 0 => Some((true, NEVER_LESS)),
        "less" if bound <= 0 => Some((false, NEVER_LESS)),
        "lessorequals" | "equals" if bound < 0 => Some((false, NEVER_LESS)),
        _ => None,
    }
}

/// Whether a value is the same for every resource, assignment and time.
fn is_fixed(value: Value<'_>) -> bool {
    match value.kind() {
        Kind::Unknown => false,
        Kind::Array => value.items().all(is_fixed),
        Kind::Object => value.entries().all(|entry| is_fixed(entry.value)),
        Kind::String => match expression::of(value.scalar()) {
            None => true,
            Some(Err(_)) => false,
            Some(Ok(expression)) => {
                let mut reads = Reads::default();
                expression::note(&expression, &mut reads);
                let text = value.scalar().to_ascii_lowercase();
                let depends = ["utcnow(", "current(", "field("];
                reads == Reads::default() && !depends.iter().any(|call| text.contains(call))
            }
        },
        _ => true,
    }
}

/// Comparisons with lists that are easily mistaken.
fn list<'e>(leaf: &Leaf<'e>, inside: &Inside, notes: &mut Notes<'e>) {
    match &leaf.subject {
        Subject::Field(field) => {
            let name = field.scalar().to_ascii_lowercase();
            let is_item = inside.lists.iter().any(|list| name.starts_with(list));
            if name.contains("[*]") && !is_item && !inside.is_negated {
                let message = "the comparison is with every item, and so it holds for an empty list; `count` says how many items must be so";
                notes.note(LintKind::ListPitfall, *field, message);
            }
        }
        Subject::Count(count) if count.is_field => {
            let name = count.of.scalar();
            let is_plain = expression::of(name).is_none();
            if is_plain && !name.contains("[*]") {
                let message = format!("`count` needs the items of a list: `{name}[*]`");
                notes.note(LintKind::ListPitfall, count.of, message);
            } else if let Some(condition) = &count.condition
                && is_plain
                && !reads_item(condition, name)
            {
                let message = "`where` reads nothing of the items that are counted";
                notes.note(LintKind::ListPitfall, condition.place(), message);
            }
        }
        _ => {}
    }
}

/// Whether a condition reads something of the items of a list.
fn reads_item(condition: &Condition<'_>, list: &str) -> bool {
    let list = list.to_ascii_lowercase();
    let mut found = false;
    condition.each(&mut |leaf| {
        super::rule::texts(leaf.value, &mut |text| {
            let text = text.scalar().to_ascii_lowercase();
            found |= text.starts_with(&list) || text.contains("current(") || text.contains(&list);
        });
    });
    found
}

/// Comparisons of a type's resources with an alias that they don't have.
fn foreign<'e>(
    condition: &Condition<'e>,
    types: &BTreeSet<String>,
    catalogue: &Catalogue,
    notes: &mut Notes<'e>,
) {
    condition.each(&mut |leaf| {
        let field = match &leaf.subject {
            Subject::Field(field) => *field,
            Subject::Count(count) if count.is_field => count.of,
            _ => return,
        };
        let name = field.scalar().to_ascii_lowercase();
        if expression::of(&name).is_some() || is_root_field(&name) {
            return;
        }
        let aliases = catalogue.find(&name);
        let has_it = aliases
            .iter()
            .any(|alias| types.contains(&alias.resource_type))
            || types.contains(group_of(&name));
        if !aliases.is_empty() && !has_it {
            let message = format!(
                "no resource of the types that the condition asks for has the alias `{}`",
                field.scalar()
            );
            notes.note(LintKind::ConditionConstant, field, message);
        }
    });
}
