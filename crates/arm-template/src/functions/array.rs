//! Arrays (Microsoft Learn, "Array functions for ARM templates", 2025). Several of them take
//! objects and texts, too.

use palisade_document::{Content, Derived};

use super::{
    Function, LONGEST_ARRAY, LONGEST_TEXT, MANY, array_of, integer_of, joining, lenient,
    made_array, made_text, strict, text_of, wrong_type,
};
use crate::environment::Context;
use crate::evaluator::{COMPARISONS, Evaluator, exhausted};
use crate::fault::{Fault, Outcome, fault};
use crate::partial::is_partial;
use crate::value;

pub(super) const FUNCTIONS: &[Function] = &[
    strict("array", 1, 1, array),
    joining("concat", 1, MANY, concat),
    lenient("contains", 2, 2, contains),
    lenient("createArray", 0, MANY, create_array),
    strict("first", 1, 1, first),
    lenient("flatten", 1, 1, flatten),
    lenient("indexFromEnd", 2, 2, index_from_end),
    lenient("indexOf", 2, 2, index_of),
    joining("join", 2, 2, join),
    strict("last", 1, 1, last),
    lenient("lastIndexOf", 2, 2, last_index_of),
    lenient("length", 1, 1, length),
    strict("range", 2, 2, range),
    strict("skip", 2, 2, skip),
    strict("take", 2, 2, take),
    lenient("tryIndexFromEnd", 2, 2, try_index_from_end),
];

fn array(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    match &values[0].content {
        Content::Array(_) => Ok(values[0].clone()),
        _ => Ok(Derived::array(values.to_vec())),
    }
}

/// Of texts and numbers a text, of arrays an array.
fn concat(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    if values.iter().any(|value| value::as_array(value).is_some()) {
        let mut items = Vec::new();
        for at in 0..values.len() {
            let part = array_of(values, at)?;
            if items.len() + part.len() > LONGEST_ARRAY {
                return fault("the array would have more than 100,000 elements");
            }
            let whole = &values[at];
            items.extend(part.iter().map(|item| value::part_of(whole, item)));
        }
        return made_array(evaluator, items);
    }
    let mut out = String::new();
    for (at, value) in values.iter().enumerate() {
        match &value.content {
            Content::Bool(value) => out.push_str(if *value { "True" } else { "False" }),
            Content::Null => {}
            _ => out.push_str(text_of(values, at)?),
        }
        if out.len() > LONGEST_TEXT {
            break;
        }
    }
    made_text(out)
}

fn contains(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    if let Some(unknown) = values.iter().find(|value| value.is_unknown()) {
        return Ok(unknown.clone());
    }
    let partial = || evaluator.partial.known(&values[1]);
    match &values[0].content {
        Content::String(text) => {
            let part = text_of(values, 1)?;
            let is_in = text.contains(part);
            let unknown = evaluator.partial.known(&values[0]).or_else(partial);
            Ok(match unknown {
                Some(unknown) if !is_in => unknown,
                _ => value::boolean(is_in),
            })
        }
        Content::Object(members) => {
            let name = text_of(values, 1)?;
            if let Some(unknown) = partial() {
                return Ok(unknown);
            }
            let is_in = value::member(members, name).is_some();
            Ok(match value::rest(&values[0]) {
                Some(rest) if !is_in => rest.clone(),
                _ => value::boolean(is_in),
            })
        }
        Content::Array(items) => Ok(match position(evaluator, items.iter(), &values[1]) {
            Ok(found) => value::boolean(found.is_some()),
            Err(unknown) => unknown,
        }),
        _ => Err(wrong_type(values, 0, "a string, an array or an object")),
    }
}

/// Where an item is found; an unknown when it could also be earlier, or be there at all.
fn position<'v>(
    evaluator: &Evaluator<'_>,
    items: impl Iterator<Item = &'v Derived>,
    wanted: &Derived,
) -> Result<Option<usize>, Derived> {
    let mut unknown = None;
    for (at, item) in items.enumerate() {
        if at % COMPARISONS == 0 && !evaluator.spend(1) {
            return Err(exhausted());
        }
        match evaluator.same(item, wanted) {
            Ok(true) => return Ok(Some(at)),
            Ok(false) => {}
            Err(cause) => {
                unknown.get_or_insert(cause);
            }
        }
    }
    unknown.map_or(Ok(None), Err)
}

fn create_array(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    made_array(evaluator, values.to_vec())
}

