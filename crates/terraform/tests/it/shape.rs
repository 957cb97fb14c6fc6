//! Derived values as text.

use std::fmt::Write as _;

use palisade_document::{Content, Derived, DocumentId, Notation, Text};
use palisade_terraform::{Reading, Scope, Source};

/// A value as one line a leaf: its path and what it is.
pub(crate) fn leaves(value: &Derived) -> String {
    let mut text = String::new();
    write(value, String::new(), &mut text);
    text
}

fn write(value: &Derived, path: String, text: &mut String) {
    let mut line = |shown: &str| writeln!(text, "{path} = {shown}").unwrap();
    match &value.content {
        Content::Null => line("null"),
        Content::Bool(flag) => line(&flag.to_string()),
        Content::Number(number) => line(number),
        Content::String(found) => line(&format!("{found:?}")),
        Content::Unknown { cause, .. } => line(&format!("unknown: {cause}")),
        Content::Array(items) if items.is_empty() => line("[]"),
        Content::Object(members) if members.is_empty() => line("{}"),
        Content::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                write(item, format!("{path}[{at}]"), text);
            }
        }
        Content::Object(members) => {
            for (key, member) in members.iter() {
                let Content::String(key) = &key.content else {
                    panic!("a key is text");
                };
                let dot = if path.is_empty() { "" } else { "." };
                write(member, format!("{path}{dot}{key}"), text);
            }
        }
    }
}

/// All that a reading gives.
pub(crate) fn all(reading: &Reading) -> String {
    let mut text = String::new();
    for resource in &reading.resources {
        writeln!(
            text,
            "resource {}\n{}",
            resource.address,
            leaves(&resource.body)
        )
        .unwrap();
    }
    for object in &reading.objects {
        writeln!(text, "object {}\n{}", object.address, leaves(&object.body)).unwrap();
    }
    for addition in &reading.additions {
        writeln!(
            text,
            "addition {}\n{}",
            addition.address,
            leaves(&addition.body)
        )
        .unwrap();
    }
    for id in &reading.deleted {
        writeln!(text, "deleted {id}").unwrap();
    }
    for (address, reason) in &reading.left_aside {
        writeln!(text, "left aside {address}: {reason}").unwrap();
    }
    for (kind, attribute) in &reading.unmapped {
        writeln!(text, "unmapped {kind}.{attribute}").unwrap();
    }
    for problem in &reading.diagnostics {
        writeln!(text, "{problem:?}").unwrap();
    }
    text
}

/// Reads files of a configuration.
pub(crate) fn configuration(files: &[(&str, &str)]) -> Reading {
    let texts: Vec<_> = files
        .iter()
        .map(|(path, text)| Text::new(*path, *text))
        .collect();
    palisade_terraform::read_configuration(&sources(&texts), &[], &Scope::default())
}

pub(crate) fn sources(texts: &[Text]) -> Vec<Source<'_>> {
    let numbered = (1..).zip(texts);
    let sources = numbered.map(|(number, text)| Source {
        text,
        document: DocumentId(number),
    });
    sources.collect()
}

/// Reads a plan with the files beside it.
pub(crate) fn plan(plan: &str, files: &[(&str, &str)]) -> Reading {
    let (document, problems) =
        palisade_document::parse(Text::new("plan.json", plan), Notation::Json);
    assert_eq!(problems, []);
    let texts: Vec<_> = files
        .iter()
        .map(|(path, text)| Text::new(*path, *text))
        .collect();
    palisade_terraform::read_plan(&document, &sources(&texts), &Scope::default())
}

/// The places of the leaves in a file, as the text at each, with the way to it.
pub(crate) fn places(value: &Derived, document: DocumentId, file: &Text) -> String {
    let mut text = String::new();
    write_places(value, String::new(), document, file, &mut text);
    text
}

fn write_places(
    value: &Derived,
    path: String,
    document: DocumentId,
    file: &Text,
    text: &mut String,
) {
    match &value.content {
        Content::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                write_places(item, format!("{path}[{at}]"), document, file, text);
            }
        }
        Content::Object(members) => {
            for (key, member) in members.iter() {
                let path = format!("{path}.{}", key.as_str().unwrap());
                write_places(member, path, document, file, text);
            }
        }
        _ => {
            let place = value
                .source
                .place
                .filter(|place| place.document == document);
            let shown = place.map_or("elsewhere", |place| &file.content()[place.span.range()]);
            writeln!(text, "{path}: {shown} {}", value.source).unwrap();
        }
    }
}
