//! JUnit XML, as test dashboards read it (Jenkins' xUnit schema and what pytest writes): a suite a
//! control, a case a subject. What isn't known and what is waived is skipped with its reason;
//! questions that don't arise are left out.

use std::collections::HashMap;
use std::io::{self, Write};

use crate::plain_text::xml;
use crate::{ControlSummary, Location, Report, ReportFinding};

/// Writes the document.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let cases: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| finding.status() != "not-applicable")
        .collect();
    let mut suites: HashMap<&str, Vec<&ReportFinding>> = HashMap::new();
    for case in &cases {
        suites.entry(&case.control).or_default().push(case);
    }
    let tally = Tally::of(&cases);
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<testsuites name="palisade" {}>"#,
        tally.attributes()
    )?;
    for control in &report.controls {
        if let Some(cases) = suites.get(control.code.as_str()) {
            suite(report, control, cases, out)?;
        }
    }
    writeln!(out, "</testsuites>")
}

struct Tally {
    tests: usize,
    failures: usize,
    skipped: usize,
}

impl Tally {
    fn of(cases: &[&ReportFinding]) -> Self {
        let mut tally = Self {
            tests: cases.len(),
            failures: 0,
            skipped: 0,
        };
        for case in cases {
            match case.status() {
                "fail" => tally.failures += 1,
                "unknown" | "waived" => tally.skipped += 1,
                _ => {}
            }
        }
        tally
    }

    fn attributes(&self) -> String {
        format!(
            r#"tests="{}" failures="{}" errors="0" skipped="{}" time="0""#,
            self.tests, self.failures, self.skipped
        )
    }
}

fn suite(
    report: &Report,
    control: &ControlSummary,
    cases: &[&ReportFinding],
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        r#"  <testsuite name="{}" {} timestamp="{}T00:00:00">"#,
        xml(&format!("{} {}", control.code, control.name)),
        Tally::of(cases).attributes(),
        xml(&report.as_of)
    )?;
    writeln!(
        out,
        r#"    <properties><property name="severity" value="{}"/><property name="expected" value="{}"/></properties>"#,
        xml(&control.severity),
        xml(&control.title)
    )?;
    for finding in cases {
        case(finding, out)?;
    }
    writeln!(out, "  </testsuite>")
}

fn case(finding: &ReportFinding, out: &mut dyn Write) -> io::Result<()> {
    let file = finding
        .location
        .as_ref()
        .map(|at| format!(r#" file="{}" line="{}""#, xml(&at.path), at.start_line));
    write!(
        out,
        r#"    <testcase classname="{}" name="{}"{} time="0""#,
        xml(&finding.control),
        xml(&finding.subject.id),
        file.unwrap_or_default()
    )?;
    match (finding.status(), &finding.suppression) {
        ("fail", _) => writeln!(
            out,
            "><failure type=\"{}\" message=\"{}\">{}</failure></testcase>",
            xml(&finding.severity),
            xml(&finding.message),
            xml(&details(finding))
        ),
        ("waived", Some(waiver)) => {
            let text = format!("waived: {}; {}", waiver.reason, finding.message);
            skipped(&text, out)
        }
        ("unknown", _) => skipped(&format!("unknown: {}", finding.message), out),
        _ => writeln!(out, "/>"),
    }
}

fn skipped(message: &str, out: &mut dyn Write) -> io::Result<()> {
    let message = xml(message);
    writeln!(out, "><skipped message=\"{message}\"/></testcase>")
}

/// What a dashboard shows of a failure: where, what else belongs to it, and the fix.
fn details(finding: &ReportFinding) -> String {
    let place = |at: &Location| format!("{}:{}:{}", at.path, at.start_line, at.start_column);
    let mut lines = vec![format!("{}: {}", finding.subject.name, finding.message)];
    lines.extend(
        finding
            .location
            .iter()
            .map(|at| format!("at {}", place(at))),
    );
    lines.extend(finding.related.iter().map(|at| {
        format!("see {} {}", place(at), at.label)
            .trim_end()
            .to_owned()
    }));
    lines.extend(finding.help.iter().map(|help| format!("fix: {help}")));
    lines.join("\n")
}
