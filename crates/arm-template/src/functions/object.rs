//! Objects (Microsoft Learn, "Object functions for ARM templates", 2025).

use palisade_document::{Content, Derived, Kind, Notation, Text, Value, parse};

use super::{Function, MANY, array, lenient, made_array, object_of, strict, text_of, wrong_type};
use crate::environment::Context;
use crate::evaluator::{COMPARISONS, Evaluator};
use crate::fault::{Fault, Outcome, fault};
use crate::value::{self, Members};

pub(super) const FUNCTIONS: &[Function] = &[
    lenient("createObject", 0, MANY, create_object),
    lenient("empty", 1, 1, empty),
    lenient("intersection", 2, MANY, intersection),
    lenient("items", 1, 1, items),
    strict("json", 1, 1, json),
    strict("null", 0, 0, null),
    lenient("objectKeys", 1, 1, object_keys),
    lenient("shallowMerge", 1, 1, shallow_merge),
    lenient("tryGet", 2, MANY, try_get),
    lenient("union", 1, MANY, union),
];

fn null(_: &Evaluator<'_>, _: Context<'_, '_>, _: &[Derived]) -> Outcome {
    Ok(value::null())
}

fn create_object(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    if values.len() % 2 == 1 {
        return fault("`createObject` takes pairs of a name and a value");
    }
    let pairs = values.len() / 2;
    if !evaluator.spend(pairs * pairs / COMPARISONS) {
        return fault("the template takes too many steps to expand");
    }
    let mut members = Members::with_capacity(pairs);
    for at in (0..values.len()).step_by(2) {
        if let Some(unknown) = unknown_name(evaluator, &values[at]) {
            return Ok(unknown);
        }
        if values[at].as_str().is_none() {
            return Err(wrong_type(values, at, "a string"));
        }
        value::set(&mut members, values[at].clone(), values[at + 1].clone());
    }
    Ok(Derived::object(members))
}

/// The unknown that a name is or holds.
pub(super) fn unknown_name(evaluator: &Evaluator<'_>, name: &Derived) -> Option<Derived> {
    if name.is_unknown() {
        return Some(name.clone());
    }
    evaluator.partial.known(name)
}

fn empty(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    match &values[0].content {
        Content::Unknown { .. } => Ok(values[0].clone()),
        Content::Null => Ok(value::boolean(true)),
        Content::String(text) => match evaluator.partial.known(&values[0]) {
            Some(unknown) => Ok(unknown),
            None => Ok(value::boolean(text.is_empty())),
        },
        Content::Array(items) => Ok(value::boolean(items.is_empty())),
        Content::Object(members) => match value::rest(&values[0]) {
            Some(rest) if members.len() == 1 => Ok(rest.clone()),
            _ => Ok(value::boolean(members.is_empty())),
        },
        _ => Err(wrong_type(values, 0, "an array, an object or a string")),
    }
}

/// The unknown among the values, or in place of members that an object doesn't name.
fn any_unknown(values: &[Derived]) -> Option<Derived> {
    values.iter().find_map(|value| {
        if value.is_unknown() {
            Some(value.clone())
        } else {
            value::rest(value).cloned()
        }
    })
}

fn union(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    if let Some(unknown) = any_unknown(values) {
        return Ok(unknown);
    }
    if value::as_array(&values[0]).is_some() {
        return made_array(evaluator, array::united(evaluator, values)?);
    }
    let mut merged = values[0].clone();
    for at in 0..values.len() {
        object_of(values, at)?;
        if at > 0 {
            merged = merge(evaluator, &merged, &values[at])?;
        }
    }
    Ok(merged)
}

/// Members of the second win; objects in objects are merged in turn.
fn merge(evaluator: &Evaluator<'_>, left: &Derived, right: &Derived) -> Outcome {
    let (Some(base), Some(over)) = (value::as_object(left), value::as_object(right)) else {
        return Ok(right.clone());
    };
    let Some(_deeper) = evaluator.deeper() else {
        return fault("the objects are nested too deeply");
    };
    if !evaluator.spend(base.len() + over.len() * (1 + base.len() / COMPARISONS)) {
        return fault("the template takes too many steps to expand");
    }
    let mut members: Members = base
        .iter()
        .map(|(key, value)| (key.clone(), value::part_of(left, value)))
        .collect();
    for (key, member) in over.iter() {
        let member = value::part_of(right, member);
        let there = value::member(base, key.as_str().unwrap_or_default());
        let member = match there {
            Some(there) if value::as_object(there).is_some() => merge(evaluator, there, &member)?,
            _ => member,
        };
        value::set(&mut members, key.clone(), member);
    }
    let mut merged = Derived::object(members);
    merged.source.place = left.source.place;
    Ok(merged)
}

