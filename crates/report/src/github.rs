//! Annotations of GitHub Actions, as workflow commands in a job's log (docs.github.com, "Workflow
//! commands for GitHub Actions").

use std::collections::BTreeMap;

use palisade_controls::Severity;

use crate::build::severity;
use crate::plain_text::in_log;
use crate::{Report, ReportFinding, concise};

/// The most annotations of one kind that a step shows; the runner drops what comes after.
const MOST_OF_A_KIND: usize = 10;

/// An annotation for each of the worst answers of the given kinds, and the others as lines of a
/// folded group of the log.
pub fn render(report: &Report, shown: &[&str]) -> String {
    let mut text = String::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut rest = Vec::new();
    let findings = report
        .findings
        .iter()
        .filter(|finding| shown.contains(&finding.status()));
    for finding in findings {
        let command = command(finding);
        let count = counts.entry(command).or_default();
        *count += 1;
        if *count <= MOST_OF_A_KIND {
            text.push_str(&annotation(command, finding));
        } else {
            rest.push(finding);
        }
    }
    if !rest.is_empty() {
        text.push_str(&format!("::group::{} more\n", rest.len()));
        for finding in rest {
            text.push_str(&in_log(format!("- {}\n", concise::line(finding))));
        }
        text.push_str("::endgroup::\n");
    }
    text
}

fn command(finding: &ReportFinding) -> &'static str {
    match (finding.status(), severity(&finding.severity)) {
        ("fail", Severity::Critical | Severity::High) => "error",
        ("fail", Severity::Medium) => "warning",
        _ => "notice",
    }
}

fn annotation(command: &str, finding: &ReportFinding) -> String {
    let word = match finding.status() {
        "fail" => &finding.severity,
        status => status,
    };
    let mut properties = vec![("title", format!("{} {word}", finding.control))];
    if let Some(at) = &finding.location {
        properties.push(("file", at.path.clone()));
        properties.push(("line", at.start_line.to_string()));
        // The runner takes columns only of a place within one line.
        if at.start_line == at.end_line {
            properties.push(("col", at.start_column.to_string()));
            properties.push(("endColumn", at.end_column.to_string()));
        } else {
            properties.push(("endLine", at.end_line.to_string()));
        }
    }
    let properties: Vec<_> = properties
        .iter()
        .map(|(name, value)| format!("{name}={}", property(value)))
        .collect();
    let help = finding.help.iter().map(|help| format!("\nfix: {help}"));
    let message = format!(
        "{}: {}{}",
        finding.subject.name,
        finding.message,
        help.collect::<String>()
    );
    format!("::{command} {}::{}\n", properties.join(","), data(&message))
}

/// A command's message, escaped as the runner unescapes it.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A command's property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
