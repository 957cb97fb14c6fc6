//! What a file is as a whole, where that decides how it is read.

use palisade_document::{Document, Value};

use crate::redaction::Strings;
use crate::template;

/// What a file is as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Resources and objects, each on its own.
    Parts,
    /// An ARM template.
    Template,
    /// Parameters of an ARM template.
    Parameters,
}

impl Format {
    /// The format of a file. One with several roots holds parts.
    pub(crate) fn of(file: &Document) -> Self {
        let mut roots = file.roots();
        match (roots.next(), roots.next()) {
            (Some(root), None) => Self::of_root(root, file.text().path()),
            _ => Self::Parts,
        }
    }

    fn of_root(root: Value<'_>, path: &str) -> Self {
        if palisade_arm_template::is_template(root) {
            Self::Template
        } else if palisade_arm_template::is_parameter_file(root) || template::is_bare(root, path) {
            Self::Parameters
        } else {
            Self::Parts
        }
    }

    /// How the strings of such a file are to be read.
    pub(crate) fn strings(self) -> Strings {
        match self {
            Self::Parts => Strings::Plain,
            Self::Template | Self::Parameters => Strings::Expressions,
        }
    }
}
