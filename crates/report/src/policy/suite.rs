//! What became of the tests of definitions, resolved to files and lines.

use palisade_document::{Diagnostic, Value};
use palisade_policy::suite::{Problem, Test};
use palisade_policy::{Asker, Review};
use serde::Serialize;

use super::model::{Comparison, Place};
use super::resolve::Resolver;
use crate::InputDiagnostic;

/// The tests of some suites.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SuiteReport {
    /// The version of the format.
    pub version: u32,
    /// The suites, in the order of their files.
    pub suites: Vec<SuiteEntry>,
}

/// The tests of a file.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SuiteEntry {
    /// The file.
    pub path: String,
    /// What is tested: the name of a definition or an initiative.
    pub title: String,
    /// The tests, in their order.
    pub tests: Vec<TestEntry>,
    /// What is wrong with the file; its other tests were run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<InputDiagnostic>,
}

/// A test.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestEntry {
    /// What its author calls it.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// `passed`; `failed`: an expectation doesn't come true; `broken`: it couldn't be run.
    pub outcome: &'static str,
    /// The expectations that don't come true.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<TestFailure>,
    /// Why it couldn't be run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<InputDiagnostic>,
}

/// An expectation that doesn't come true.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestFailure {
    /// Where it stands.
    pub place: Place,
    /// The resource or object that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What was expected and what came.
    pub message: String,
    /// What a rule says about an object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complaint: Option<String>,
    /// The condition, part by part.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<Comparison>,
}

impl SuiteReport {
    /// The suites of a run.
    pub fn new(suites: Vec<SuiteEntry>) -> Self {
        Self { version: 1, suites }
    }

    /// How many tests came out in a way.
    pub fn count(&self, outcome: &str) -> usize {
        let tests = self.suites.iter().flat_map(|suite| &suite.tests);
        tests.filter(|test| test.outcome == outcome).count()
    }

    /// Whether something couldn't be run.
    pub fn is_broken(&self) -> bool {
        let mut suites = self.suites.iter();
        self.count("broken") > 0 || suites.any(|suite| !suite.errors.is_empty())
    }
}

impl SuiteEntry {
    /// A suite of which nothing was run yet.
    pub fn new(path: &str, title: &str, errors: &[Diagnostic]) -> Self {
        Self {
            path: path.to_owned(),
            title: title.to_owned(),
            tests: Vec::new(),
            errors: errors.iter().map(InputDiagnostic::from).collect(),
        }
    }
}

impl TestEntry {
    /// A test that was run.
    pub fn run(test: &Test<'_>, review: &Review<'_>, problems: &[Problem<'_>]) -> Self {
        let resolver = Resolver::new(review.estate(), review);
        let mut asker = Asker::new(&review.rulebook);
        let failures = problems.iter().map(|problem| {
            let (complaint, because) = match (problem.row, problem.asked) {
                (Some(row), _) => {
                    let row = &review.rows[row];
                    let planned = &review.planned[row.planned];
                    let entry = resolver.resource(&mut asker, planned, row);
                    (
                        entry.message.filter(|_| row.object.is_some()),
                        entry.because,
                    )
                }
                (None, Some((planned, target))) => {
                    let planned = &review.planned[planned];
                    (None, resolver.because(&mut asker, planned, target))
                }
                (None, None) => (None, Vec::new()),
            };
            TestFailure {
                place: place(problem.at),
                subject: problem.subject.clone(),
                message: problem.message.clone(),
                complaint,
                because,
            }
        });
        Self {
            name: test.name.to_owned(),
            place: place(test.at),
            outcome: match problems.is_empty() {
                true => "passed",
                false => "failed",
            },
            failures: failures.collect(),
            errors: Vec::new(),
        }
    }

    /// A test that couldn't be run.
    pub fn broken(test: &Test<'_>, errors: &[Diagnostic]) -> Self {
        Self {
            name: test.name.to_owned(),
            place: place(test.at),
            outcome: "broken",
            failures: Vec::new(),
            errors: errors.iter().map(InputDiagnostic::from).collect(),
        }
    }
}

fn place(value: Value<'_>) -> Place {
    let position = value.position();
    Place {
        path: value.document().text().path().to_owned(),
        line: position.line,
        column: position.column,
    }
}
