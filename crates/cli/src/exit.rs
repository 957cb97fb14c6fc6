//! How a run ends.

use std::process::ExitCode;

use palisade_document::Diagnostic;
use thiserror::Error;

/// The exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing at or above the severity asked for.
    Clean = 0,
    /// Findings.
    Findings = 1,
    /// The arguments are wrong.
    Usage = 2,
    /// Nothing to read, or with `--strict` evidence is missing.
    NoInput = 3,
    /// A defect of Palisade or of the machine.
    Internal = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a run ends without an answer.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// An argument names nothing.
    #[error("{0}")]
    Usage(String),
    /// The input holds nothing to audit.
    #[error("{0}")]
    NoInput(String),
    /// A file of the project can't be read.
    #[error("can't read {path}")]
    Read {
        /// Which.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
    /// A file of the project says what can't be.
    #[error("{}", lines(.0))]
    Broken(Vec<Diagnostic>),
    /// A report can't be written.
    #[error("can't write {path}")]
    Write {
        /// Where to.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
    /// An editor can't be served.
    #[error("{0}")]
    Editor(palisade_lsp::Failure),
    /// Nobody reads the output any more.
    #[error("the output was closed")]
    Pipe,
}

impl Failure {
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) | Self::Read { .. } | Self::Broken(_) => Exit::Usage,
            Self::NoInput(_) => Exit::NoInput,
            Self::Write { .. } | Self::Pipe | Self::Editor(_) => Exit::Internal,
        }
    }
}

/// Each on a line of its own, with its place and advice.
fn lines(diagnostics: &[Diagnostic]) -> String {
    let lines = diagnostics.iter().map(|diagnostic| {
        let place = diagnostic
            .position
            .map(|at| format!(":{at}"))
            .unwrap_or_default();
        let help = diagnostic
            .help
            .as_ref()
            .map(|help| format!("; {help}"))
            .unwrap_or_default();
        format!("{}{place}: {}{help}", diagnostic.path, diagnostic.message)
    });
    lines.collect::<Vec<_>>().join("\nerror: ")
}
