//! Reading and making the values of the template language. They are [`Derived`] values all the
//! way, so that none loses its place.

use std::sync::Arc;

use palisade_document::{Content, Derived, Link};

/// The name of the member that marks an object as a resource's state: what the template doesn't
/// say about it is for Azure to fill in. Its value is the unknown that a missing member is.
const REST: &str = "\u{0}rest";

/// The members of an object in order.
pub(crate) type Members = Vec<(Derived, Derived)>;

pub(crate) fn null() -> Derived {
    Derived::of(Content::Null)
}

pub(crate) fn boolean(value: bool) -> Derived {
    Derived::of(Content::Bool(value))
}

pub(crate) fn integer(value: i64) -> Derived {
    Derived::of(Content::Number(value.to_string().into()))
}

pub(crate) fn count(value: usize) -> Derived {
    integer(i64::try_from(value).unwrap_or(i64::MAX))
}

pub(crate) fn text(value: impl Into<Arc<str>>) -> Derived {
    Derived::string(value)
}

/// An object of members with the given names.
pub(crate) fn object<const N: usize>(members: [(&str, Derived); N]) -> Derived {
    let pairs = members.map(|(name, value)| (text(name), value));
    Derived::object(pairs.into())
}

/// What the language calls the type of a value.
pub(crate) fn type_name(value: &Derived) -> &'static str {
    match value.content {
        Content::Null => "null",
        Content::Bool(_) => "bool",
        Content::Number(_) => "int",
        Content::String(_) => "string",
        Content::Array(_) => "array",
        Content::Object(_) => "object",
        Content::Unknown { .. } => "unknown",
    }
}

pub(crate) fn as_bool(value: &Derived) -> Option<bool> {
    match &value.content {
        Content::Bool(value) => Some(*value),
        // Azure takes the texts where a condition stands.
        Content::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Content::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

pub(crate) fn as_integer(value: &Derived) -> Option<i64> {
    match &value.content {
        Content::Number(text) => whole(text),
        _ => None,
    }
}

/// A whole number, also one that is written `1.0` or `1e3`.
pub(crate) fn whole(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let number: f64 = text.parse().ok()?;
    let is_exact = number.fract() == 0.0 && number.abs() < 9e15;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the bound above makes it exact"
    )]
    is_exact.then_some(number as i64)
}

pub(crate) fn as_array(value: &Derived) -> Option<&Arc<Vec<Derived>>> {
    match &value.content {
        Content::Array(items) => Some(items),
        _ => None,
    }
}

pub(crate) fn as_object(value: &Derived) -> Option<&Arc<Members>> {
    match &value.content {
        Content::Object(members) => Some(members),
        _ => None,
    }
}

/// The member of exactly that name, else of that name in any letter case; the last one counts.
pub(crate) fn member<'v>(members: &'v Members, name: &str) -> Option<&'v Derived> {
    let find = |is_it: &dyn Fn(&str) -> bool| {
        let mut members = members.iter().rev();
        let found = members.find(|(key, _)| key.as_str().is_some_and(is_it));
        found.map(|(_, value)| value)
    };
    find(&|key| key == name).or_else(|| find(&|key| same_name(key, name)))
}

/// Names of members are compared without regard to letter case.
pub(crate) fn same_name(left: &str, right: &str) -> bool {
    left.len() == right.len()
        && (left.eq_ignore_ascii_case(right)
            || (!left.is_ascii() && left.to_lowercase() == right.to_lowercase()))
}

/// Sets a member, in its place if it is there already.
pub(crate) fn set(members: &mut Members, key: Derived, value: Derived) {
    let name = key.as_str().unwrap_or_default();
    let there = members
        .iter_mut()
        .find(|(other, _)| other.as_str().is_some_and(|other| same_name(other, name)));
    match there {
        Some(slot) => slot.1 = value,
        None => members.push((key, value)),
    }
}

