//! Every template of the corpus expands, and those that say the same in two forms expand to the
//! same resources.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use palisade_arm_template::{Existence, Expansion};
use palisade_corpus_tests::arm_templates::{template_case, template_cases};
use palisade_document::{
    Content, Derived, Diagnostic, Document, Kind, Level, Notation, Text, Value, parse,
};
use rayon::prelude::*;

/// The diagnostics that templates of the corpus give are those of the list beside this test, each
/// a true defect with its reason.
#[test]
fn every_template_expands_and_every_diagnostic_is_a_true_defect() {
    let cases = template_cases();
    let count = cases.len();
    let found: Vec<_> = cases
        .par_iter()
        .flat_map_iter(|case| {
            let templates = case.templates();
            templates.flat_map(|template| {
                let (_, diagnostics) = case.expand(template, case.parameters_of(template));
                diagnostics
                    .into_iter()
                    .map(|it| (case.name.clone(), it.level, line(&case.name, &it)))
            })
        })
        .collect();
    let lines: BTreeSet<_> = found.iter().map(|(_, _, line)| line.clone()).collect();
    assert_eq!(lines, listed(), "the list of defects isn't what is found");
    let broken: BTreeSet<_> = found
        .iter()
        .filter(|(_, level, _)| *level == Level::Error)
        .map(|(case, _, _)| case)
        .collect();
    assert!(count > 350, "{count} cases");
    let most = count * 2 / 100;
    assert!(
        broken.len() <= most,
        "{} of {count} cases: {broken:?}",
        broken.len()
    );
}

fn line(case: &str, diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.level {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    let at = diagnostic.position.map(|at| at.to_string());
    format!(
        "{level} {case}/{}:{} {}",
        diagnostic.path,
        at.unwrap_or_default(),
        diagnostic.message
    )
}

/// Lines `level case/path:line:column message | why it is a defect`.
fn listed() -> BTreeSet<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("arm_template_defects.txt");
    let text = fs::read_to_string(file).expect("the list of defects");
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (defect, reason) = line.split_once(" | ").expect("a reason");
            assert!(reason.len() > 10, "{line}");
            defect.to_owned()
        })
        .collect()
}

/// Bicep compiles a file to a list of resources, or to an object with symbolic names.
#[test]
fn templates_with_and_without_symbolic_names_deploy_the_same() {
    let mut pairs = 0;
    for case in template_cases() {
        let plain = case.find("main.json");
        let Some((plain, symbolic)) = plain.zip(case.find("main.symbolicnames.json")) else {
            continue;
        };
        pairs += 1;
        let plain = resources(&case.expand(plain, None).0);
        let symbolic = resources(&case.expand(symbolic, None).0);
        let names: Vec<_> = plain.keys().collect();
        assert_eq!(names, symbolic.keys().collect::<Vec<_>>(), "{}", case.name);
        for (id, body) in &plain {
            assert_eq!(body, &symbolic[id], "{}: {id}", case.name);
        }
    }
    assert!(pairs >= 36, "{pairs} pairs");
}

/// What is deployed, by id. Why something is unknown may be told in two ways: a symbolic name
/// leads to a resource where an id with an unknown part leads nowhere.
fn resources(expansion: &Expansion) -> BTreeMap<String, String> {
    let resources = expansion.resources.iter().map(|resource| {
        let body = Document::derive("", std::slice::from_ref(&resource.body));
        let existence = match resource.existence {
            Existence::Certain => "certain",
            Existence::Unknown { .. } => "uncertain",
            Existence::Absent => "absent",
        };
        let root = body.roots().next().expect("a body");
        (
            resource.id.to_lowercase(),
            format!("{existence} {}", written(root)),
        )
    });
    resources.collect()
}

fn written(value: Value<'_>) -> String {
    match value.kind() {
        Kind::Object => {
            let mut members: Vec<_> = value
                .entries()
                .map(|entry| format!("{}: {}", entry.name(), written(entry.value)))
                .collect();
            members.sort();
            format!("{{{}}}", members.join(", "))
        }
        Kind::Array => {
            let items: Vec<_> = value.items().map(written).collect();
            format!("[{}]", items.join(", "))
        }
        Kind::Unknown => "unknown".to_owned(),
        Kind::Null => "null".to_owned(),
        Kind::String => format!("{:?}", value.scalar()),
        _ => value.scalar().to_owned(),
    }
}

/// Corner cases expand to what somebody read in them. Each line of the list beside this test is
/// one reading.
#[test]
fn corner_cases_expand_to_what_they_say() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("arm_template_readings.txt");
    let text = fs::read_to_string(file).expect("the list of readings");
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let wrong: Vec<_> = lines.filter_map(|line| disagreement(line).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn disagreement(line: &str) -> Result<(), String> {
    let (statement, reading) = line.split_once(" | ").expect("a reading");
    assert!(!reading.is_empty(), "{line}");
    let mut parts = statement.splitn(3, " > ");
    let mut part = || parts.next().expect(line);
    let (name, what, wanted) = (part(), part(), part());
    let case = template_case(name);
    let template = case.templates().next().expect(line);
    let (expansion, _) = case.expand(template, case.parameters_of(template));
    let found = match what.split_once(' ') {
        None => return compare_ids(line, &expansion, wanted),
        Some(("output", name)) => {
            let output = expansion
                .outputs
                .iter()
                .find(|(key, _)| key.as_str() == Some(name));
            output.map(|(_, value)| value.clone())
        }
        Some((end, path)) => {
            let mut resources = expansion.resources.iter();
            let resource = resources.find(|resource| resource.id.ends_with(end));
            resource.and_then(|resource| at(&resource.body, path))
        }
    };
    let found = found.ok_or_else(|| format!("{line}: not there"))?;
    let found = Document::derive("", std::slice::from_ref(&found));
    let found = found.roots().next().map(written).unwrap_or_default();
    let (wanted, _) = parse(Text::new("", wanted), Notation::Json);
    let wanted = wanted.roots().next().map(written);
    let wanted = wanted.unwrap_or_else(|| "unknown".to_owned());
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{line}: found {found}"))
    }
}

fn compare_ids(line: &str, expansion: &Expansion, wanted: &str) -> Result<(), String> {
    let (wanted, _) = parse(Text::new("", wanted), Notation::Json);
    let wanted: Vec<_> = wanted
        .roots()
        .flat_map(Value::items)
        .map(Value::scalar)
        .collect();
    let ids = || expansion.resources.iter().map(|resource| &*resource.id);
    // A name that isn't known is written as dots.
    let fits = |(id, end): (&str, &&str)| match end.strip_suffix("...") {
        Some(start) => id.contains(start),
        None => id.ends_with(*end),
    };
    if ids().count() == wanted.len() && ids().zip(&wanted).all(fits) {
        Ok(())
    } else {
        Err(format!("{line}: found {:?}", ids().collect::<Vec<_>>()))
    }
}

/// The value at a path of names and indexes.
fn at(value: &Derived, path: &str) -> Option<Derived> {
    path.split('.').try_fold(value.clone(), |value, step| {
        match &value.content {
            Content::Object(members) => {
                let mut members = members.iter();
                let found = members.find(|(key, _)| key.as_str() == Some(step));
                found.map(|(_, value)| value.clone())
            }
            Content::Array(items) => items.get(step.parse::<usize>().ok()?).cloned(),
            // What stands below something unknown is unknown.
            Content::Unknown { .. } => Some(value),
            _ => None,
        }
    })
}
