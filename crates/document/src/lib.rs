//! A parsed file as one tree in which every value knows its place in the text.
//!
//! JSON (with comments and trailing commas) and YAML (several documents, anchors, merge keys)
//! become the same [`Document`]. A file is never refused as a whole: what is broken gives a
//! [`Diagnostic`] with its position and whatever else could be read is there.

mod builder;
mod derived;
mod diagnostic;
mod json;
mod scalar;
mod text;
mod tree;
pub mod witness;
mod yaml;

pub use derived::{
    Content, Derived, Link, Place, Provenance, has_stand_in, stand_in, with_placeholders,
};
pub use diagnostic::{Diagnostic, Level};
pub use text::{DecodeError, Position, Text};
pub use tree::{Document, DocumentId, Entry, Kind, NodeId, Origin, Span, Value};

/// The notation a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// JSON, with `//` and `/* */` comments and trailing commas allowed.
    Json,
    /// YAML 1.2 with the scalars that Kubernetes still reads the YAML 1.1 way.
    Yaml,
}

impl Notation {
    /// The notation that the first visible character speaks for: JSON starts with `{` or `[`
    /// (or with a comment), everything else is YAML.
    pub fn of(text: &str) -> Self {
        let start = text.trim_start_matches('\u{feff}').trim_start();
        if start.starts_with("{{") {
            // An action of a Helm chart's template: no JSON starts so.
            Self::Yaml
        } else if start.starts_with(['{', '['])
            || start.starts_with("//")
            || start.starts_with("/*")
        {
            Self::Json
        } else {
            Self::Yaml
        }
    }
}

/// Parses `text` into a document, with what was wrong on the way.
///
/// A broken YAML document between two `---` loses only itself; a broken JSON value loses itself
/// and what follows it in the file.
pub fn parse(text: Text, notation: Notation) -> (Document, Vec<Diagnostic>) {
    match notation {
        Notation::Json => json::parse(text),
        Notation::Yaml => yaml::parse(text),
    }
}
