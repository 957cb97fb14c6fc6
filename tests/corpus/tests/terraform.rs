//! Terraform: every plan, state and configuration of the corpus is read, and what another tool
//! passes or fails is judged here too.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use palisade_corpus_tests::{audit, cases, corpus};
use palisade_document::{Document, DocumentId, Notation, Text};
use palisade_estate::Estate;
use palisade_sources::Input;
use palisade_terraform::{Reading, Scope, Source};

/// The files below a folder with one of the endings.
fn texts(folder: &Path) -> Vec<Text> {
    let mut paths = Vec::new();
    walk(folder, &mut paths);
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let shown = path.strip_prefix(folder).unwrap().to_string_lossy();
            Text::new(shown, fs::read_to_string(path).unwrap())
        })
        .collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        match entry.path() {
            path if path.is_dir() => walk(&path, found),
            path => found.push(path),
        }
    }
}

fn is_json(text: &Text) -> bool {
    [".json", ".tfstate"]
        .iter()
        .any(|ending| text.path().ends_with(ending))
}

/// What the files of a case give: of plans and states each by itself, else of the configuration.
fn read(folder: &Path) -> Vec<Reading> {
    let texts = texts(folder);
    let sources: Vec<_> = (1..)
        .zip(&texts)
        .map(|(number, text)| Source {
            text,
            document: DocumentId(number),
        })
        .collect();
    let scope = Scope::default();
    let mut readings = Vec::new();
    for (number, text) in (1..).zip(&texts).filter(|(_, text)| is_json(text)) {
        let copy = Text::new(text.path(), text.content());
        let (mut document, problems) = palisade_document::parse(copy, Notation::Json);
        document.set_id(DocumentId(number));
        assert_eq!(problems, []);
        let root = document.roots().next().unwrap();
        if palisade_terraform::is_plan(root) {
            readings.push(palisade_terraform::read_plan(&document, &sources, &scope));
        } else {
            assert!(palisade_terraform::is_state(root), "{}", text.path());
            readings.push(palisade_terraform::read_state(&document, &scope));
        }
    }
    if readings.is_empty() {
        readings.push(palisade_terraform::read_configuration(
            &sources,
            &[],
            &scope,
        ));
    }
    readings
}

fn overview(part: &str) -> String {
    let mut text = String::new();
    for (name, folder) in cases(&corpus(part)) {
        writeln!(text, "{name}").unwrap();
        for reading in read(&folder) {
            describe(&reading, &mut text);
        }
    }
    text
}

fn describe(reading: &Reading, text: &mut String) {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for resource in &reading.resources {
        let segments: Vec<_> = resource
            .id
            .rsplit("/providers/")
            .next()
            .unwrap()
            .split('/')
            .collect();
        let types: Vec<_> = segments.iter().skip(1).step_by(2).copied().collect();
        let doubt = if resource.doubt.is_some() {
            " in doubt"
        } else {
            ""
        };
        *kinds
            .entry(format!("{}{doubt}", types.join("/")))
            .or_default() += 1;
    }
    for (kind, count) in kinds {
        writeln!(text, "  {count} {kind}").unwrap();
    }
    if !reading.objects.is_empty() {
        writeln!(text, "  {} objects", reading.objects.len()).unwrap();
    }
    for addition in &reading.additions {
        writeln!(text, "  addition {}", addition.address).unwrap();
    }
    for (address, reason) in &reading.left_aside {
        writeln!(text, "  left aside {address}: {reason}").unwrap();
    }
    for (kind, attribute) in &reading.unmapped {
        writeln!(text, "  unmapped {kind}.{attribute}").unwrap();
    }
    for problem in &reading.diagnostics {
        writeln!(text, "  {}: {}", problem.path, problem.message).unwrap();
    }
}

#[test]
fn plans() {
    insta::assert_snapshot!("terraform_plans", overview("estates/terraform-plan"));
}

#[test]
fn states() {
    insta::assert_snapshot!("terraform_states", overview("estates/terraform-state"));
}

#[test]
fn configurations() {
    insta::assert_snapshot!(
        "terraform_configurations",
        overview("estates/terraform-hcl")
    );
}

/// The estate of one resource of a case with what is of other types: several resources of these
/// cases have the same name, which Azure would not take. Gives the id too.
fn estate_of(case: &str, address: &str) -> (Input, String) {
    let part = match case.starts_with("checkov--") {
        true => "estates/terraform-plan",
        false => "estates/terraform-hcl",
    };
    let folder = corpus(part).join(case);
    let reading = read(&folder).remove(0);
    // A block may make children beside the resource itself, whose id is the shortest.
    let own = reading
        .resources
        .iter()
        .filter(|one| one.address == address);
    let wanted = own.min_by_key(|one| one.id.len());
    let wanted = wanted.unwrap_or_else(|| panic!("{case}: no {address}"));
    let kind = |address: &str| address.split('.').next().unwrap().to_owned();
    let others = reading
        .resources
        .iter()
        .filter(|one| one.address == address || kind(&one.address) != kind(address));
    let bodies: Vec<_> = others.map(|one| one.body.clone()).collect();
    let taken = palisade_sources::take(
        Document::derive("what terraform makes", &bodies),
        Vec::new(),
    );
    let mut reading = taken.reading.unwrap();
    reading.is_planned = true;
    let files = texts(&folder).into_iter();
    let files = files.map(|text| palisade_estate::Reading::of(Document::of_text(text, Vec::new())));
    let readings = std::iter::once(reading).chain(files).collect();
    let (estate, diagnostics) = Estate::assemble(readings, false);
    let input = Input {
        estate,
        diagnostics,
        not_understood: taken.not_understood,
    };
    (input, wanted.id.clone())
}

/// What another tool says of a resource, and what a control says: `CODE outcome case address |
/// remark`.
#[test]
fn pairs_of_another_tool_are_judged() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(folder.join("terraform_pairs.txt")).unwrap();
    let mut wrong = String::new();
    let mut count = 0;
    for line in text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        let (verdict, remark) = line.split_once(" | ").unwrap();
        assert!(!remark.is_empty(), "{line}");
        let words: Vec<_> = verdict.split_whitespace().collect();
        let [code, outcome, case, address] = words[..] else {
            panic!("{line}");
        };
        let (input, id) = estate_of(&format!("checkov-{case}"), address);
        let audit = audit(&input);
        let found: BTreeSet<_> = audit
            .findings
            .iter()
            .filter(|finding| finding.control.code == code && finding.subject.id.starts_with(&id))
            .map(|finding| format!("{:?}", finding.outcome).to_lowercase())
            .collect();
        count += 1;
        if found != BTreeSet::from([outcome.replace('-', "")]) {
            writeln!(wrong, "{line}\n  {found:?}").unwrap();
        }
    }
    assert!(count >= 40, "{count} pairs");
    assert!(wrong.is_empty(), "{wrong}");
}