/// The unknown that every member is which an object doesn't name, if it is a resource's state.
pub(crate) fn rest(value: &Derived) -> Option<&Derived> {
    let members = as_object(value)?;
    members
        .iter()
        .find(|(key, _)| key.as_str() == Some(REST))
        .map(|(_, rest)| rest)
}

/// The object as a resource's state, in which `unknown` stands for whatever isn't named, at
/// every level.
pub(crate) fn with_rest(value: &Derived, unknown: &Derived) -> Derived {
    let content = match &value.content {
        Content::Object(members) => {
            // Null in a template leaves the choice to Azure.
            let is_named = |(key, value): &&(Derived, Derived)| {
                key.as_str() != Some(REST) && !matches!(value.content, Content::Null)
            };
            let named = members.iter().filter(is_named);
            let mut members: Members = named
                .map(|(key, value)| (key.clone(), with_rest(value, unknown)))
                .collect();
            members.push((text(REST), unknown.clone()));
            Content::Object(Arc::new(members))
        }
        Content::Array(items) => {
            let items = items.iter().map(|item| with_rest(item, unknown));
            Content::Array(Arc::new(items.collect()))
        }
        other => other.clone(),
    };
    Derived {
        content,
        source: value.source.clone(),
    }
}

/// The steps of `first`, then those of `next`. A way longer than a few steps is cut: nobody
/// reads it, and a list can be passed on any number of times.
pub(crate) fn joined(first: Option<&Arc<Link>>, next: Option<&Arc<Link>>) -> Option<Arc<Link>> {
    const LONGEST: usize = 12;
    let (Some(first), Some(next)) = (first, next) else {
        return first.or(next).cloned();
    };
    let steps = |from: &Arc<Link>| {
        let mut steps = Vec::new();
        let mut at = Some(Arc::clone(from));
        while let Some(link) = at {
            at = link.next.clone();
            steps.push(link);
        }
        steps
    };
    let ahead = steps(first);
    let behind = steps(next);
    let is_short = ahead.len() + behind.len() <= LONGEST;
    let tail = if is_short {
        Some(Arc::clone(next))
    } else {
        None
    };
    let kept = ahead.iter().rev();
    kept.fold(tail, |tail, link| {
        Some(Arc::new(Link {
            label: Arc::clone(&link.label),
            place: link.place,
            next: tail,
        }))
    })
}

/// The value as a part of `whole`: it came the way that the whole came.
pub(crate) fn part_of(whole: &Derived, part: &Derived) -> Derived {
    let mut part = part.clone();
    if whole.source.through.is_some() {
        part.source.through = joined(whole.source.through.as_ref(), part.source.through.as_ref());
    }
    part.source.place = part.source.place.or(whole.source.place);
    part
}

/// The value as JSON without spaces, which is how the language writes objects into texts.
/// `spend` is asked for every value; `None` when it refuses or something unknown is in it.
pub(crate) fn to_json(value: &Derived, spend: &dyn Fn() -> bool) -> Option<String> {
    let mut out = String::new();
    write_json(value, &mut out, spend, 0).then_some(out)
}

fn write_json(value: &Derived, out: &mut String, spend: &dyn Fn() -> bool, depth: usize) -> bool {
    if !spend() || depth > 256 {
        return false;
    }
    match &value.content {
        Content::Null => out.push_str("null"),
        Content::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Content::Number(number) => out.push_str(number),
        Content::String(text) => write_string(text, out),
        Content::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                if !write_json(item, out, spend, depth + 1) {
                    return false;
                }
            }
            out.push(']');
        }
        Content::Object(members) => {
            out.push('{');
            for (at, (key, value)) in members.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_string(key.as_str().unwrap_or_default(), out);
                out.push(':');
                if !write_json(value, out, spend, depth + 1) {
                    return false;
                }
            }
            out.push('}');
        }
        Content::Unknown { .. } => return false,
    }
    true
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}
