//! The files of a configuration by folder.

use std::collections::{BTreeMap, BTreeSet};

use palisade_document::{Diagnostic, Level, Notation, Text};

use super::module::Folder;
use super::syntax::{Block, Kind};
use super::{json, native};
use crate::Source;

/// The folder of a path, with `/` between its parts; empty for a bare name.
pub(super) fn folder_of(path: &str) -> String {
    let path = path.replace('\\', "/");
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    normal(folder).unwrap_or_else(|| folder.to_owned())
}

/// The folder that a module's relative source leads to.
pub(super) fn beside(folder: &str, source: &str) -> Option<String> {
    let is_local = source.starts_with("./") || source.starts_with("../");
    is_local
        .then(|| normal(&format!("{folder}/{source}")))
        .flatten()
}

/// A path without `.` and `..`, as far as it has a folder to go up from.
fn normal(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            "" if !parts.is_empty() => {}
            ".." if parts
                .last()
                .is_some_and(|last| *last != ".." && !last.is_empty()) =>
            {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let is_rooted = path.starts_with('/');
    if parts.first() == Some(&"") && !is_rooted {
        parts.remove(0);
    }
    Some(parts.join("/"))
}

/// Whether Terraform reads a file of the name in a folder of configuration.
pub(super) fn is_configuration(path: &str) -> bool {
    [".tf", ".tf.json", ".tofu", ".tofu.json"]
        .iter()
        .any(|ending| path.ends_with(ending))
}

/// Whether a file of variables is loaded without being named on the command line.
pub(super) fn is_loaded_variables(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    ["terraform.tfvars", "terraform.tfvars.json"].contains(&name)
        || name.ends_with(".auto.tfvars")
        || name.ends_with(".auto.tfvars.json")
}

/// Reads files into folders.
pub(super) fn read(
    files: &[Source<'_>],
    problems: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Folder> {
    let mut folders: BTreeMap<String, Folder> = BTreeMap::new();
    let mut sorted = files.to_vec();
    // `terraform.tfvars` is weaker than any `*.auto.tfvars`, and among those the last name wins.
    sorted.sort_by_key(|file| {
        let path = file.text.path();
        (path.contains(".auto.tfvars"), path)
    });
    for file in sorted {
        let path = file.text.path();
        let is_variables = is_loaded_variables(path);
        if !is_variables && !is_configuration(path) {
            continue;
        }
        match parse(&file) {
            Ok(block) => {
                let folder = folders.entry(folder_of(path)).or_default();
                match is_variables {
                    true => folder.variables.push(block),
                    false => folder.content.blocks.extend(block.blocks),
                }
            }
            Err(problem) => problems.push(problem),
        }
    }
    folders
}

fn parse(file: &Source<'_>) -> Result<Block, Diagnostic> {
    if !file.text.path().ends_with(".json") {
        return native::parse(file.text, file.document);
    }
    let text = Text::new(file.text.path(), file.text.content());
    let (mut document, problems) = palisade_document::parse(text, Notation::Json);
    document.set_id(file.document);
    let error = problems
        .into_iter()
        .find(|problem| problem.level == Level::Error);
    match error {
        Some(problem) => Err(problem),
        None => Ok(document.roots().next().map(json::read).unwrap_or_default()),
    }
}

/// The folders that no other calls as a module.
pub(super) fn roots(folders: &BTreeMap<String, Folder>) -> Vec<&str> {
    let mut called = BTreeSet::new();
    for (path, folder) in folders {
        for call in folder.content.blocks("module") {
            if let Some(Kind::Text(source)) = call.attribute("source").map(|source| &source.kind) {
                called.extend(beside(path, source).filter(|target| target != path));
            }
        }
    }
    let is_root = |path: &&String| !called.contains(*path);
    let has_blocks = |path: &&String| {
        folders
            .get(*path)
            .is_some_and(|folder| !folder.content.blocks.is_empty())
    };
    folders
        .keys()
        .filter(is_root)
        .filter(has_blocks)
        .map(String::as_str)
        .collect()
}
