//! Which files are read, and their bytes.

use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use ignore::WalkBuilder;
use palisade_document::Diagnostic;
use palisade_lsp::Buffers;
use palisade_sources::File;

/// A file to read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// Standard input, shown as `stdin`.
    Standard,
    /// A file on the disk.
    Disk(PathBuf),
    /// Something fetched, shown as a file.
    Fetched {
        /// How it is shown; the folders and the name tell its cluster.
        path: String,
        /// What it holds.
        bytes: Arc<Vec<u8>>,
    },
}

/// The files that the arguments name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// In order and each once.
    pub(crate) places: Vec<Place>,
    /// Arguments that lead nowhere, folders that can't be entered, links that go in circles.
    pub(crate) problems: Vec<Diagnostic>,
}

impl Found {
    pub(crate) fn add(&mut self, other: Self) {
        self.places.extend(other.places);
        self.problems.extend(other.problems);
    }

    /// Puts texts in the place of the files on the disk that they stand in for, by the path
    /// that these are shown by.
    pub(crate) fn replace(&mut self, buffers: &Buffers) {
        for place in &mut self.places {
            if let Place::Disk(path) = place
                && let shown = shown(path)
                && let Some(text) = buffers.get(Path::new(&shown))
            {
                *place = Place::Fetched {
                    path: shown,
                    bytes: Arc::new(text.clone().into_bytes()),
                };
            }
        }
    }
}

/// Endings of the files that are read from a folder. A file that is named itself is read
/// whatever it is called.
const ENDINGS: [&str; 9] = [
    "json", "jsonc", "yaml", "yml", "tf", "tofu", "tfvars", "tfstate", "bicep",
];

/// Walks the arguments. Folders are entered as git would: hidden and ignored files stay out, and
/// so do those that `admits` refuses.
pub(crate) fn find(arguments: &[String], admits: impl Fn(&Path) -> bool) -> Found {
    let mut found = Found::default();
    for argument in arguments {
        let path = Path::new(argument);
        if argument == "-" {
            found.places.push(Place::Standard);
        } else if path.is_dir() {
            walk(path, &admits, &mut found);
        } else if path.exists() {
            found.places.push(Place::Disk(path.to_owned()));
        } else {
            let problem = Diagnostic::error(argument, None, "no such file or folder");
            found
                .problems
                .push(problem.with_help("check the path; `-` reads standard input"));
        }
    }
    found.places.sort();
    found.places.dedup();
    found
}

fn walk(folder: &Path, admits: impl Fn(&Path) -> bool, found: &mut Found) {
    let walk = WalkBuilder::new(folder)
        .follow_links(true)
        .require_git(false)
        .build();
    for entry in walk {
        match entry {
            Ok(entry) => {
                let path = entry.path();
                let ending = path
                    .extension()
                    .and_then(|ending| ending.to_str())
                    .unwrap_or_default();
                let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
                if is_file
                    && ENDINGS
                        .iter()
                        .any(|known| known.eq_ignore_ascii_case(ending))
                    && admits(path)
                {
                    found.places.push(Place::Disk(path.to_owned()));
                }
            }
            Err(error) => found.problems.push(Diagnostic::warning(
                &folder.to_string_lossy(),
                None,
                error.to_string(),
            )),
        }
    }
}

/// Reads a file.
pub(crate) fn load(place: &Place) -> Result<File, Diagnostic> {
    let (path, bytes) = match place {
        Place::Standard => {
            let mut bytes = Vec::new();
            let outcome = std::io::stdin().lock().read_to_end(&mut bytes);
            ("stdin".to_owned(), outcome.map(|_| bytes))
        }
        Place::Disk(path) => (shown(path), fs::read(path)),
        Place::Fetched { path, bytes } => (path.clone(), Ok(bytes.to_vec())),
    };
    match bytes {
        Ok(bytes) => Ok(File { path, bytes }),
        Err(error) => Err(Diagnostic::error(
            &path,
            None,
            format!("can't be read: {error}"),
        )),
    }
}

/// A path without `.` and with `..` applied, as far as it says itself where that leads.
pub(crate) fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if plain.file_name().is_some() => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

/// A path as people write it: without the `./` that a walk of `.` puts before it.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(".")
        .unwrap_or(path)
        .to_string_lossy()
        .into_owned()
}
