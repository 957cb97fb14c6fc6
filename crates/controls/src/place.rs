//! Where something shows.

use std::fmt;
use std::sync::Arc;

use palisade_document::{DocumentId, Origin, Span, Text, Value};

/// A place in a file. Resolved to a line only when printed.
#[derive(Clone)]
pub enum Place {
    /// A value in the estate.
    Value(Origin),
    /// A stretch of a document of the estate that is no value, such as a comment.
    Text(DocumentId, Span),
    /// A stretch of a file that isn't part of the estate, such as `palisade.toml`.
    File(Arc<Text>, Span),
}

impl From<Value<'_>> for Place {
    fn from(value: Value<'_>) -> Self {
        Self::Value(value.origin())
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(origin) => origin.fmt(f),
            Self::Text(document, span) => write!(f, "{document:?} {span:?}"),
            Self::File(text, span) => write!(f, "{} {span:?}", text.path()),
        }
    }
}

/// A place with what there is to say about it.
#[derive(Clone, Debug)]
pub struct Mark {
    /// The place.
    pub place: Place,
    /// What to see there; may be empty.
    pub label: String,
}
