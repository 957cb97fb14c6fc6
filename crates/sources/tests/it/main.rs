//! What the readers must do with the shapes, the secrets and the nonsense that come in.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

mod fuzz;
mod hostile;
mod redaction;
mod shapes;

use std::fmt::Write;
use std::path::PathBuf;

use palisade_estate::Estate;
use palisade_sources::{File, FileReading, Input};

fn read(path: &str, content: impl Into<Vec<u8>>) -> FileReading {
    palisade_sources::read(File {
        path: path.to_owned(),
        bytes: content.into(),
    })
}

/// Several files as one input.
fn read_all(files: &[(&str, &str)]) -> Input {
    palisade_sources::read_all(
        files,
        |(path, content)| {
            Ok(File {
                path: (*path).to_owned(),
                bytes: content.as_bytes().to_vec(),
            })
        },
        false,
    )
}

fn fixtures() -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut fixtures: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .collect();
    fixtures.sort();
    fixtures
}

/// What came out of a file, one line each.
fn describe(reading: FileReading) -> String {
    let mut out = String::new();
    for left in &reading.not_understood {
        writeln!(out, "left aside: {}", left.reason).unwrap();
    }
    for problem in &reading.diagnostics {
        let at = problem
            .position
            .map(|at| format!("{at} "))
            .unwrap_or_default();
        writeln!(out, "{:?}: {at}{}", problem.level, problem.message).unwrap();
        if let Some(help) = &problem.help {
            writeln!(out, "  help: {help}").unwrap();
        }
    }
    let whole = reading
        .reading
        .as_ref()
        .is_some_and(|reading| reading.is_whole);
    writeln!(out, "whole: {whole}").unwrap();
    let (estate, _) = Estate::assemble(reading.reading.into_iter().collect(), false);
    for resource in estate.resources() {
        let listing = if resource.is_listing() {
            " (listing)"
        } else {
            ""
        };
        writeln!(
            out,
            "{} {}{listing}",
            resource.resource_type(),
            resource.id()
        )
        .unwrap();
    }
    for object in estate.objects() {
        let namespace = object.namespace().unwrap_or("-");
        writeln!(
            out,
            "{} {} in {namespace}",
            object.api_version(),
            object.display_name()
        )
        .unwrap();
    }
    out
}

/// Everything of a reading that could show to anybody.
fn exposed(reading: &FileReading) -> String {
    let mut out = format!("{:?}\n{:?}\n", reading.diagnostics, reading.not_understood);
    if let Some(reading) = &reading.reading {
        writeln!(out, "{:?}", reading.document).unwrap();
        writeln!(out, "{}", reading.document.text().content()).unwrap();
        for value in reading.document.values() {
            writeln!(out, "{value:?}").unwrap();
        }
    }
    out
}
