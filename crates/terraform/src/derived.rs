//! Stand-in until crates/document has it.
use std::sync::Arc;
use palisade_document::{DocumentId, Span};

#[derive(Clone, Debug, Default)]
pub struct Derived { pub content: Content, pub source: Provenance }

#[derive(Clone, Debug, Default)]
pub enum Content {
    #[default]
    Null,
    Bool(bool),
    Number(Arc<str>),
    String(Arc<str>),
    Array(Arc<Vec<Derived>>),
    Object(Arc<Vec<(Derived, Derived)>>),
    Unknown { cause: Arc<str>, supply: Arc<str> },
}

#[derive(Clone, Debug, Default)]
pub struct Provenance { pub place: Option<Place>, pub through: Option<Arc<Link>> }
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place { pub document: DocumentId, pub span: Span }
#[derive(Debug)]
pub struct Link { pub label: Arc<str>, pub place: Option<Place>, pub next: Option<Arc<Link>> }

impl Provenance {
    pub fn links(&self) -> impl Iterator<Item = &Link> {
        std::iter::successors(self.through.as_deref(), |link| link.next.as_deref())
    }
}
