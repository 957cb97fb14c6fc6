//! Making and reading values.

use std::sync::Arc;

use palisade_document::{Content, Derived, Provenance};

pub(crate) fn of(content: Content, source: &Provenance) -> Derived {
    Derived {
        content,
        source: source.clone(),
    }
}

pub(crate) fn null(source: &Provenance) -> Derived {
    of(Content::Null, source)
}

pub(crate) fn text(text: impl Into<Arc<str>>, source: &Provenance) -> Derived {
    of(Content::String(text.into()), source)
}

pub(crate) fn flag(flag: bool, source: &Provenance) -> Derived {
    of(Content::Bool(flag), source)
}

pub(crate) fn number(number: impl Into<Arc<str>>, source: &Provenance) -> Derived {
    of(Content::Number(number.into()), source)
}

pub(crate) fn array(items: Vec<Derived>, source: &Provenance) -> Derived {
    of(Content::Array(Arc::new(items)), source)
}

pub(crate) fn object(members: Vec<(Derived, Derived)>, source: &Provenance) -> Derived {
    of(Content::Object(Arc::new(members)), source)
}

pub(crate) fn unknown(
    cause: impl Into<Arc<str>>,
    supply: impl Into<Arc<str>>,
    source: &Provenance,
) -> Derived {
    let content = Content::Unknown {
        cause: cause.into(),
        supply: supply.into(),
    };
    of(content, source)
}

/// The member of an object, the last where a key is given twice.
pub(crate) fn get<'v>(value: &'v Derived, key: &str) -> Option<&'v Derived> {
    members(value)
        .iter()
        .rev()
        .find(|(name, _)| as_str(name) == Some(key))
        .map(|(_, member)| member)
}

/// The members of an object; nothing for other kinds.
pub(crate) fn members(value: &Derived) -> &[(Derived, Derived)] {
    match &value.content {
        Content::Object(members) => members,
        _ => &[],
    }
}

/// The items of a list; nothing for other kinds.
pub(crate) fn items(value: &Derived) -> &[Derived] {
    match &value.content {
        Content::Array(items) => items,
        _ => &[],
    }
}

pub(crate) fn as_str(value: &Derived) -> Option<&str> {
    match &value.content {
        Content::String(text) => Some(text),
        _ => None,
    }
}

/// The text of a scalar, as a template writes it.
pub(crate) fn scalar(value: &Derived) -> Option<&str> {
    match &value.content {
        Content::String(text) | Content::Number(text) => Some(text),
        Content::Bool(true) => Some("true"),
        Content::Bool(false) => Some("false"),
        _ => None,
    }
}

pub(crate) fn is_null(value: &Derived) -> bool {
    matches!(value.content, Content::Null)
}

pub(crate) fn is_unknown(value: &Derived) -> bool {
    matches!(value.content, Content::Unknown { .. })
}
