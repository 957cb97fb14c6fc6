//! The second step of reading: what several files make together.

use palisade_document::{Diagnostic, Document, DocumentId};
use palisade_estate::Reading;

use crate::NotUnderstood;
use crate::template::Deployed;

/// What files make together.
#[derive(Default)]
pub(crate) struct Composition {
    pub(crate) readings: Vec<Reading>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) not_understood: Vec<NotUnderstood>,
    /// The files that turned out to belong to nothing.
    pub(crate) unused: Vec<DocumentId>,
}

impl Composition {
    pub(crate) fn add(&mut self, deployed: Deployed) {
        self.readings.push(deployed.reading);
        self.diagnostics.extend(deployed.diagnostics);
    }

    pub(crate) fn join(&mut self, other: Self) {
        self.readings.extend(other.readings);
        self.diagnostics.extend(other.diagnostics);
        self.not_understood.extend(other.not_understood);
        self.unused.extend(other.unused);
    }
}

/// A path as paths are compared: with `/`, without `.`, and with `..` applied.
pub(crate) fn plain_path(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split(['/', '\\']) {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|last| !matches!(*last, ".." | "")) => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The folder of a file; empty for one without.
pub(crate) fn folder(file: &Document) -> String {
    let path = plain_path(file.text().path());
    path.rsplit_once('/')
        .map_or(String::new(), |(folder, _)| folder.to_owned())
}

/// The name of a file without its folder.
pub(crate) fn file_name(file: &Document) -> &str {
    let path = file.text().path();
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
