//! What is said about a definition while it is read.

use palisade_document::{Diagnostic, Level, Value};

/// Something about a definition that its author should know, at the value that it is about.
#[derive(Clone, Debug)]
pub struct Remark<'d> {
    /// Where.
    pub at: Value<'d>,
    /// How bad it is.
    pub level: Level,
    /// What: lower case, no final stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl<'d> Remark<'d> {
    /// Something that keeps the definition from being evaluated.
    pub(crate) fn error(at: Value<'d>, message: impl Into<String>) -> Self {
        Self {
            at,
            level: Level::Error,
            message: message.into(),
            help: None,
        }
    }

    /// The same with advice.
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The remark at the line of its file.
    pub fn diagnostic(&self) -> Diagnostic {
        Diagnostic {
            path: self.at.document().text().path().to_owned(),
            position: Some(self.at.position()),
            level: self.level,
            message: self.message.clone(),
            help: self.help.clone(),
        }
    }
}
