//! Attributes in, body out: one table applied to one resource.

use std::sync::Arc;

use palisade_document::{Content, Derived, Kind, Level, Notation, Provenance, Text, Value};

use super::body::{Merging, combine, put};
use super::table::{Change, Comparison, Line, Segment};
use crate::value;

/// Puts the attributes where the lines say. `id` is that of the resource, for references to its
/// own parts.
pub(crate) fn apply(lines: &[Line], attributes: &Derived, id: &str, body: &mut Derived) {
    for line in lines {
        let Some(path) = &line.path else {
            continue;
        };
        if let [Change::Literal(text)] = line.changes[..] {
            put(body, path, literal(text, &attributes.source));
            continue;
        }
        if line.attribute == "@" {
            blocks(line, path, attributes, id, body);
            continue;
        }
        let given = value::get(attributes, line.attribute).filter(|given| !is_unset(given));
        if let [Change::Absent(text)] = line.changes[..] {
            if given.is_none_or(|given| !has_content(given)) {
                put(body, path, literal(text, &attributes.source));
            }
            continue;
        }
        if line.changes.contains(&Change::Always) && given.is_none_or(|given| !has_content(given)) {
            let empty = value::object(Vec::new(), &attributes.source);
            blocks(line, path, &empty, id, body);
            continue;
        }
        match given {
            Some(given) if line.lines.is_empty() => {
                let changed = line
                    .changes
                    .iter()
                    .try_fold(given.clone(), |value, change| {
                        change_value(change, value, id)
                    });
                if let Some(changed) = changed {
                    put(body, path, changed);
                }
            }
            Some(given) => blocks(line, path, given, id, body),
            None => {
                let default = line.changes.iter().find_map(|change| match change {
                    Change::Default(text) => Some(*text),
                    _ => None,
                });
                if let Some(text) = default {
                    put(body, path, literal(text, &attributes.source));
                }
            }
        }
    }
}

/// Terraform writes `null` for what isn't given, and an empty text where a provider can't.
fn is_unset(given: &Derived) -> bool {
    value::is_null(given) || value::as_str(given) == Some("")
}

/// Whether a block is given, or may be.
fn has_content(given: &Derived) -> bool {
    !matches!(&given.content, Content::Array(items) if items.is_empty())
}

/// Whether a block is one of those that the line is about.
fn is_wanted(line: &Line, block: &Derived) -> bool {
    line.changes.iter().all(|change| match change {
        Change::When(attribute, wanted) => value::get(block, attribute)
            .and_then(value::scalar)
            .is_none_or(|found| found.eq_ignore_ascii_case(wanted)),
        _ => true,
    })
}

fn blocks(line: &Line, path: &[Segment], given: &Derived, id: &str, body: &mut Derived) {
    let single = std::slice::from_ref(given);
    let is_list = path.last() == Some(&Segment::Each);
    let given = match &given.content {
        Content::Array(items) => items.as_slice(),
        Content::Unknown { .. } if !is_list => return all_unknown(&line.lines, path, given, body),
        _ => single,
    };
    for block in given {
        if value::is_unknown(block) {
            put(body, path, block.clone());
            continue;
        }
        if !is_wanted(line, block) {
            continue;
        }
        let mut inner = value::object(Vec::new(), &block.source);
        apply(&line.lines, block, id, &mut inner);
        put(body, path, inner);
        if !is_list {
            return;
        }
    }
    if is_list && given.is_empty() {
        put(body, path, value::array(Vec::new(), &Provenance::default()));
    }
}

/// A block of which nothing is known leaves everything unknown that it could have set.
fn all_unknown(lines: &[Line], path: &[Segment], unknown: &Derived, body: &mut Derived) {
    for line in lines {
        let Some(inner) = &line.path else {
            continue;
        };
        let path = [path, inner].concat();
        if line.lines.is_empty() || inner.last() == Some(&Segment::Each) {
            let until = path.iter().position(|segment| *segment == Segment::Each);
            put(body, &path[..until.unwrap_or(path.len())], unknown.clone());
        } else {
            all_unknown(&line.lines, &path, unknown, body);
        }
    }
}

fn literal(text: &'static str, source: &Provenance) -> Derived {
    match text {
        "true" => value::flag(true, source),
        "false" => value::flag(false, source),
        "[]" => value::array(Vec::new(), source),
        "?" => value::unknown(
            "the default depends on the version of the provider",
            "audit the plan, or give the attribute",
            source,
        ),
        _ if text.bytes().all(|byte| byte.is_ascii_digit()) => value::number(text, source),
        _ => value::text(text, source),
    }
}

/// The value after a change; nothing if nothing of it is left.
fn change_value(change: &Change, given: Derived, id: &str) -> Option<Derived> {
    if value::is_unknown(&given) {
        return Some(given);
    }
    let source = given.source.clone();
    Some(match change {
        Change::Default(_)
        | Change::Literal(_)
        | Change::Absent(_)
        | Change::Always
        | Change::When(..) => given,
        Change::List if matches!(given.content, Content::Array(_)) => given,
        Change::List => value::array(vec![given], &source),
        Change::First => match given.content {
            Content::Array(items) => items.first()?.clone(),
            _ => given,
        },
        Change::Json => match value::as_str(&given) {
            Some(text) => json(text, &source),
            None => given,
        },
        Change::Condition(comparison, field) => condition(*comparison, field, &given),
        Change::Entries(key, name) => entries(&given, key, name),
        _ => match &given.content {
            Content::Array(items) => {
                let items = items.iter().cloned();
                let changed = items.map(|item| change_scalar(change, item, id));
                value::array(changed.collect(), &source)
            }
            _ => change_scalar(change, given, id),
        },
    })
}

