//! The language server: what an audit finds, shown in an editor while files are written.
//!
//! The protocol only. Reading files and asking the controls is the business of a [`Workspace`],
//! so that an editor is told what the command would say about the same files.

mod action;
mod diagnostic;
mod hover;
mod lines;
mod session;
mod shown;
mod uri;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use lsp_server::Connection;
use palisade_document::{Diagnostic, Text};
use palisade_report::Report;

pub use session::{Failure, serve};

/// The texts of files that are open in the editor, by their path. They stand in for the disk.
pub type Buffers = BTreeMap<PathBuf, String>;

/// What is audited.
pub trait Workspace {
    /// The folder that paths of reports start from.
    fn folder(&self) -> &Path;

    /// Reads all files, with the open ones as they are in the editor, and asks the controls.
    ///
    /// # Errors
    /// What is wrong with the configuration, so that nothing can be asked.
    fn audit(&self, buffers: &Buffers) -> Result<Audited, Vec<Diagnostic>>;

    /// The text of a file on the disk.
    fn text(&self, path: &str) -> Option<String>;
}

/// An audit of a workspace.
pub struct Audited {
    /// What it found.
    pub report: Report,
    /// The texts that places of the report were counted in, by path. Secrets in them are masked,
    /// byte for byte.
    pub texts: HashMap<String, Text>,
    /// The kinds of answers to show, as words of a report.
    pub shown: Vec<&'static str>,
}

/// The standard streams of this process as a connection.
pub fn stdio() -> (Connection, lsp_server::IoThreads) {
    Connection::stdio()
}