fn first(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    end_of(values, |items| items.first(), |text| text.chars().next())
}

fn last(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    end_of(
        values,
        |items| items.last(),
        |text| text.chars().next_back(),
    )
}

fn end_of(
    values: &[Derived],
    item: impl Fn(&[Derived]) -> Option<&Derived>,
    letter: impl Fn(&str) -> Option<char>,
) -> Outcome {
    match &values[0].content {
        Content::Array(items) => {
            Ok(item(items).map_or_else(value::null, |item| value::part_of(&values[0], item)))
        }
        Content::String(text) => Ok(value::text(
            letter(text).map(String::from).unwrap_or_default(),
        )),
        _ => Err(wrong_type(values, 0, "an array or a string")),
    }
}

fn flatten(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    if values[0].is_unknown() {
        return Ok(values[0].clone());
    }
    let parts = array_of(values, 0)?;
    if let Some(unknown) = parts.iter().find(|part| part.is_unknown()) {
        return Ok(value::part_of(&values[0], unknown));
    }
    let mut items = Vec::new();
    for part in parts.iter() {
        let inner = value::as_array(part)
            .ok_or_else(|| Fault::new("`flatten` takes an array of arrays"))?;
        if items.len() + inner.len() > LONGEST_ARRAY {
            return fault("the array would have more than 100,000 elements");
        }
        items.extend(inner.iter().map(|item| value::part_of(part, item)));
    }
    made_array(evaluator, items)
}

fn index_from_end(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    match from_end(values)? {
        Some(item) => Ok(item),
        None => fault("the index is outside the array"),
    }
}

fn try_index_from_end(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    if matches!(values[0].content, Content::Null) {
        return Ok(value::null());
    }
    Ok(from_end(values)?.unwrap_or_else(value::null))
}

/// The item at an index that counts from 1 at the end.
fn from_end(values: &[Derived]) -> Result<Option<Derived>, Fault> {
    if let Some(unknown) = values.iter().find(|value| value.is_unknown()) {
        return Ok(Some(unknown.clone()));
    }
    let items = array_of(values, 0)?;
    let back = usize::try_from(integer_of(values, 1)?).unwrap_or(0);
    let at = if back == 0 {
        None
    } else {
        items.len().checked_sub(back)
    };
    Ok(at.map(|at| value::part_of(&values[0], &items[at])))
}

fn index_of(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    found(evaluator, values, false)
}

fn last_index_of(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    found(evaluator, values, true)
}

/// Texts are searched without regard to letter case, arrays with it.
fn found(evaluator: &Evaluator<'_>, values: &[Derived], from_end: bool) -> Outcome {
    if let Some(unknown) = values.iter().find(|value| value.is_unknown()) {
        return Ok(unknown.clone());
    }
    let index = |at: Option<usize>| at.map_or_else(|| value::integer(-1), value::count);
    match &values[0].content {
        Content::String(text) => {
            let known = |at: usize| evaluator.partial.known(&values[at]);
            if let Some(unknown) = known(0).or_else(|| known(1)) {
                return Ok(unknown);
            }
            let text = text.to_lowercase();
            let part = text_of(values, 1)?.to_lowercase();
            let at = if from_end {
                text.rfind(&part)
            } else {
                text.find(&part)
            };
            Ok(index(at.map(|at| utf16_length(&text[..at]))))
        }
        Content::Array(items) => {
            let at = if from_end {
                let found = position(evaluator, items.iter().rev(), &values[1]);
                found.map(|at| at.map(|at| items.len() - 1 - at))
            } else {
                position(evaluator, items.iter(), &values[1])
            };
            // An earlier unknown item could be equal, too.
            let is_clear = |at: usize| {
                let others = if from_end {
                    &items[at + 1..]
                } else {
                    &items[..at]
                };
                others
                    .iter()
                    .all(|item| evaluator.same(item, &values[1]).is_ok())
            };
            Ok(match at {
                Ok(Some(at)) if !is_clear(at) => Derived::unknown(
                    "an element of the array is unknown",
                    "the elements of the array",
                ),
                Ok(at) => index(at),
                Err(unknown) => unknown,
            })
        }
        _ => Err(wrong_type(values, 0, "a string or an array")),
    }
}

/// Lengths and offsets are those of .NET, which counts UTF-16 units.
pub(crate) fn utf16_length(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.encode_utf16().count()
    }
}