fn change_scalar(change: &Change, given: Derived, id: &str) -> Derived {
    let Some(text) = value::scalar(&given) else {
        return given;
    };
    let source = &given.source;
    match change {
        Change::Not => match text {
            "true" => value::flag(false, source),
            "false" => value::flag(true, source),
            _ => given,
        },
        Change::Rename(pairs) => {
            let known = pairs
                .iter()
                .find(|(from, _)| from.eq_ignore_ascii_case(text));
            known.map_or_else(|| given.clone(), |(_, to)| literal(to, source))
        }
        Change::Word(place) => {
            let word = text.split('_').nth(*place).unwrap_or_default();
            value::text(word, source)
        }
        Change::With(key, name, beside) => value::object(
            vec![
                (value::text(*key, source), given.clone()),
                (value::text(*name, source), literal(beside, source)),
            ],
            source,
        ),
        Change::Part(collection) => value::text(format!("{id}/{collection}/{text}"), source),
        _ => given,
    }
}

/// A condition of an activity log alert.
fn condition(comparison: Comparison, field: &'static str, given: &Derived) -> Derived {
    let source = &given.source;
    let leaf = |name: &'static str, wanted: Derived| {
        let members = vec![
            (value::text("field", source), value::text(field, source)),
            (value::text(name, source), wanted),
        ];
        value::object(members, source)
    };
    match comparison {
        Comparison::Equals => leaf("equals", given.clone()),
        Comparison::ContainsAny => leaf("containsAny", given.clone()),
        Comparison::AnyOf => {
            let leaves = value::items(given).iter().cloned();
            let leaves = leaves.map(|wanted| leaf("equals", wanted)).collect();
            let members = vec![(value::text("anyOf", source), value::array(leaves, source))];
            value::object(members, source)
        }
    }
}

fn entries(map: &Derived, key: &'static str, name: &'static str) -> Derived {
    let items = value::members(map).iter().map(|(own, member)| {
        let own_key = value::text(key, &own.source);
        let own_name = value::text(name, &member.source);
        let members = vec![(own_key, own.clone()), (own_name, member.clone())];
        value::object(members, &member.source)
    });
    value::array(items.collect(), &map.source)
}

/// The longest embedded text that is parsed.
const LONGEST: usize = 1 << 20;

/// What a text of JSON or YAML holds; every value has the place of the text.
pub(crate) fn json(text: &str, source: &Provenance) -> Derived {
    match embedded(text, Notation::Json, source) {
        Some(mut roots) if roots.len() == 1 => roots.remove(0),
        _ => value::unknown(
            "the text is not valid JSON",
            "correct the text of the attribute",
            source,
        ),
    }
}

/// The documents in a text; nothing if it is malformed.
pub(crate) fn embedded(
    text: &str,
    notation: Notation,
    source: &Provenance,
) -> Option<Vec<Derived>> {
    if text.len() > LONGEST {
        return None;
    }
    let (document, problems) = palisade_document::parse(Text::new("", text), notation);
    let is_broken = problems.iter().any(|problem| problem.level == Level::Error);
    let roots = document.roots().map(|root| at_place(root, source));
    (!is_broken).then(|| roots.collect())
}

fn at_place(found: Value<'_>, source: &Provenance) -> Derived {
    match found.kind() {
        Kind::Bool => value::flag(found.as_bool() == Some(true), source),
        Kind::Number => value::number(found.scalar(), source),
        Kind::String => value::text(found.scalar(), source),
        Kind::Array => {
            let items = found.items().map(|item| at_place(item, source));
            value::array(items.collect(), source)
        }
        Kind::Object => {
            let members = found.entries().map(|entry| {
                let key = value::text(entry.name(), source);
                (key, at_place(entry.value, source))
            });
            value::object(members.collect(), source)
        }
        _ => value::null(source),
    }
}

/// Adds what another resource says about this one.
pub(crate) fn patch(body: &mut Derived, path: &[Segment], addition: Derived, merging: Merging) {
    if path.is_empty() {
        combine(body, addition, merging);
    } else {
        put(body, path, addition);
    }
}

/// Makes unknown what another resource may say about this one: it isn't known about which of its
/// type it says it. A setting that is there already stays; a list may get longer.
pub(crate) fn leave_open(body: &mut Derived, said: &Derived, address: &str) {
    if matches!(body.content, Content::Array(_)) {
        *body = open(said, address);
    }
    let Content::Object(members) = &mut body.content else {
        return;
    };
    for (key, saying) in value::members(said) {
        let name = value::as_str(key).unwrap_or_default();
        let known = members
            .iter()
            .position(|(key, _)| value::as_str(key) == Some(name));
        match known {
            Some(at) => leave_open(&mut Arc::make_mut(members)[at].1, saying, address),
            None => Arc::make_mut(members).push((key.clone(), open(saying, address))),
        }
    }
}

fn open(said: &Derived, address: &str) -> Derived {
    let cause = format!("`{address}` may be about this one: which it names isn't known");
    value::unknown(
        cause,
        "a plan made when what it names is there",
        &said.source,
    )
}
