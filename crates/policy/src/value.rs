//! Values as the evaluator sees them.

use palisade_document::{Kind, Value, witness};

/// A JSON value apart from its file.
pub type Datum = regorus::Value;

/// The value with every key in lower case, as settings are looked up, or the first thing in it
/// that can't be known.
pub(crate) fn folded<'d>(value: Value<'d>) -> Result<Datum, Value<'d>> {
    read(value, true)
}

/// The value as it is, or the first thing in it that can't be known.
pub(crate) fn verbatim<'d>(value: Value<'d>) -> Result<Datum, Value<'d>> {
    read(value, false)
}

fn read<'d>(value: Value<'d>, folds: bool) -> Result<Datum, Value<'d>> {
    if value.is_unknown() {
        return Err(value);
    }
    Ok(match value.kind() {
        Kind::Null | Kind::Unknown => Datum::Null,
        Kind::Bool => Datum::Bool(value.as_bool() == Some(true)),
        Kind::Number => number(value.scalar()),
        Kind::String if is_masked(value.scalar()) => return Err(value),
        Kind::String => Datum::from(value.scalar()),
        Kind::Array => {
            let items: Result<Vec<_>, _> = value.items().map(|item| read(item, folds)).collect();
            Datum::from(items?)
        }
        Kind::Object => {
            let mut object = Datum::new_object();
            for entry in value.entries() {
                if entry.key.is_unknown() {
                    return Err(entry.key);
                }
                let name = entry.name();
                let key = match folds {
                    true => Datum::from(name.to_ascii_lowercase()),
                    false => Datum::from(name),
                };
                let member = read(entry.value, folds)?;
                insert(&mut object, key, member);
            }
            object
        }
    })
}

/// A value with every key in lower case.
pub(crate) fn lowered(value: &Datum) -> Datum {
    match value {
        Datum::Array(items) => Datum::from(items.iter().map(lowered).collect::<Vec<_>>()),
        Datum::Object(members) => {
            let mut object = Datum::new_object();
            for (key, member) in members.iter() {
                let key = match key.as_string() {
                    Ok(text) => Datum::from(text.to_ascii_lowercase()),
                    Err(_) => key.clone(),
                };
                insert(&mut object, key, lowered(member));
            }
            object
        }
        other => other.clone(),
    }
}

/// Puts a member into an object.
pub(crate) fn insert(object: &mut Datum, key: Datum, member: Datum) {
    if let Ok(members) = object.as_object_mut() {
        members.insert(key, member);
    }
}

fn number(text: &str) -> Datum {
    Datum::from_numeric_string(text).unwrap_or_else(|_| Datum::from(text))
}

/// Whether the text is what stands for a secret that was masked as its file was read.
fn is_masked(text: &str) -> bool {
    text.len() >= 5 && text.bytes().all(|byte| byte == b'*')
}

/// Why a value that can't be read isn't known, and what to supply.
pub(crate) fn unknown_of(value: Value<'_>) -> (String, String) {
    match value.unknown() {
        Some((cause, supply)) => (cause.to_owned(), supply.to_owned()),
        None => witness::apart(|| {
            (
                format!(
                    "the value at {}:{} is masked",
                    value.document().text().path(),
                    value.position()
                ),
                "a verdict by Azure itself, since secrets aren't kept".to_owned(),
            )
        }),
    }
}
