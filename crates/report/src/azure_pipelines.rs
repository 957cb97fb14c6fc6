//! Issues of Azure Pipelines, as logging commands in a job's log (learn.microsoft.com, "Logging
//! commands").

use palisade_controls::Severity;

use crate::build::severity;
use crate::{Report, ReportFinding};

/// An issue for each answer of the given kinds, the worst first.
pub fn render(report: &Report, shown: &[&str]) -> String {
    let findings = report
        .findings
        .iter()
        .filter(|finding| shown.contains(&finding.status()));
    findings.map(issue).collect()
}

fn issue(finding: &ReportFinding) -> String {
    let kind = match (finding.status(), severity(&finding.severity)) {
        ("fail", Severity::Critical | Severity::High) => "error",
        _ => "warning",
    };
    let place = finding.location.as_ref().map(|at| {
        format!(
            "sourcepath={};linenumber={};columnnumber={};",
            property(&at.path),
            at.start_line,
            at.start_column
        )
    });
    let word = match finding.status() {
        "fail" => &finding.severity,
        status => status,
    };
    let help = finding.help.iter().map(|help| format!("; fix: {help}"));
    let message = format!(
        "{word}: {}: {}{}",
        finding.subject.name,
        finding.message,
        help.collect::<String>()
    );
    format!(
        "##vso[task.logissue type={kind};{}code={};]{}\n",
        place.unwrap_or_default(),
        property(&finding.control),
        data(&message)
    )
}

/// A command's message, escaped as the agent unescapes it. The agent looks for commands at any
/// place of a line, but takes the first one only, which is ours.
fn data(text: &str) -> String {
    text.replace('%', "%AZP25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A command's property.
fn property(text: &str) -> String {
    data(text).replace(';', "%3B").replace(']', "%5D")
}