fn join(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let items = array_of(values, 0)?;
    let delimiter = text_of(values, 1)?;
    let mut out = String::new();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push_str(delimiter);
        }
        match &item.content {
            Content::Unknown { .. } => return Ok(value::part_of(&values[0], item)),
            Content::Bool(value) => out.push_str(if *value { "True" } else { "False" }),
            Content::Null => {}
            Content::Array(_) | Content::Object(_) => {
                if let Some(unknown) = evaluator.first_unknown(item) {
                    return Ok(unknown);
                }
                let json = value::to_json(item, &|| evaluator.spend(1));
                out.push_str(&json.unwrap_or_default());
            }
            _ => out.push_str(text_of(items, at)?),
        }
        if out.len() > LONGEST_TEXT {
            break;
        }
    }
    made_text(out)
}

fn length(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    match &values[0].content {
        Content::Unknown { .. } => Ok(values[0].clone()),
        Content::Array(items) => Ok(value::count(items.len())),
        Content::Object(members) => match value::rest(&values[0]) {
            Some(rest) => Ok(rest.clone()),
            None => Ok(value::count(members.len())),
        },
        Content::String(text) if is_partial(text) => Ok(evaluator
            .partial
            .known(&values[0])
            .unwrap_or_else(value::null)),
        Content::String(text) => Ok(value::count(utf16_length(text))),
        Content::Null => Ok(value::integer(0)),
        _ => Err(wrong_type(values, 0, "an array, a string or an object")),
    }
}

fn range(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let start = integer_of(values, 0)?;
    let count = integer_of(values, 1)?;
    if !(0..=10_000).contains(&count) {
        return fault("a range has 0 to 10000 elements");
    }
    let Some(end) = start.checked_add(count) else {
        return fault("the range ends beyond the largest int");
    };
    made_array(evaluator, (start..end).map(value::integer).collect())
}

fn skip(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    slice(evaluator, values, |number, length| {
        number.min(length)..length
    })
}

fn take(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    slice(evaluator, values, |number, length| 0..number.min(length))
}

fn slice(
    evaluator: &Evaluator<'_>,
    values: &[Derived],
    range: impl Fn(usize, usize) -> std::ops::Range<usize>,
) -> Outcome {
    let number = usize::try_from(integer_of(values, 1)?.max(0)).unwrap_or(usize::MAX);
    match &values[0].content {
        Content::Array(items) => {
            let items = &items[range(number, items.len())];
            let whole = &values[0];
            let parts = items.iter().map(|item| value::part_of(whole, item));
            made_array(evaluator, parts.collect())
        }
        Content::String(text) if text.is_ascii() => {
            Ok(value::text(&text[range(number, text.len())]))
        }
        Content::String(text) => {
            let units: Vec<u16> = text.encode_utf16().collect();
            let part = &units[range(number, units.len())];
            Ok(value::text(String::from_utf16_lossy(part)))
        }
        _ => Err(wrong_type(values, 0, "an array or a string")),
    }
}

/// The items of two arrays, each once, in the order of the first.
pub(super) fn united(evaluator: &Evaluator<'_>, values: &[Derived]) -> Result<Vec<Derived>, Fault> {
    let mut items: Vec<Derived> = Vec::new();
    for at in 0..values.len() {
        for item in array_of(values, at)?.iter() {
            let is_new = !items
                .iter()
                .any(|other| matches!(evaluator.same(other, item), Ok(true)));
            if !evaluator.spend(1 + items.len() / COMPARISONS) {
                return Err(Fault::new("the template takes too many steps to expand"));
            }
            if is_new {
                items.push(value::part_of(&values[at], item));
            }
        }
    }
    Ok(items)
}

/// The items of the first array that every other has, too; an unknown if that can't be told.
pub(super) fn common(
    evaluator: &Evaluator<'_>,
    values: &[Derived],
) -> Result<Result<Vec<Derived>, Derived>, Fault> {
    let mut items: Vec<Derived> = Vec::new();
    for item in array_of(values, 0)?.iter() {
        let mut is_common = true;
        for at in 1..values.len() {
            match position(evaluator, array_of(values, at)?.iter(), item) {
                Ok(found) => is_common &= found.is_some(),
                Err(unknown) => return Ok(Err(unknown)),
            }
        }
        let is_new = !items
            .iter()
            .any(|other| matches!(evaluator.same(other, item), Ok(true)));
        if is_common && is_new {
            items.push(value::part_of(&values[0], item));
        }
    }
    Ok(Ok(items))
}
