//! Reads the cases of the corpus: real ARM bodies and Kubernetes manifests that nobody here
//! wrote. The corpus lies beside the repository, in `../shared/corpus`; without it these tests
//! fail, which is why their package is no default member.

pub mod arm_templates;
pub mod azure_path;
pub mod outcomes;
pub mod relation;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use palisade_controls::{Audit, Context};
use palisade_sources::{File, Input};

/// The folder of a part of the corpus.
///
/// # Panics
/// When the corpus is missing: a run without it has tested nothing.
pub fn corpus(part: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/corpus")
        .join(part);
    assert!(
        root.is_dir(),
        "the corpus is missing: {} is no folder",
        root.display()
    );
    root
}

/// A file or folder of the facts that lie beside the corpus.
///
/// # Panics
/// When it is missing.
pub fn knowledge(part: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/knowledge")
        .join(part);
    assert!(path.exists(), "{} is missing", path.display());
    path
}

/// The cases in a folder, by name.
pub fn cases(folder: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut cases: Vec<_> = entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| {
            (
                entry.file_name().to_string_lossy().into_owned(),
                entry.path(),
            )
        })
        .collect();
    cases.sort();
    cases
}

/// The JSON and YAML files below a folder, but for those in folders called `except`.
pub fn files(folder: &Path, except: &str) -> Vec<PathBuf> {
    files_ending(folder, except, &["json", "yaml", "yml"])
}

/// The files below a folder with one of the endings, but for those in folders called `except`.
pub fn files_ending(folder: &Path, except: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let ending = path
            .extension()
            .and_then(|ending| ending.to_str())
            .unwrap_or_default();
        if path.is_dir() && entry.file_name() != except {
            found.extend(files_ending(&path, except, endings));
        } else if endings.contains(&ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Reads files into an estate, with paths relative to `base`.
pub fn read(base: &Path, files: &[PathBuf]) -> Input {
    read_edited(base, files, |text| text)
}

/// The same with an edit to every file.
pub fn read_edited(base: &Path, files: &[PathBuf], edit: fn(String) -> String) -> Input {
    let load = |path: &PathBuf| {
        let shown = path
            .strip_prefix(base)
            .unwrap_or(path)
            .to_string_lossy()
            .replace('\\', "/");
        Ok(File {
            path: shown,
            bytes: match String::from_utf8(fs::read(path).unwrap_or_default()) {
                Ok(text) => edit(text).into_bytes(),
                Err(error) => error.into_bytes(),
            },
        })
    };
    palisade_sources::read_all(files, load, false)
}

/// Asks every control, on the day that the tests were written.
pub fn audit(input: &Input) -> Audit {
    let context = Context::new(&input.estate, date(2026, 11, 23));
    palisade_controls::audit(&context, palisade_controls::all().collect())
}

/// Compares the cases of a suite that disagree with the list of those that are allowed to, each
/// with its reason (`k8s-policy/disagreements.txt` beside this file).
///
/// # Panics
/// When a case disagrees that isn't listed, or a listed one agrees, or more than 3 in 100 are.
pub fn disagreements(suite: &str, cases: usize, failures: &BTreeMap<String, Vec<String>>) {
    compare("k8s-policy/disagreements.txt", 3, suite, cases, failures);
}

/// The same for suites of Azure Policy (`azure-policy/disagreements.txt`).
///
/// # Panics
/// As [`disagreements`], with at most 1 in 100.
pub fn policy_disagreements(suite: &str, cases: usize, failures: &BTreeMap<String, Vec<String>>) {
    compare("azure-policy/disagreements.txt", 1, suite, cases, failures);
}

fn compare(
    list: &str,
    percent: usize,
    suite: &str,
    cases: usize,
    failures: &BTreeMap<String, Vec<String>>,
) {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join(list);
    let list = fs::read_to_string(list).unwrap_or_default();
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let known: BTreeMap<_, _> = lines
        .filter_map(|line| {
            line.strip_prefix(suite)?
                .strip_prefix(' ')?
                .split_once(" | ")
        })
        .collect();
    let mut problems: Vec<_> = failures
        .iter()
        .filter(|(case, _)| !known.contains_key(case.as_str()))
        .map(|(case, lines)| format!("{case}\n  {}", lines.join("\n  ")))
        .collect();
    let agreeing = known.keys().filter(|case| !failures.contains_key(**case));
    problems.extend(agreeing.map(|case| format!("{case} agrees: take it off the list")));
    assert!(
        problems.is_empty(),
        "{} of {cases} cases of {suite} disagree\n{}",
        failures.len(),
        problems.join("\n")
    );
    assert!(
        known.len() * 100 <= cases * percent,
        "too many disagreements"
    );
}
