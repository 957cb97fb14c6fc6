//! The functions and operators of the configuration language that need nothing from outside
//! (<https://developer.hashicorp.com/terraform/language/functions>).

use super::networks;
use super::operators::{from_number, number, same};
use crate::mapping;
use crate::value::{self, array, flag, items, object, scalar, text};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use palisade_document::{Content, Derived, Provenance};

/// The longest text or list that a function makes.
const LONGEST: usize = 1 << 16;

/// The result of a function; nothing if it isn't known or an argument doesn't fit.
pub(super) fn call(name: &str, arguments: &[Derived], source: &Provenance) -> Option<Derived> {
    let name = name.strip_prefix("core::").unwrap_or(name);
    if let Some(found) = of_any(name, arguments, source) {
        return Some(found);
    }
    if arguments.iter().any(value::is_unknown) {
        return None;
    }
    of_text(name, arguments, source)
        .or_else(|| of_lists(name, arguments, source))
        .or_else(|| of_maps(name, arguments, source))
        .or_else(|| of_numbers(name, arguments, source))
}

/// Functions that pass their arguments on, unknown or not.
fn of_any(name: &str, arguments: &[Derived], source: &Provenance) -> Option<Derived> {
    let first = arguments.first();
    match name {
        "nonsensitive" | "sensitive" | "tolist" | "tomap" | "ephemeralasnull" => first.cloned(),
        "toset" => match &first?.content {
            Content::Array(_) => distinct(first?, source),
            _ => first.cloned(),
        },
        "coalesce" => {
            let is_set = |found: &&Derived| !value::is_null(found) && scalar(found) != Some("");
            arguments.iter().find(is_set).cloned()
        }
        "concat" => {
            let mut all = Vec::new();
            for list in arguments {
                match &list.content {
                    Content::Array(items) => all.extend(items.iter().cloned()),
                    Content::Unknown { .. } => all.push(list.clone()),
                    _ => return None,
                }
                if all.len() > LONGEST {
                    return None;
                }
            }
            Some(array(all, source))
        }
        "merge" => merge(arguments, source),
        "lookup" => {
            let found = value::get(first?, scalar(arguments.get(1)?)?);
            let Content::Object(_) = first?.content else {
                return None;
            };
            found.or(arguments.get(2)).cloned()
        }
        "element" => {
            let at = number(arguments.get(1)?)? as usize;
            let all = items(first?);
            all.get(at.checked_rem(all.len())?).cloned()
        }
        "flatten" => {
            let (mut all, mut visits) = (Vec::new(), LONGEST);
            flatten(first?, &mut all, &mut visits)?;
            Some(array(all, source))
        }
        "length" => match &first?.content {
            Content::Array(items) if !items.iter().any(value::is_unknown) => {
                Some(count(items.len(), source))
            }
            Content::Object(members) => Some(count(members.len(), source)),
            Content::String(found) => Some(count(found.chars().count(), source)),
            _ => None,
        },
        "keys" => {
            let Content::Object(found) = &first?.content else {
                return None;
            };
            let mut keys: Vec<_> = found.iter().map(|(key, _)| key.clone()).collect();
            keys.sort_by(|a, b| scalar(a).cmp(&scalar(b)));
            Some(array(keys, source))
        }
        "values" => {
            let Content::Object(found) = &first?.content else {
                return None;
            };
            let mut sorted: Vec<_> = found.iter().collect();
            sorted.sort_by(|(a, _), (b, _)| scalar(a).cmp(&scalar(b)));
            let found = sorted.into_iter().map(|(_, member)| member.clone());
            Some(array(found.collect(), source))
        }
        _ => None,
    }
}

