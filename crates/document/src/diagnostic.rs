//! What is wrong with an input, where, and what to do.

use crate::Position;

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Something was read in a way that the author may not have meant.
    Warning,
    /// Something could not be read.
    Error,
}

/// A defect of an input file. The message names what was wrong; it never quotes the file, since
/// a text that did not parse could not be searched for secrets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// The file, as shown to the user.
    pub path: String,
    /// Where in the file, if anywhere in particular.
    pub position: Option<Position>,
    /// How bad it is.
    pub level: Level,
    /// What was wrong: lower case, no final stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Something that could not be read.
    pub fn error(path: &str, position: Option<Position>, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            position,
            level: Level::Error,
            message: message.into(),
            help: None,
        }
    }

    /// Something that was read, but perhaps not as meant.
    pub fn warning(path: &str, position: Option<Position>, message: impl Into<String>) -> Self {
        Self {
            level: Level::Warning,
            ..Self::error(path, position, message)
        }
    }

    /// The same diagnostic with advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
