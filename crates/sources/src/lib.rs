//! From the bytes of files to an estate. Nothing here reads a disk or a network.
//!
//! What a file is shows in its content, never in its name: [`read`] parses it, takes out the
//! Azure resources and Kubernetes objects that it understands, names what it doesn't, and masks
//! secrets before anything else can see them.

mod azure_export;
mod kubernetes_manifest;
mod recognition;
mod redaction;

use palisade_document::{DecodeError, Diagnostic, Notation, Text};
use palisade_estate::{Estate, Reading};
use rayon::prelude::*;

use recognition::Found;

/// A file to read: the path it is shown by and its bytes.
pub struct File {
    /// The path.
    pub path: String,
    /// The content.
    pub bytes: Vec<u8>,
}

/// A file, or a part of one, that is well formed but not something Palisade takes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotUnderstood {
    /// The file.
    pub path: String,
    /// What it seems to be and what to do about it.
    pub reason: String,
}

/// What one file gave.
pub struct FileReading {
    /// Resources and objects, if the file is text and holds values.
    pub reading: Option<Reading>,
    /// What was wrong with it.
    pub diagnostics: Vec<Diagnostic>,
    /// What was left aside.
    pub not_understood: Vec<NotUnderstood>,
}

/// The whole input, read.
pub struct Input {
    /// The estate.
    pub estate: Estate,
    /// What was wrong with files, ordered by file and place.
    pub diagnostics: Vec<Diagnostic>,
    /// What was left aside, ordered by file.
    pub not_understood: Vec<NotUnderstood>,
}

/// Reads files into an estate, several at a time. The outcome doesn't depend on how many
/// threads there are. `load` gives a file its bytes when its turn comes, so that no more than a
/// few files are held unparsed.
pub fn read_all<F: Sync>(
    files: &[F],
    load: impl Fn(&F) -> Result<File, Diagnostic> + Sync,
    assume_complete: bool,
) -> Input {
    let results: Vec<_> = files
        .par_iter()
        .map(|file| match load(file) {
            Ok(file) => read(file),
            Err(diagnostic) => FileReading {
                reading: None,
                diagnostics: vec![diagnostic],
                not_understood: Vec::new(),
            },
        })
        .collect();
    let (mut readings, mut diagnostics, mut not_understood) = (Vec::new(), Vec::new(), Vec::new());
    for result in results {
        readings.extend(result.reading);
        diagnostics.extend(result.diagnostics);
        not_understood.extend(result.not_understood);
    }
    let (estate, problems) = Estate::assemble(readings, assume_complete);
    diagnostics.extend(problems);
    diagnostics.sort();
    not_understood.sort();
    Input {
        estate,
        diagnostics,
        not_understood,
    }
}

/// Reads one file.
pub fn read(file: File) -> FileReading {
    let path = file.path;
    let mut text = match Text::decode(&path, file.bytes) {
        Ok(text) => text,
        Err(error) => return refused(path, error),
    };
    let secrets = redaction::secrets_in_text(text.content());
    text.mask(&secrets);
    let notation = Notation::of(text.content());
    let (mut document, diagnostics) = palisade_document::parse(text, notation);
    let mut found = Found::default();
    for root in document.roots() {
        recognition::recognise(root, &path, &mut found);
    }
    document.redact(
        &document
            .roots()
            .flat_map(redaction::secrets_in_value)
            .collect::<Vec<_>>(),
    );
    let Found {
        resources,
        objects,
        snapshot,
        reasons,
    } = found;
    let is_nothing = resources.is_empty() && objects.is_empty() && snapshot.is_none();
    let not_understood = reasons.into_iter().map(|reason| NotUnderstood {
        path: path.clone(),
        reason,
    });
    FileReading {
        not_understood: not_understood.collect(),
        reading: (!is_nothing).then_some(Reading {
            document,
            resources,
            objects,
            snapshot,
        }),
        diagnostics,
    }
}

fn refused(path: String, error: DecodeError) -> FileReading {
    let problem = |position, message: &str| FileReading {
        reading: None,
        diagnostics: vec![Diagnostic::error(&path, position, message)],
        not_understood: Vec::new(),
    };
    match error {
        DecodeError::Binary => FileReading {
            reading: None,
            diagnostics: Vec::new(),
            not_understood: vec![NotUnderstood {
                path,
                reason: "a binary file".to_owned(),
            }],
        },
        DecodeError::TooLarge => problem(None, "larger than 2 GiB; split the export"),
        DecodeError::NotUnicode(position) => {
            problem(Some(position), "not valid UTF-8 from here on")
        }
    }
}