fn of_text(name: &str, arguments: &[Derived], source: &Provenance) -> Option<Derived> {
    let word = |at: usize| arguments.get(at).and_then(scalar);
    let made = |made: String| (made.len() <= LONGEST).then(|| text(made, source));
    match name {
        "tostring" => made(word(0)?.to_owned()),
        "lower" => made(word(0)?.to_lowercase()),
        "upper" => made(word(0)?.to_uppercase()),
        "trimspace" => made(word(0)?.trim().to_owned()),
        "trim" => {
            let cut = word(1)?;
            made(word(0)?.trim_matches(|c| cut.contains(c)).to_owned())
        }
        "trimprefix" => made(
            word(0)?
                .strip_prefix(word(1)?)
                .unwrap_or(word(0)?)
                .to_owned(),
        ),
        "trimsuffix" => made(
            word(0)?
                .strip_suffix(word(1)?)
                .unwrap_or(word(0)?)
                .to_owned(),
        ),
        "replace" => {
            match word(1)?.len() > 1 && word(1)?.starts_with('/') && word(1)?.ends_with('/') {
                true => None,
                false if word(1)?.is_empty() => None,
                false if word(0)?.len().saturating_mul(word(2)?.len().max(1)) > LONGEST => None,
                false => made(word(0)?.replace(word(1)?, word(2)?)),
            }
        }
        "startswith" => Some(flag(word(0)?.starts_with(word(1)?), source)),
        "endswith" => Some(flag(word(0)?.ends_with(word(1)?), source)),
        "strcontains" => Some(flag(word(0)?.contains(word(1)?), source)),
        "substr" => {
            let (from, length) = (number(arguments.get(1)?)?, number(arguments.get(2)?)?);
            substring(word(0)?, from, length).and_then(made)
        }
        "join" => {
            let parts: Option<Vec<_>> = items(arguments.get(1)?).iter().map(scalar).collect();
            made(parts?.join(word(0)?))
        }
        "split" if !word(0)?.is_empty() => {
            let parts = word(1)?.split(word(0)?).take(LONGEST);
            Some(array(
                parts.map(|part| text(part, source)).collect(),
                source,
            ))
        }
        "format" => format(word(0)?, arguments.get(1..)?).and_then(made),
        "formatlist" => {
            let lists = arguments.get(1..)?;
            let length = lists.iter().map(|list| items(list).len()).max()?;
            let made: Option<Vec<_>> = (0..length.min(MOST_COMPARED))
                .map(|at| {
                    let row: Vec<_> = lists
                        .iter()
                        .map(|list| items(list).get(at).unwrap_or(list).clone())
                        .collect();
                    Some(text(format(word(0)?, &row)?, source))
                })
                .collect();
            Some(array(made?, source))
        }
        "title" => {
            let words = word(0)?.split(' ').map(|word| {
                let mut letters = word.chars();
                let first = letters.next().map(|c| c.to_uppercase().to_string());
                first.unwrap_or_default() + letters.as_str()
            });
            made(words.collect::<Vec<_>>().join(" "))
        }
        "jsondecode" => Some(mapping::json(word(0)?, source)),
        "yamldecode" => {
            let notation = palisade_document::Notation::Yaml;
            let roots = mapping::embedded(word(0)?, notation, source)?;
            roots.into_iter().next()
        }
        "jsonencode" => {
            let mut made = String::new();
            encode(arguments.first()?, &mut made)?;
            Some(text(made, source))
        }
        "tobool" => arguments
            .first()
            .and_then(super::evaluate::truth)
            .map(|found| flag(found, source)),
        _ => None,
    }
}

fn of_lists(name: &str, arguments: &[Derived], source: &Provenance) -> Option<Derived> {
    let first = arguments.first()?;
    let list = |at: usize| match &arguments.get(at)?.content {
        Content::Array(items) => Some(items.as_slice()),
        _ => None,
    };
    let holds =
        |all: &[Derived], wanted: &Derived| all.iter().any(|one| same(one, wanted) == Some(true));
    let made = |found: Vec<Derived>| Some(array(found, source));
    match name {
        "contains" => Some(flag(holds(list(0)?, arguments.get(1)?), source)),
        "distinct" => distinct(first, source),
        "compact" => {
            let all = list(0)?.iter();
            made(
                all.filter(|one| scalar(one).is_some_and(|text| !text.is_empty()))
                    .cloned()
                    .collect(),
            )
        }
        "coalescelist" => arguments
            .iter()
            .find(|list| !items(list).is_empty())
            .cloned(),
        "reverse" => made(list(0)?.iter().rev().cloned().collect()),
        "sort" => {
            let mut all = list(0)?.to_vec();
            all.sort_by(|a, b| scalar(a).cmp(&scalar(b)));
            made(all)
        }
        "slice" => {
            let (from, to) = (
                number(arguments.get(1)?)? as usize,
                number(arguments.get(2)?)? as usize,
            );
            made(list(0)?.get(from..to)?.to_vec())
        }
        "index" => {
            let wanted = arguments.get(1)?;
            let at = list(0)?
                .iter()
                .position(|one| same(one, wanted) == Some(true))?;
            Some(count(at, source))
        }
        "one" => match list(0)? {
            [] => Some(value::null(source)),
            [only] => Some(only.clone()),
            _ => None,
        },
        "setunion" => {
            let all: Vec<_> = arguments.iter().flat_map(items).cloned().collect();
            distinct(&array(all, source), source)
        }
        "setsubtract" => {
            let gone = list(1)?;
            made(
                list(0)?
                    .iter()
                    .filter(|one| !holds(gone, one))
                    .cloned()
                    .collect(),
            )
        }
        "setintersection" => {
            let kept = list(1)?;
            made(
                list(0)?
                    .iter()
                    .filter(|one| holds(kept, one))
                    .cloned()
                    .collect(),
            )
        }
        "alltrue" => Some(flag(
            list(0)?
                .iter()
                .all(|one| super::evaluate::truth(one) == Some(true)),
            source,
        )),
        "anytrue" => Some(flag(
            list(0)?
                .iter()
                .any(|one| super::evaluate::truth(one) == Some(true)),
            source,
        )),
        "range" => {
            let bounds: Option<Vec<_>> = arguments.iter().map(number).collect();
            let (from, to, step) = match bounds?[..] {
                [to] => (0.0, to, 1.0),
                [from, to] => (from, to, 1.0),
                [from, to, step] => (from, to, step),
                _ => return None,
            };
            let length = (to - from) / step;
            if !length.is_finite() || length > LONGEST as f64 {
                return None;
            }
            let length = length.ceil().max(0.0) as usize;
            made(
                (0..length)
                    .map(|at| from_number(from + step * at as f64, source))
                    .collect(),
            )
        }
        _ => None,
    }
}

