//! What can't be known before deployment decides nothing: an input with any of its values
//! unknown has no pass about a subject that failed or was unknown with it, and no failure about
//! one that passed.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use palisade_controls::{Context, Outcome, page};
use palisade_document::{Content, Derived, Document, NodeId, Notation, Text, Value};
use palisade_estate::Estate;
use rayon::prelude::*;

/// The worst answer of each control about each subject, and what there is.
struct Answers {
    outcomes: BTreeMap<(&'static str, String), Outcome>,
    resources: Vec<String>,
    objects: usize,
}

#[test]
fn an_unknown_value_of_a_case_decides_nothing() {
    let cases: Vec<_> = palisade_controls::all()
        .flat_map(|control| {
            let cases = page::cases(control.page).into_iter();
            cases.map(move |case| (control, case))
        })
        .collect();
    let guessed: Vec<_> = cases
        .par_iter()
        .flat_map_iter(|(control, case)| {
            let files = case.files.iter();
            let files: Vec<_> = files.map(|(path, content)| parse(path, content)).collect();
            let name = format!("{} {}", control.code, case.name);
            let nodes = files.iter().map(|file| file.values().len()).sum::<usize>();
            guesses(&name, &files, case.is_complete, (0..nodes).collect())
        })
        .collect();
    let count = guessed.len();
    assert!(count == 0, "{}\n{count}", guessed.join("\n"));
}

#[test]
fn an_unknown_value_of_an_example_decides_nothing() {
    for example in ["weak", "halfway", "hardened"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../examples")
            .join(example);
        let mut paths = Vec::new();
        collect(&root, &mut paths);
        let files: Vec<_> = paths
            .iter()
            .map(|path| {
                let shown = path.strip_prefix(&root).unwrap().to_string_lossy();
                parse(&shown, &fs::read_to_string(path).unwrap())
            })
            .collect();
        let nodes = files.iter().map(|file| file.values().len()).sum::<usize>();
        let guessed = guesses(example, &files, false, sample(nodes));
        assert!(guessed.is_empty(), "{}", guessed.join("\n"));
    }
}

/// How many values of an example are tried: all of them would take minutes.
/// `UNKNOWN_SAMPLES=1000000` tries all.
fn sample(nodes: usize) -> Vec<usize> {
    let wanted = std::env::var("UNKNOWN_SAMPLES").ok();
    let count = wanted.and_then(|text| text.parse().ok()).unwrap_or(60);
    (0..nodes).step_by(nodes.div_ceil(count)).collect()
}

/// What is passed or failed although it was otherwise, with the value that was made unknown.
fn guesses(name: &str, files: &[Document], complete: bool, nodes: Vec<usize>) -> Vec<String> {
    let whole = answers(files.to_vec(), complete);
    let judge = |node: usize| {
        let (at, local) = locate(files, node);
        let value = files[at].values().nth(local).unwrap();
        let mut changed = files.to_vec();
        changed[at] = with_unknown(&files[at], value.node());
        let now = answers(changed, complete);
        // What isn't recognised any more is missing, which may fail.
        let is_all_there = now.resources == whole.resources && now.objects == whole.objects;
        let guessed = now.outcomes.into_iter().filter_map(|(key, outcome)| {
            let before = *whole.outcomes.get(&key)?;
            let is_guess = match outcome {
                Outcome::Pass => matches!(before, Outcome::Fail | Outcome::Unknown),
                Outcome::Fail => before == Outcome::Pass && is_all_there,
                _ => false,
            };
            let place = format!("{}:{}", files[at].text().path(), value.position());
            is_guess.then(|| format!("{name}: {place} {key:?}: {before:?} became {outcome:?}"))
        });
        guessed.collect::<Vec<_>>()
    };
    nodes.into_par_iter().flat_map_iter(judge).collect()
}

fn locate(files: &[Document], mut node: usize) -> (usize, usize) {
    for (at, file) in files.iter().enumerate() {
        match node.checked_sub(file.values().len()) {
            None => return (at, node),
            Some(rest) => node = rest,
        }
    }
    unreachable!("the number is below their sum")
}

fn with_unknown(file: &Document, unknown: NodeId) -> Document {
    let roots: Vec<_> = file.roots().map(|root| replace(root, unknown)).collect();
    Document::derive(file.text().path(), &roots)
}

/// A value with one below it replaced. A key can't be unknown alone, so then the mapping is.
fn replace(value: Value<'_>, unknown: NodeId) -> Derived {
    let is_key = value.entries().any(|entry| entry.key.node() == unknown);
    if value.node() == unknown || is_key {
        return Derived::unknown("parameter `x` has no value", "a parameter file with `x`");
    }
    let mut derived = Derived::literal(value);
    match &mut derived.content {
        Content::Array(items) => {
            *items = value
                .items()
                .map(|item| replace(item, unknown))
                .collect::<Vec<_>>()
                .into();
        }
        Content::Object(members) => {
            let pairs = value
                .entries()
                .map(|entry| (Derived::literal(entry.key), replace(entry.value, unknown)));
            *members = pairs.collect::<Vec<_>>().into();
        }
        _ => {}
    }
    derived
}

fn parse(path: &str, content: &str) -> Document {
    palisade_document::parse(Text::new(path, content), Notation::of(content)).0
}

fn answers(files: Vec<Document>, complete: bool) -> Answers {
    let readings = files
        .into_iter()
        .filter_map(|file| palisade_sources::take(file, Vec::new()).reading);
    let (estate, _) = Estate::assemble(readings.collect(), complete);
    let context = Context::new(&estate, date(2026, 11, 23));
    let audit = palisade_controls::audit(&context, palisade_controls::all().collect());
    let mut outcomes = BTreeMap::new();
    for finding in audit.findings {
        let entry = outcomes
            .entry((finding.control.code, finding.subject.id))
            .or_insert(finding.outcome);
        *entry = (*entry).min(finding.outcome);
    }
    let ids = estate.resources().map(|resource| resource.id().to_string());
    Answers {
        outcomes,
        resources: ids.collect(),
        objects: estate.objects().len(),
    }
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
