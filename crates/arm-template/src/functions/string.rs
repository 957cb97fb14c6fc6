//! Texts (Microsoft Learn, "String functions for ARM templates", 2025).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use palisade_document::{Content, Derived};

use super::array::utf16_length;
use super::{
    Function, LONGEST_TEXT, MANY, array_of, fault, format, hash, integer_of, joining, lenient,
    made_array, made_text, object, text_of, textual, wrong_type,
};
use crate::environment::Context;
use crate::evaluator::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::value;

pub(super) const FUNCTIONS: &[Function] = &[
    textual("base64", 1, 1, to_base64),
    super::strict("base64ToJson", 1, 1, base64_to_json),
    textual("base64ToString", 1, 1, base64_to_string),
    super::strict("endsWith", 2, 2, ends_with),
    joining("format", 1, MANY, format::format),
    textual("guid", 1, MANY, guid),
    lenient("newGuid", 0, 0, new_guid),
    textual("padLeft", 2, 3, pad_left),
    textual("replace", 3, 3, replace),
    super::strict("split", 2, 2, split),
    super::strict("startsWith", 2, 2, starts_with),
    lenient("string", 1, 1, string),
    textual("substring", 2, 3, substring),
    textual("toLower", 1, 1, to_lower),
    textual("toUpper", 1, 1, to_upper),
    textual("trim", 1, 1, trim),
    textual("uniqueString", 1, MANY, unique_string),
];

fn to_base64(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    made_text(STANDARD.encode(text_of(values, 0)?))
}

pub(super) fn decoded(text: &str) -> Result<String, Fault> {
    let bytes = STANDARD.decode(text.trim());
    let bytes = bytes.map_err(|_| Fault::new("the text is no base64"))?;
    String::from_utf8(bytes).map_err(|_| Fault::new("what the base64 text encodes is no text"))
}

fn base64_to_string(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    Ok(value::text(decoded(text_of(values, 0)?)?))
}

fn base64_to_json(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    object::from_json(evaluator, &decoded(text_of(values, 0)?)?)
}

/// Prefixes and suffixes are compared without regard to letter case.
fn starts_with(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let text = text_of(values, 0)?.to_lowercase();
    let part = text_of(values, 1)?.to_lowercase();
    Ok(value::boolean(text.starts_with(&part)))
}

fn ends_with(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let text = text_of(values, 0)?.to_lowercase();
    let part = text_of(values, 1)?.to_lowercase();
    Ok(value::boolean(text.ends_with(&part)))
}

fn joined(values: &[Derived]) -> Result<String, Fault> {
    let parts: Result<Vec<_>, _> = (0..values.len()).map(|at| text_of(values, at)).collect();
    Ok(parts?.join("-"))
}

fn guid(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    Ok(value::text(hash::guid(&joined(values)?)))
}

fn unique_string(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    Ok(value::text(hash::unique_string(&joined(values)?)))
}

fn new_guid(evaluator: &Evaluator<'_>, context: Context<'_, '_>, _: &[Derived]) -> Outcome {
    Ok(at_deployment(evaluator, context, "newGuid"))
}

/// The text that a function makes anew for each deployment.
pub(super) fn at_deployment(
    evaluator: &Evaluator<'_>,
    context: Context<'_, '_>,
    function: &str,
) -> Derived {
    let cause = format!("`{function}` gives another value for each deployment");
    let supply = "a value in a parameter file";
    let key = format!("{function} {}", context.leaf.span().start);
    let because = (&cause.as_str().into(), &supply.into());
    value::text(evaluator.partial.text(&key, &cause, because))
}

fn pad_left(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let text = text_of(values, 0)?;
    let width = usize::try_from(integer_of(values, 1)?).unwrap_or(0);
    let pad = match values.get(2) {
        Some(_) => text_of(values, 2)?,
        None => " ",
    };
    let mut letters = pad.chars();
    let (Some(pad), None) = (letters.next(), letters.next()) else {
        return Err(wrong_type(values, 2, "a single character"));
    };
    if width > 16 * 1024 {
        return fault("a text is padded to at most 16384 characters");
    }
    let missing = width.saturating_sub(utf16_length(text));
    let padding: String = std::iter::repeat_n(pad, missing).collect();
    made_text(padding + text)
}

fn replace(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let (text, old, new) = (
        text_of(values, 0)?,
        text_of(values, 1)?,
        text_of(values, 2)?,
    );
    if old.is_empty() {
        return fault("the text to be replaced is empty");
    }
    let grown = text.matches(old).count().saturating_mul(new.len());
    if grown > LONGEST_TEXT {
        return fault("the text would be longer than 4 MB");
    }
    made_text(text.replace(old, new))
}

/// At one delimiter or at each of several.
fn split(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let text = text_of(values, 0)?;
    let delimiters: Vec<&str> = match &values[1].content {
        Content::Array(_) => {
            let items = array_of(values, 1)?;
            let texts: Result<_, _> = (0..items.len()).map(|at| text_of(items, at)).collect();
            texts?
        }
        _ => vec![text_of(values, 1)?],
    };
    let delimiters: Vec<_> = delimiters.into_iter().filter(|it| !it.is_empty()).collect();
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < text.len() {
        let found = delimiters.iter().find(|it| text[at..].starts_with(**it));
        match found {
            Some(delimiter) => {
                parts.push(value::text(&text[start..at]));
                at += delimiter.len();
                start = at;
            }
            None => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    parts.push(value::text(&text[start..]));
    made_array(evaluator, parts)
}

/// Any value as text; objects and arrays as JSON.
fn string(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    match &values[0].content {
        Content::Unknown { .. } | Content::String(_) => Ok(values[0].clone()),
        Content::Bool(value) => Ok(value::text(if *value { "True" } else { "False" })),
        Content::Null => Ok(value::text("")),
        Content::Number(number) => Ok(value::text(&**number)),
        Content::Array(_) | Content::Object(_) => {
            if let Some(unknown) = evaluator.first_unknown(&values[0]) {
                return Ok(unknown);
            }
            match value::to_json(&values[0], &|| evaluator.spend(1)) {
                Some(json) => made_text(json),
                None => fault("the value is too large for a text"),
            }
        }
    }
}

fn substring(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let text: Vec<u16> = text_of(values, 0)?.encode_utf16().collect();
    let start = usize::try_from(integer_of(values, 1)?).ok();
    let start = start.filter(|start| *start <= text.len());
    let Some(start) = start else {
        return fault("the start lies outside the text");
    };
    let length = match values.get(2) {
        Some(length) if !matches!(length.content, Content::Null) => {
            usize::try_from(integer_of(values, 2)?).unwrap_or(usize::MAX)
        }
        _ => text.len() - start,
    };
    match start
        .checked_add(length)
        .and_then(|end| text.get(start..end))
    {
        Some(part) => Ok(value::text(String::from_utf16_lossy(part))),
        None => fault("start and length reach outside the text"),
    }
}

fn to_lower(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    Ok(value::text(text_of(values, 0)?.to_lowercase()))
}

fn to_upper(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    Ok(value::text(text_of(values, 0)?.to_uppercase()))
}

fn trim(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    Ok(value::text(text_of(values, 0)?.trim()))
}
