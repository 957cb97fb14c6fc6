//! One line a finding, for grep, editors and people in a hurry.

use crate::plain_text::{in_log, path};
use crate::{Report, ReportFinding};

/// `path:line:column: severity[CODE] subject: message`, for the answers of the given kinds.
pub fn render(report: &Report, shown: &[&str]) -> String {
    let findings = report
        .findings
        .iter()
        .filter(|finding| shown.contains(&finding.status()));
    in_log(findings.map(|finding| line(finding) + "\n").collect())
}

pub(crate) fn line(finding: &ReportFinding) -> String {
    let place = finding
        .location
        .as_ref()
        .map(|at| format!("{}:{}:{}: ", path(&at.path), at.start_line, at.start_column));
    let word = match finding.status() {
        "fail" => &finding.severity,
        other => other,
    };
    let name = &finding.subject.name;
    format!(
        "{}{word}[{}] {name}: {}",
        place.unwrap_or_default(),
        finding.control,
        finding.message
    )
}
