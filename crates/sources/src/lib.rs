//! From the bytes of files to an estate. Nothing here reads a disk or a network.
//!
//! What a file is shows in its content, never in its name: [`read`] parses it, takes out the
//! Azure resources and Kubernetes objects that it understands, names what it doesn't, and masks
//! secrets before anything else can see them.

mod azure_export;
mod composition;
mod effective;
mod format;
mod helm_template;
mod kubernetes_manifest;
mod options;
mod recognition;
mod redaction;
mod template;
mod terraform;

use palisade_document::{
    DecodeError, Diagnostic, Document, DocumentId, Level, Notation, Text, Value,
};
use palisade_estate::{Estate, Reading};
use rayon::prelude::*;

use composition::Composition;
use format::Format;
use recognition::Found;
use template::Part;

pub use options::{Deployment, Options};

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
    /// Resources and objects, if the file is text. Empty where there are none.
    pub reading: Option<Reading>,
    /// What was wrong with it.
    pub diagnostics: Vec<Diagnostic>,
    /// What was left aside.
    pub not_understood: Vec<NotUnderstood>,
    /// What the file is as a whole.
    format: Format,
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

/// Reads files into an estate, several at a time, in two steps: each for itself, then what some
/// make together, such as a template with its parameters. The outcome doesn't depend on how many
/// threads there are. `load` gives a file its bytes when its turn comes, so that no more than a
/// few files are held unparsed.
pub fn read_all<F: Sync>(
    files: &[F],
    load: impl Fn(&F) -> Result<File, Diagnostic> + Sync,
    options: impl Into<Options>,
) -> Input {
    let options = options.into();
    let results: Vec<_> = files
        .par_iter()
        .map(|file| match load(file) {
            Ok(file) => read(file),
            Err(diagnostic) => FileReading {
                reading: None,
                diagnostics: vec![diagnostic],
                not_understood: Vec::new(),
                format: Format::Parts,
            },
        })
        .collect();
    let (mut readings, mut formats) = (Vec::new(), Vec::new());
    let (mut diagnostics, mut not_understood) = (Vec::new(), Vec::new());
    for result in results {
        formats.extend(result.reading.is_some().then_some(result.format));
        readings.extend(result.reading);
        diagnostics.extend(result.diagnostics);
        not_understood.extend(result.not_understood);
    }
    let composition = compose(&mut readings, &formats, &options);
    readings.extend(composition.readings);
    diagnostics.extend(composition.diagnostics);
    not_understood.extend(composition.not_understood);
    let (estate, problems) = Estate::assemble(readings, options.assume_complete);
    diagnostics.extend(problems);
    not_understood.extend(effective::unplaced(&estate));
    diagnostics.sort();
    not_understood.sort();
    Input {
        estate,
        diagnostics,
        not_understood,
    }
}

/// What files make together. Places name the files by their number, so they get it first.
fn compose(readings: &mut [Reading], formats: &[Format], options: &Options) -> Composition {
    for (number, reading) in (0..).zip(&mut *readings) {
        reading.document.set_id(DocumentId(number));
    }
    let secrets = template::secrets(&parts(readings, formats), options);
    for (file, nodes) in secrets {
        readings[file].document.redact(&nodes);
    }
    let files = parts(readings, formats);
    let mut composition = template::compose(&files, options);
    composition.join(terraform::compose(&files, readings, options));
    for unused in &composition.unused {
        let document = &mut readings[unused.0 as usize].document;
        *document = empty(document.text().path());
    }
    composition
}

fn parts<'r>(readings: &'r [Reading], formats: &[Format]) -> Vec<Part<'r>> {
    let documents = readings.iter().map(|reading| &reading.document);
    documents.zip(formats.iter().copied()).collect()
}

/// Reads one file.
pub fn read(file: File) -> FileReading {
    let path = file.path;
    let text = match Text::decode(&path, file.bytes) {
        Ok(text) => text,
        Err(error) => return refused(path, error),
    };
    let (document, diagnostics) = match format::is_native_configuration(&path) {
        true => (configuration(text), Vec::new()),
        false => parse(text),
    };
    take(document, diagnostics)
}

/// A file of a configuration of Terraform: values are read when all of its files are here.
fn configuration(mut text: Text) -> Document {
    redaction::redact_configuration(&mut text);
    let comments = palisade_terraform::comments(text.content());
    Document::of_text(text, comments)
}

/// Takes out of a document what is in it. `diagnostics` is what was wrong with its file.
pub fn take(mut document: Document, mut diagnostics: Vec<Diagnostic>) -> FileReading {
    let path = document.text().path().to_owned();
    let mut found = Found::default();
    let format = Format::of(&document);
    if format == Format::Parts {
        for root in document.roots() {
            recognition::recognise(root, &path, &mut found);
        }
    }
    let is_broken = has_error(&diagnostics);
    if is_broken && helm_template::is_one(document.text().content()) {
        diagnostics = helm_template::explain(diagnostics);
    }
    if !is_broken && format == Format::Parts && document.roots().all(Value::is_null) {
        found.leave("an empty file");
    }
    redaction::redact(&mut document, is_broken, format.strings());
    let Found {
        resources,
        objects,
        lists,
        snapshot,
        is_query_result: _,
        is_continued,
        reasons,
    } = found;
    let is_needed = format != Format::Parts || snapshot.is_some();
    if resources.is_empty() && objects.is_empty() && !is_needed {
        document = empty(&path);
    }
    let not_understood = reasons.into_iter().map(|reason| NotUnderstood {
        path: path.clone(),
        reason,
    });
    FileReading {
        not_understood: not_understood.collect(),
        reading: Some(Reading {
            resources,
            objects,
            lists,
            snapshot,
            is_whole: !is_broken && !is_continued,
            ..Reading::of(document)
        }),
        format,
        diagnostics,
    }
}

/// The largest text that starts as JSON does and is tried as YAML too if it is none. People
/// write such files by hand.
const LARGEST_FLOW: usize = 1 << 20;

/// Parses a text by its first character. YAML may also start with `{` or `[`.
fn parse(text: Text) -> (Document, Vec<Diagnostic>) {
    let notation = Notation::of(text.content());
    let (document, diagnostics) = palisade_document::parse(text, notation);
    let is_small = document.text().content().len() <= LARGEST_FLOW;
    if notation == Notation::Json && is_small && has_error(&diagnostics) {
        let (flow, warnings) = palisade_document::parse(document.text().clone(), Notation::Yaml);
        if !has_error(&warnings) {
            return (flow, warnings);
        }
    }
    (document, diagnostics)
}

fn has_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics
        .iter()
        .any(|diagnostic| diagnostic.level == Level::Error)
}

/// Stands for a file that was read and is not needed any more.
fn empty(path: &str) -> Document {
    palisade_document::parse(Text::new(path, ""), Notation::Json).0
}

fn refused(path: String, error: DecodeError) -> FileReading {
    let problem = |position, message: &str| FileReading {
        reading: None,
        diagnostics: vec![Diagnostic::error(&path, position, message)],
        not_understood: Vec::new(),
        format: Format::Parts,
    };
    match error {
        DecodeError::Binary => FileReading {
            reading: None,
            diagnostics: Vec::new(),
            not_understood: vec![NotUnderstood {
                path,
                reason: "a binary file".to_owned(),
            }],
            format: Format::Parts,
        },
        DecodeError::TooLarge => problem(None, "larger than 2 GiB; split the export"),
        DecodeError::NotUnicode(position) => {
            problem(Some(position), "not valid UTF-8 from here on")
        }
    }
}
