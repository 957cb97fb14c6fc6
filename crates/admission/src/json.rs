//! Values of documents as JSON, which the engines read, and places in JSON as values again.

use palisade_document::{Kind, Value};
use palisade_estate::Unknown;
use serde_json::{Map, Number, Value as Json};

/// The largest object that is judged, in values. etcd refuses objects over 1.5 MB, so a real one
/// is far below; a YAML file can name one node a million times by aliases.
const LARGEST: usize = 400_000;

/// A value with everything below it as JSON. What can't be known before deployment makes the
/// whole unknown: an engine could not tell it from a text.
pub(crate) fn to_json(value: Value<'_>) -> Result<Json, Unknown> {
    let mut left = LARGEST;
    convert(value, &mut left)
}

fn convert(value: Value<'_>, left: &mut usize) -> Result<Json, Unknown> {
    if let Some(unknown) = Unknown::of(value) {
        return Err(unknown);
    }
    *left = left
        .checked_sub(1)
        .ok_or_else(|| Unknown::because("the object is too large to be judged", "split it"))?;
    Ok(match value.kind() {
        Kind::Null | Kind::Unknown => Json::Null,
        Kind::Bool => Json::Bool(value.as_bool() == Some(true)),
        Kind::Number => number(value),
        Kind::String => Json::String(value.scalar().to_owned()),
        Kind::Array => Json::Array(
            value
                .items()
                .map(|item| convert(item, left))
                .collect::<Result<_, _>>()?,
        ),
        Kind::Object => {
            let mut members = Map::new();
            for entry in value.entries() {
                members.insert(entry.name().to_owned(), convert(entry.value, left)?);
            }
            Json::Object(members)
        }
    })
}

/// A number as written in JSON, or a whole one in one of YAML's other notations.
fn number(value: Value<'_>) -> Json {
    let text = value.scalar();
    serde_json::from_str::<Number>(text)
        .ok()
        .or_else(|| value.as_i64().map(Number::from))
        .or_else(|| Number::from_f64(text.parse().ok()?))
        .map_or_else(|| Json::String(text.to_owned()), Json::Number)
}

/// The innermost value on the way along `path` that is there.
pub(crate) fn innermost<'e>(root: Value<'e>, path: &[String]) -> Value<'e> {
    let mut at = root;
    for step in path {
        let next = match step.parse::<usize>() {
            Ok(index) if at.kind() == Kind::Array => at.items().nth(index),
            _ => at.get(step),
        };
        match next {
            Some(next) => at = next,
            None => break,
        }
    }
    at
}

/// The text of a member, or the empty text.
pub(crate) fn text<'j>(json: &'j Json, key: &str) -> &'j str {
    json.get(key).and_then(Json::as_str).unwrap_or_default()
}
