//! The tables, attribute by attribute: `attributes/` says what comes out of what goes in.
//!
//! `a.b = 1 -> p.q = 1`: a block `a` with an attribute `b` gives the body a value at `p.q`.
//! `-a.b -> p.q = 1`: so does a block `a` without the attribute: the default.
//! `a -> p.q = 1`: so does the block itself. `= -> p.q = 1`: so does the resource itself.
//! `?c=d a.b …`: with another attribute beside it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::shape::{all, configuration, leaves};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/attributes")
}

/// A line of a case file with the resource types it is about.
struct Case {
    resource_type: String,
    line: String,
    given: String,
    expected: String,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for file in fs::read_dir(folder()).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let mut types: Vec<&str> = Vec::new();
        for line in text.lines().filter(|line| !line.is_empty()) {
            if !line.starts_with(' ') {
                types = line.split_whitespace().collect();
                continue;
            }
            let (given, expected) = line.trim().split_once(" -> ").unwrap_or((line, ""));
            let given = given.trim_start();
            cases.extend(types.iter().map(|name| Case {
                resource_type: (*name).to_owned(),
                line: line.trim().to_owned(),
                given: given.to_owned(),
                expected: expected.to_owned(),
            }));
        }
    }
    assert!(cases.len() > 2000);
    cases
}

/// The configuration that a case describes.
fn written(case: &Case) -> String {
    let mut given = case.given.as_str();
    let mut beside = String::new();
    if let Some((more, rest)) = given
        .strip_prefix('?')
        .and_then(|rest| rest.split_once(' '))
    {
        (beside, given) = (more.replace('=', " = "), rest);
    }
    let (path, value) = match given.split_once(" = ") {
        Some((path, value)) => (path, Some(value)),
        None => (given, None),
    };
    let (path, is_default) = match path.strip_prefix('-') {
        Some(path) => (path, true),
        None => (path, false),
    };
    let mut steps: Vec<_> = path.split('.').filter(|step| *step != "=").collect();
    let attribute = match (value, is_default) {
        (Some(value), _) => format!("{} = {value}", steps.pop().unwrap()),
        (None, true) => {
            steps.pop();
            String::new()
        }
        (None, false) => String::new(),
    };
    let opened: String = steps
        .iter()
        .map(|step| format!("{step} {{\n{beside}\n"))
        .collect();
    let closed = "}\n".repeat(steps.len());
    format!(
        "resource \"{}\" \"x\" {{\n{opened}{attribute}\n{closed}}}\n",
        case.resource_type
    )
}

#[test]
fn every_attribute_goes_where_arm_has_it() {
    let mut failures = Vec::new();
    for case in cases() {
        let text = written(&case);
        let reading = configuration(&[("main.tf", &text)]);
        let bodies = reading.resources.iter().map(|resource| &resource.body);
        let objects = reading.objects.iter().map(|object| &object.body);
        let additions = reading.additions.iter().map(|addition| &addition.body);
        let found: Vec<_> = bodies.chain(objects).chain(additions).map(leaves).collect();
        let is_met = |line: &str| match case.expected.split_once(".../") {
            Some((before, after)) => line.starts_with(before) && line.ends_with(after),
            None if case.expected.ends_with("= unknown") => line.starts_with(&case.expected),
            None => line == case.expected,
        };
        if !found.iter().any(|body| body.lines().any(is_met)) {
            let shown = all(&reading);
            failures.push(format!("{}: {}\n{shown}", case.resource_type, case.line));
        }
    }
    let count = failures.len();
    failures.truncate(12);
    assert!(
        failures.is_empty(),
        "{count} failures\n{}",
        failures.join("\n")
    );
}

#[test]
fn every_attribute_of_a_table_has_a_case() {
    let cases = cases();
    let written: BTreeSet<_> = cases
        .iter()
        .map(|case| {
            let path = case.given.split(" = ").next().unwrap();
            let path = path.rsplit(' ').next().unwrap();
            (
                case.resource_type.as_str(),
                path.trim_start_matches('-').to_owned(),
            )
        })
        .collect();
    let missing: Vec<_> = palisade_terraform::mapped_attributes()
        .into_iter()
        .filter(|(kind, path)| !written.contains(&(*kind, path.clone())))
        .collect();
    assert_eq!(missing, []);
}

#[test]
fn every_line_of_a_table_is_understood() {
    assert!(palisade_terraform::problems_of_tables().is_empty());
}

/// What Azure lists for itself and no configuration makes.
const NEVER_WRITTEN: [&str; 3] = [
    "microsoft.insights/diagnosticsettingscategories",
    "microsoft.network/effectivenetworksecuritygroups",
    "microsoft.network/effectiveroutetables",
];

/// The types of the estate's views, read from where they are declared.
fn types_of_views() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../estate/src/azure");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let texts = files.map(|path| fs::read_to_string(path).unwrap());
    let mut types = BTreeSet::new();
    for text in texts {
        let words = text
            .split('"')
            .filter(|word| word.starts_with("microsoft."));
        types.extend(words.map(str::to_owned));
    }
    assert!(types.len() > 50);
    types
}

#[test]
fn every_type_of_the_estate_has_a_table() {
    let mapped: BTreeSet<_> = palisade_terraform::mapped_types()
        .into_iter()
        .map(|(_, kind)| kind)
        .collect();
    let missing: Vec<_> = types_of_views()
        .into_iter()
        .filter(|kind| !mapped.contains(kind) && !NEVER_WRITTEN.contains(&kind.as_str()))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
