//! What the policies of the baseline say about resources and objects that were reasoned about by
//! hand: the suites in `tests/tables`, each of whose tests is named for the reason. They run with
//! `palisade policy test crates/policy/tests/tables`, too.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use palisade_document::{Notation, Text, parse};
use palisade_policy::suite::{self, Suite, Test};
use palisade_policy::{Catalogue, Definition, Library, Plan, builtin, review};
use palisade_sources::{Deployment, File, Options, read_all};

const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000000";

/// As many rows as a table has at least.
const FEWEST: usize = 12;

#[test]
fn the_policies_of_the_baseline_say_what_reason_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tables");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() >= 11, "{paths:?}");
    let mut wrong = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy();
        let text = fs::read_to_string(&path).unwrap();
        let (document, diagnostics) = parse(Text::new(&*name, text), Notation::Yaml);
        let suite = suite::read(&document);
        assert_eq!(
            (diagnostics, &suite.diagnostics),
            (vec![], &vec![]),
            "{name}"
        );
        assert!(suite.tests.len() >= FEWEST, "{name}: {}", suite.tests.len());
        for test in &suite.tests {
            let found = problems(&suite, test);
            wrong.extend(
                found
                    .into_iter()
                    .map(|found| format!("{name}: {}: {found}", test.name)),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What of a test doesn't come true.
fn problems(suite: &Suite<'_>, test: &Test<'_>) -> Vec<String> {
    let mut files: Vec<_> = test
        .given
        .iter()
        .map(|given| suite::alone(*given))
        .collect();
    let cluster = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/test/providers/Microsoft.ContainerService/managedClusters/cluster"
    );
    if test.given.iter().any(|given| given.get("kind").is_some()) {
        files.push(format!(
            r#"{{"id": "{cluster}", "location": "westeurope", "properties": {{"x": 1}}}}"#
        ));
    }
    let load = |text: &String| {
        Ok(File {
            path: "given.yaml".to_owned(),
            bytes: text.clone().into_bytes(),
        })
    };
    let options = Options {
        assume_complete: true,
        deployment: Deployment {
            subscription: Some(SUBSCRIPTION.to_owned()),
            resource_group: Some("test".to_owned()),
            location: None,
        },
        ..Options::default()
    };
    let input = read_all(&files, load, options);
    assert_eq!(input.diagnostics, [], "{}", test.name);
    let value = builtin::definition(suite.asked.unwrap().scalar()).unwrap();
    let declared = Definition::read(value).0.unwrap().parameters;
    let mut plan = Plan::default();
    let library = Library::read(&input.estate);
    plan.of_value(value, suite.arguments(test, &declared).unwrap(), &library);
    let now: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
    let review = review(&input.estate, plan, &Catalogue::built_in(), now);
    let stand_in = palisade_estate::ResourceId::parse(&cluster);
    let found = suite::problems(&review, test, stand_in.as_ref());
    found.into_iter().map(|problem| problem.message).collect()
}
