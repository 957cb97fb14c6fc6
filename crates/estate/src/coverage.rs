//! How far the input can be trusted to hold everything of a kind.

use palisade_document::{Diagnostic, Value};

use crate::ResourceId;

/// Whether the absence of something from the input means that it doesn't exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// A snapshot or the user says that the input holds everything in the scope.
    Complete,
    /// The input holds some of the kind in the scope, so that the listing it came from is taken
    /// to be whole. A finding that leans on it says so.
    Assumed,
    /// The input holds nothing of the kind in the scope: it may not have been asked for.
    Unseen,
}

/// What a `palisade-snapshot.json` claims: that the files beside it hold everything within the
/// scopes. The claim stands only while each of the files is in the input.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub(crate) path: String,
    pub(crate) complete: Vec<ResourceId>,
    pub(crate) files: Vec<String>,
}

impl Snapshot {
    /// Reads the manifest in `root`, found at `path`.
    pub fn read(path: &str, root: Value<'_>) -> Self {
        let folder = path.rfind(['/', '\\']).map_or("", |at| &path[..=at]);
        let list = |key| root.get(key).into_iter().flat_map(Value::items);
        let scopes = list("complete").filter_map(|entry| entry.get("scope")?.as_str());
        let files = list("files").filter_map(Value::as_str);
        Self {
            path: path.to_owned(),
            complete: scopes.filter_map(ResourceId::parse).collect(),
            files: files.map(|file| format!("{folder}{file}")).collect(),
        }
    }

    /// A path as paths are compared: with `/`, and without `.` for the same folder.
    pub(crate) fn plain_path(path: &str) -> String {
        let path = path.replace('\\', "/");
        let parts: Vec<_> = path.split('/').filter(|part| *part != ".").collect();
        parts.join("/")
    }

    /// What is missing of the files that the claim rests on, or was read in part only.
    pub(crate) fn missing(&self, is_read: impl Fn(&str) -> bool) -> Option<Diagnostic> {
        let missing: Vec<_> = self.files.iter().filter(|file| !is_read(file)).collect();
        let first = missing.first()?;
        let others = match missing.len() {
            1 => String::new(),
            more => format!(" and {} more", more - 1),
        };
        let message = format!(
            "the snapshot is not whole: {first}{others} is missing or broken, so nothing counts as complete"
        );
        Some(
            Diagnostic::warning(&self.path, None, message)
                .with_help("collect the snapshot again, or restore the file"),
        )
    }
}