fn of_maps(name: &str, arguments: &[Derived], source: &Provenance) -> Option<Derived> {
    match name {
        "zipmap" => {
            let (keys, found) = (items(arguments.first()?), items(arguments.get(1)?));
            let pairs = keys.iter().cloned().zip(found.iter().cloned());
            Some(object(pairs.collect(), source))
        }
        "setproduct" => {
            let mut rows = vec![Vec::new()];
            for list in arguments {
                let mut next = Vec::new();
                for row in &rows {
                    for item in items(list) {
                        let mut row = row.clone();
                        row.push(item.clone());
                        next.push(row);
                    }
                    if next.len() > LONGEST {
                        return None;
                    }
                }
                rows = next;
            }
            let rows = rows.into_iter().map(|row| array(row, source));
            Some(array(rows.collect(), source))
        }
        _ => None,
    }
}

fn of_numbers(name: &str, arguments: &[Derived], source: &Provenance) -> Option<Derived> {
    let all = || arguments.iter().map(number).collect::<Option<Vec<_>>>();
    let first = || arguments.first().and_then(number);
    let made = |number: f64| Some(from_number(number, source));
    match name {
        "tonumber" => made(first()?),
        "min" => made(all()?.into_iter().reduce(f64::min)?),
        "max" => made(all()?.into_iter().reduce(f64::max)?),
        "abs" => made(first()?.abs()),
        "ceil" => made(first()?.ceil()),
        "floor" => made(first()?.floor()),
        "sum" => {
            let all: Option<Vec<_>> = items(arguments.first()?).iter().map(number).collect();
            made(all?.into_iter().sum())
        }
        "cidrsubnet" => {
            let (bits, place) = (number(arguments.get(1)?)?, number(arguments.get(2)?)?);
            let made = networks::subnet(scalar(arguments.first()?)?, bits as u32, place as u32)?;
            Some(text(made, source))
        }
        "cidrhost" => {
            let made = networks::host(scalar(arguments.first()?)?, number(arguments.get(1)?)?)?;
            Some(text(made, source))
        }
        "cidrsubnets" => {
            let base = scalar(arguments.first()?)?;
            networks::subnets(base, &arguments[1..], source)
        }
        _ => None,
    }
}

fn substring(text: &str, from: f64, length: f64) -> Option<String> {
    let letters: Vec<_> = text.chars().collect();
    let from = if from < 0.0 {
        letters.len() as f64 + from
    } else {
        from
    };
    let from = (from >= 0.0).then_some(from as usize)?;
    let to = if length < 0.0 {
        letters.len()
    } else {
        from.saturating_add(length as usize)
    };
    Some(letters.get(from..to.min(letters.len()))?.iter().collect())
}

