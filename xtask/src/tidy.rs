//! The invariants of ARCHITECTURE.md that are about files and dependencies.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{codegen, root};

/// The crates from left to right: each may depend only on those before it.
const ORDER: &[&str] = &[
    "packet",
    "document",
    "arm-template",
    "terraform",
    "estate",
    "sources",
    "reach",
    "admission",
    "policy",
    "controls",
    "project",
    "remedy",
    "report",
    "lsp",
    "cli",
];

/// What only crates that talk to the world may depend on.
const OUTSIDE: [&str; 6] = ["tokio", "reqwest", "kube", "hyper", "async-std", "ureq"];

fn manifest(name: &str) -> String {
    let path = root().join("crates").join(name).join("Cargo.toml");
    fs::read_to_string(path).unwrap_or_default()
}

/// The `[dependencies]` of a manifest, without those of tests.
fn dependencies(manifest: &str) -> Vec<&str> {
    let section = manifest
        .split("\n[dependencies]\n")
        .nth(1)
        .unwrap_or_default();
    let section = section.split("\n[").next().unwrap_or_default();
    section
        .lines()
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| !name.is_empty())
        .collect()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && entry.file_name() != "target" {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn all_sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in ["crates", "xtask", "tests", "benches"] {
        sources(&root().join(folder), &mut found);
    }
    assert!(found.len() > 50);
    found
}

#[test]
fn generated_files_are_fresh() {
    assert_eq!(codegen::check(&root()), Ok(String::new()));
}

#[test]
fn every_crate_has_its_place_in_the_order() {
    let folders = fs::read_dir(root().join("crates")).unwrap().flatten();
    let mut names: Vec<_> = folders
        .map(|folder| folder.file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut known: Vec<_> = ORDER.iter().map(|&name| name.to_owned()).collect();
    known.sort();
    assert_eq!(
        names, known,
        "add the crate to ARCHITECTURE.md and to ORDER"
    );
}

#[test]
fn crates_depend_only_on_crates_to_their_left() {
    for (place, name) in ORDER.iter().enumerate() {
        let manifest = manifest(name);
        for dependency in dependencies(&manifest) {
            if let Some(inner) = dependency.strip_prefix("palisade-") {
                let left = &ORDER[..place];
                assert!(left.contains(&inner), "{name} depends on {inner}");
            }
        }
    }
}

#[test]
fn nothing_talks_to_the_network() {
    for name in ORDER {
        let manifest = manifest(name);
        let forbidden: Vec<_> = dependencies(&manifest)
            .into_iter()
            .filter(|dependency| OUTSIDE.contains(dependency))
            .collect();
        assert!(forbidden.is_empty(), "{name} depends on {forbidden:?}");
    }
}

#[test]
fn files_stay_readable() {
    for path in all_sources() {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 600, "{} has {lines} lines", path.display());
    }
}

#[test]
fn names_say_what_a_file_is_about() {
    for path in all_sources() {
        let stem = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default();
        let is_vague = ["util", "utils", "helper", "helpers", "common", "misc"].contains(&stem);
        assert!(!is_vague, "{}", path.display());
    }
}

/// Whoever clones the repository has no `shared/`: only the corpus tests may look there.
#[test]
fn only_the_corpus_tests_need_the_corpus() {
    for path in all_sources() {
        let is_corpus = path.starts_with(root().join("tests/corpus"));
        let text = fs::read_to_string(&path).unwrap();
        let mentions = text.contains(concat!("shared/", "corpus"))
            || text.contains(concat!("shared/", "knowledge"));
        assert!(is_corpus || !mentions, "{}", path.display());
    }
}

/// Every control has its page, and every page its control.
#[test]
fn a_control_is_two_files() {
    let mut found = Vec::new();
    sources(&root().join("crates/controls/src"), &mut found);
    for path in found {
        let is_control = fs::read_to_string(&path).unwrap().contains("code: \"");
        let has_page = path.with_extension("md").is_file();
        assert!(
            is_control == has_page || path.parent().is_some_and(|folder| folder.ends_with("src")),
            "{}",
            path.display()
        );
    }
}
