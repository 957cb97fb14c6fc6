//! Tests of definitions for people and for test dashboards.

use std::io::{self, Write};

use super::suite::{SuiteEntry, SuiteReport, TestEntry, TestFailure};
use super::terminal::write_line;
use crate::InputDiagnostic;
use crate::plain_text::{one_line, xml};

/// Writes every test with its outcome, and why it failed.
pub fn write(report: &SuiteReport, mut out: impl Write) -> io::Result<()> {
    for suite in &report.suites {
        writeln!(
            out,
            "{} · {}",
            one_line(&suite.path),
            one_line(&suite.title)
        )?;
        for test in &suite.tests {
            write_test(test, &mut out)?;
        }
        for error in &suite.errors {
            writeln!(out, "  error   {}", one_line(&said(error)))?;
        }
        writeln!(out)?;
    }
    let tests: usize = report.suites.iter().map(|suite| suite.tests.len()).sum();
    let counts: Vec<_> = ["passed", "failed", "broken"]
        .into_iter()
        .map(|outcome| (report.count(outcome), outcome))
        .filter(|(count, _)| *count > 0)
        .map(|(count, outcome)| format!("{count} {outcome}"))
        .collect();
    writeln!(
        out,
        "Suites: {}; tests: {tests}; {}",
        report.suites.len(),
        counts.join(", ")
    )
}

fn write_test(test: &TestEntry, out: &mut impl Write) -> io::Result<()> {
    let at = &test.place;
    match test.outcome {
        "passed" => writeln!(out, "  passed  {}", one_line(&test.name))?,
        outcome => writeln!(
            out,
            "  {outcome:<7} {}  {}:{}:{}",
            one_line(&test.name),
            one_line(&at.path),
            at.line,
            at.column
        )?,
    }
    for error in &test.errors {
        writeln!(out, "    {}", one_line(&said(error)))?;
    }
    for failure in &test.failures {
        writeln!(out, "    {}", one_line(&sentence(failure)))?;
        for line in &failure.because {
            write_line(line, out)?;
        }
    }
    Ok(())
}

/// What came instead of what was expected.
fn sentence(failure: &TestFailure) -> String {
    let subject = failure.subject.as_ref();
    let subject = subject.map(|subject| format!("{subject}: "));
    let complaint = failure.complaint.as_ref();
    let complaint = complaint.map(|complaint| format!(": {complaint}"));
    let (subject, complaint) = (subject.unwrap_or_default(), complaint.unwrap_or_default());
    format!("{subject}{}{complaint}", failure.message)
}

fn said(error: &InputDiagnostic) -> String {
    let place = match (error.line, error.column) {
        (Some(line), Some(column)) => format!(":{line}:{column}"),
        _ => String::new(),
    };
    let help = error.help.as_ref().map(|help| format!("; {help}"));
    let help = help.unwrap_or_default();
    format!("{}{place}: {}{help}", error.path, error.message)
}

/// Writes JUnit XML: a suite a file, a case a test. What couldn't be run is an error.
pub fn write_junit(report: &SuiteReport, mut out: impl Write) -> io::Result<()> {
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    let counts = counts(report.suites.iter());
    writeln!(out, r#"<testsuites name="palisade policy test" {counts}>"#)?;
    for suite in &report.suites {
        writeln!(
            out,
            r#"  <testsuite name="{}" file="{}" {}>"#,
            xml(&suite.title),
            xml(&suite.path),
            self::counts([suite].into_iter())
        )?;
        for test in &suite.tests {
            write_case(suite, test, &mut out)?;
        }
        for error in &suite.errors {
            let line = error.line.map(|line| format!(r#" line="{line}""#));
            writeln!(
                out,
                r#"    <testcase classname="{}" name="the suite can be read" file="{}"{} time="0"><error message="{}"/></testcase>"#,
                xml(&suite.title),
                xml(&error.path),
                line.unwrap_or_default(),
                xml(&said(error))
            )?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn counts<'s>(suites: impl Iterator<Item = &'s SuiteEntry>) -> String {
    let (mut tests, mut failures, mut errors) = (0, 0, 0);
    for suite in suites {
        tests += suite.tests.len() + suite.errors.len();
        errors += suite.errors.len();
        for test in &suite.tests {
            failures += usize::from(test.outcome == "failed");
            errors += usize::from(test.outcome == "broken");
        }
    }
    format!(r#"tests="{tests}" failures="{failures}" errors="{errors}" skipped="0" time="0""#)
}

fn write_case(suite: &SuiteEntry, test: &TestEntry, out: &mut impl Write) -> io::Result<()> {
    write!(
        out,
        r#"    <testcase classname="{}" name="{}" file="{}" line="{}" time="0""#,
        xml(&suite.title),
        xml(&test.name),
        xml(&test.place.path),
        test.place.line
    )?;
    let (element, first, body) = match test.outcome {
        "passed" => return writeln!(out, "/>"),
        "failed" => {
            let mut body = Vec::new();
            for failure in &test.failures {
                writeln!(body, "{}", sentence(failure))?;
                for line in &failure.because {
                    write_line(line, &mut body)?;
                }
            }
            let first = test.failures.first().map(sentence);
            ("failure", first, body)
        }
        _ => {
            let lines: Vec<_> = test.errors.iter().map(said).collect();
            (
                "error",
                lines.first().cloned(),
                lines.join("\n").into_bytes(),
            )
        }
    };
    writeln!(
        out,
        r#"><{element} message="{}">{}</{element}></testcase>"#,
        xml(&first.unwrap_or_default()),
        xml(&String::from_utf8_lossy(&body))
    )
}