/// `format` with `%s`, `%d`, `%v`, `%q`, a width such as `%02d`, and `%%`.
fn format(pattern: &str, arguments: &[Derived]) -> Option<String> {
    let mut made = String::new();
    let mut rest = pattern;
    let mut arguments = arguments.iter();
    while let Some((before, after)) = rest.split_once('%') {
        made.push_str(before);
        let verb = after.find(|c: char| c.is_ascii_alphabetic() || c == '%')?;
        let (width, tail) = after.split_at(verb);
        let letter = tail.chars().next()?;
        rest = &tail[1..];
        if letter == '%' {
            made.push('%');
            continue;
        }
        let found = scalar(arguments.next()?)?;
        match (letter, width) {
            ('s' | 'v' | 'd', "") => made.push_str(found),
            ('q', "") => made.push_str(&format!("\"{found}\"")),
            ('d' | 's', width) => {
                let fill = if width.starts_with('0') { '0' } else { ' ' };
                let width: usize = width.parse().ok().filter(|width| *width < 1000)?;
                let missing = width.saturating_sub(found.chars().count());
                made.extend(std::iter::repeat_n(fill, missing));
                made.push_str(found);
            }
            _ => return None,
        }
    }
    made.push_str(rest);
    Some(made)
}

/// JSON as `jsonencode` writes it; nothing if a part isn't known.
fn encode(found: &Derived, made: &mut String) -> Option<()> {
    if made.len() > LONGEST {
        return None;
    }
    match &found.content {
        Content::Null => made.push_str("null"),
        Content::Bool(_) | Content::Number(_) => made.push_str(scalar(found)?),
        Content::String(text) => quote(text, made),
        Content::Array(items) => {
            made.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    made.push(',');
                }
                encode(item, made)?;
            }
            made.push(']');
        }
        Content::Object(members) => {
            made.push('{');
            for (at, (key, member)) in members.iter().enumerate() {
                if at > 0 {
                    made.push(',');
                }
                quote(scalar(key)?, made);
                made.push(':');
                encode(member, made)?;
            }
            made.push('}');
        }
        Content::Unknown { .. } => return None,
    }
    Some(())
}

fn quote(text: &str, made: &mut String) {
    made.push('"');
    for letter in text.chars() {
        match letter {
            '"' => made.push_str("\\\""),
            '\\' => made.push_str("\\\\"),
            '\n' => made.push_str("\\n"),
            '\t' => made.push_str("\\t"),
            '\r' => made.push_str("\\r"),
            letter if letter.is_control() => made.push_str(&format!("\\u{:04x}", letter as u32)),
            letter => made.push(letter),
        }
    }
    made.push('"');
}

/// Later maps win over earlier ones.
fn merge(maps: &[Derived], source: &Provenance) -> Option<Derived> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut all: Vec<(Derived, Derived)> = Vec::new();
    for map in maps.iter().filter(|map| !value::is_null(map)) {
        let Content::Object(more) = &map.content else {
            return None;
        };
        for (key, member) in more.iter() {
            match places.entry(scalar(key)?) {
                Entry::Occupied(place) => all[*place.get()] = (key.clone(), member.clone()),
                Entry::Vacant(place) => {
                    place.insert(all.len());
                    all.push((key.clone(), member.clone()));
                }
            }
        }
        if all.len() > LONGEST {
            return None;
        }
    }
    Some(object(all, source))
}

/// Lists in lists share their items, so that what is visited is counted, not what is found.
fn flatten(list: &Derived, all: &mut Vec<Derived>, visits: &mut usize) -> Option<()> {
    let Content::Array(found) = &list.content else {
        return None;
    };
    for item in found.iter() {
        *visits = visits.checked_sub(1)?;
        match &item.content {
            Content::Array(_) => flatten(item, all, visits)?,
            _ => all.push(item.clone()),
        }
    }
    Some(())
}

/// The most items that are compared with each other because they are no scalars.
const MOST_COMPARED: usize = 500;

fn distinct(list: &Derived, source: &Provenance) -> Option<Derived> {
    let mut all: Vec<Derived> = Vec::new();
    let mut scalars = HashSet::new();
    for item in items(list) {
        let is_new = match scalar(item) {
            Some(text) => scalars.insert((std::mem::discriminant(&item.content), text)),
            None if all.len() > MOST_COMPARED => return None,
            None => !all.iter().any(|known| same(known, item) == Some(true)),
        };
        if is_new {
            all.push(item.clone());
        }
    }
    Some(array(all, source))
}

fn count(length: usize, source: &Provenance) -> Derived {
    value::number(length.to_string(), source)
}