fn shallow_merge(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    if values[0].is_unknown() {
        return Ok(values[0].clone());
    }
    let objects = super::array_of(values, 0)?;
    if let Some(unknown) = any_unknown(objects) {
        return Ok(unknown);
    }
    let mut members = Members::new();
    for at in 0..objects.len() {
        let object = object_of(objects, at)?;
        if !evaluator.spend(object.len() * (1 + members.len() / COMPARISONS)) {
            return fault("the template takes too many steps to expand");
        }
        for (key, member) in object.iter() {
            let member = value::part_of(&objects[at], member);
            value::set(&mut members, key.clone(), member);
        }
    }
    Ok(Derived::object(members))
}

fn intersection(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    if let Some(unknown) = any_unknown(values) {
        return Ok(unknown);
    }
    if value::as_array(&values[0]).is_some() {
        return match array::common(evaluator, values)? {
            Ok(items) => made_array(evaluator, items),
            Err(unknown) => Ok(unknown),
        };
    }
    let mut members = Members::new();
    for (key, member) in object_of(values, 0)?.iter() {
        let name = key.as_str().unwrap_or_default();
        let mut is_common = true;
        for at in 1..values.len() {
            let twin = value::member(object_of(values, at)?, name);
            match twin.map(|twin| evaluator.same(member, twin)) {
                Some(Ok(same)) => is_common &= same,
                Some(Err(unknown)) => return Ok(unknown),
                None => is_common = false,
            }
        }
        if is_common {
            members.push((key.clone(), value::part_of(&values[0], member)));
        }
    }
    Ok(Derived::object(members))
}

/// `[{key, value}, …]` in the order of the names.
fn items(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    if let Some(unknown) = any_unknown(values) {
        return Ok(unknown);
    }
    let pairs = sorted(object_of(values, 0)?);
    let pair = |(key, member): &(Derived, Derived)| {
        let member = value::part_of(&values[0], member);
        value::object([("key", key.clone()), ("value", member)])
    };
    made_array(evaluator, pairs.iter().map(pair).collect())
}

fn object_keys(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    if let Some(unknown) = any_unknown(values) {
        return Ok(unknown);
    }
    let pairs = sorted(object_of(values, 0)?);
    made_array(evaluator, pairs.into_iter().map(|(key, _)| key).collect())
}

pub(super) fn sorted(members: &Members) -> Members {
    let mut members = members.clone();
    members.sort_by_cached_key(|(key, _)| key.as_str().unwrap_or_default().to_lowercase());
    members
}

/// The member or element, or null: `tryGet(object, 'a', 0, 'b')` goes down step by step.
fn try_get(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let mut at = values[0].clone();
    for step in &values[1..] {
        if at.is_unknown() || matches!(at.content, Content::Null) {
            return Ok(at);
        }
        if let Some(unknown) = unknown_name(evaluator, step) {
            return Ok(unknown);
        }
        let found = match (&at.content, &step.content) {
            (Content::Object(members), Content::String(name)) => {
                value::member(members, name).or_else(|| value::rest(&at))
            }
            (Content::Array(items), Content::Number(number)) => {
                let index = value::whole(number).and_then(|index| usize::try_from(index).ok());
                index.and_then(|index| items.get(index))
            }
            (Content::String(_), _) => {
                let unknown = evaluator.partial.known(&at);
                return unknown.map_or_else(|| Ok(value::null()), Ok);
            }
            _ => None,
        };
        at = found.map_or_else(value::null, |found| value::part_of(&at, found));
    }
    Ok(at)
}

/// A text of JSON to the value that it writes.
fn json(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    from_json(evaluator, text_of(values, 0)?)
}

pub(super) fn from_json(evaluator: &Evaluator<'_>, text: &str) -> Outcome {
    let (document, diagnostics) = parse(Text::new("", text), Notation::Json);
    let mut roots = document.roots();
    let (Some(root), None, true) = (roots.next(), roots.next(), diagnostics.is_empty()) else {
        return Err(Fault::new("the text is no JSON"));
    };
    if !evaluator.spend(document.values().len()) {
        return fault("the template takes too many steps to expand");
    }
    Ok(placeless(root))
}

/// The value without a place: its text is in no file.
fn placeless(json: Value<'_>) -> Derived {
    match json.kind() {
        Kind::Array => Derived::array(json.items().map(placeless).collect()),
        Kind::Object => {
            let entries = json.entries();
            let members = entries.map(|entry| (value::text(entry.name()), placeless(entry.value)));
            Derived::object(members.collect())
        }
        _ => Derived::of(Derived::literal(json).content),
    }
}
