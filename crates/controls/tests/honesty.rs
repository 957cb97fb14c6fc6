//! Taking evidence away never makes a control pass: for every file of the examples, and of every
//! case on a page, an audit without the file has no pass about a subject that failed or was
//! unknown with it.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use palisade_controls::{Context, Outcome, page};
use palisade_sources::File;
use rayon::prelude::*;

type Answers = BTreeMap<(&'static str, String), Outcome>;

#[test]
fn no_file_of_an_example_hides_a_failure() {
    for example in ["weak", "halfway", "hardened"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../examples")
            .join(example);
        let mut paths = Vec::new();
        collect(&root, &mut paths);
        let files: Vec<_> = paths
            .iter()
            .map(|path| {
                let shown = path
                    .strip_prefix(&root)
                    .unwrap()
                    .to_string_lossy()
                    .replace('\\', "/");
                (shown, fs::read(path).unwrap())
            })
            .collect();
        assert!(files.len() > 5);
        check(example, &files, false);
        check(example, &files, true);
    }
}

#[test]
fn no_file_of_a_case_hides_a_failure() {
    for control in palisade_controls::all() {
        for case in page::cases(control.page) {
            let files: Vec<_> = case
                .files
                .iter()
                .map(|(path, content)| ((*path).to_owned(), content.as_bytes().to_vec()))
                .collect();
            check(&format!("{} {}", control.code, case.name), &files, false);
        }
    }
}

/// With `complete`, a snapshot vouches for the files; taking one away voids its word.
fn check(name: &str, files: &[(String, Vec<u8>)], without_snapshot: bool) {
    let files: Vec<_> = files
        .iter()
        .filter(|(path, _)| !(without_snapshot && path.ends_with("palisade-snapshot.json")))
        .cloned()
        .collect();
    let whole = answers(&files);
    let hidden: Vec<_> = (0..files.len())
        .into_par_iter()
        .flat_map_iter(|index| {
            let mut fewer = files.clone();
            let (gone, _) = fewer.remove(index);
            let passes = answers(&fewer)
                .into_iter()
                .filter(|(_, outcome)| *outcome == Outcome::Pass);
            let whole = &whole;
            passes
                .filter_map(|(key, _)| {
                    let before = whole.get(&key).copied();
                    matches!(before, Some(Outcome::Fail | Outcome::Unknown)).then(|| {
                        format!("{name}: without {gone}, {key:?} passes; it was {before:?}")
                    })
                })
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(hidden.is_empty(), "{}", hidden.join("\n"));
}

fn answers(files: &[(String, Vec<u8>)]) -> Answers {
    let load = |(path, bytes): &(String, Vec<u8>)| {
        Ok(File {
            path: path.clone(),
            bytes: bytes.clone(),
        })
    };
    let input = palisade_sources::read_all(files, load, false);
    let context = Context::new(&input.estate, date(2026, 11, 23));
    let audit = palisade_controls::audit(&context, palisade_controls::all().collect());
    let mut answers = Answers::new();
    for finding in audit.findings {
        // Of two answers about one subject the worse one counts.
        let entry = answers
            .entry((finding.control.code, finding.subject.id))
            .or_insert(finding.outcome);
        *entry = (*entry).min(finding.outcome);
    }
    answers
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, paths);
        } else {
            paths.push(path);
        }
    }
    paths.sort();
}
