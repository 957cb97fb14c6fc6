//! What changes between two reports about an estate: as it is, and as a template or a plan makes
//! it.
//!
//! Failures are compared by their control and subject, who reaches whom by workload.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use palisade_controls::Severity;
use serde::Serialize;

use crate::concise;
use crate::connectivity;
use crate::connectivity::change::ConnectivityChange;
use crate::model::VERSION;
use crate::plain_text::in_log;
use crate::{Report, ReportFinding};

/// What changes. Each list has the worst first.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// The version of this format: `1`.
    pub version: String,
    /// The failures that there are afterwards only.
    pub appears: Vec<Change>,
    /// The failures that there were before only.
    pub disappears: Vec<Change>,
    /// The failures that stay, as they are afterwards.
    pub stays: Vec<ReportFinding>,
    /// What changes about who reaches whom, cluster by cluster.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub connectivity: Vec<ConnectivityChange>,
}

/// A failure of one side only.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// The failure.
    pub finding: ReportFinding,
    /// What the other side answers: `pass`, `unknown`, `not-applicable`, `waived`, or `absent`
    /// when it has no such subject.
    pub other: String,
}

impl Change {
    /// How bad the failure is.
    pub fn severity(&self) -> Severity {
        crate::build::severity(&self.finding.severity)
    }
}

/// The difference between the estate before and after, but for who reaches whom.
pub fn between(before: &Report, after: &Report) -> Difference {
    let (one, other) = (answers(before), answers(after));
    let mut difference = Difference {
        version: VERSION.to_owned(),
        appears: Vec::new(),
        disappears: Vec::new(),
        stays: Vec::new(),
        connectivity: Vec::new(),
    };
    for finding in failures(after) {
        match one.get(&key(finding)).copied().unwrap_or("absent") {
            "fail" => difference.stays.push(plain(finding)),
            was => difference.appears.push(change(finding, was)),
        }
    }
    for finding in failures(before) {
        let is = other.get(&key(finding)).copied().unwrap_or("absent");
        if is != "fail" {
            difference.disappears.push(change(finding, is));
        }
    }
    difference
}

type Key = (String, String);

fn key(finding: &ReportFinding) -> Key {
    let subject = finding.subject.id.to_ascii_lowercase();
    (finding.control.clone(), subject)
}

/// The worst answer about each subject: findings are ordered so.
fn answers(report: &Report) -> BTreeMap<Key, &str> {
    let mut answers = BTreeMap::new();
    for finding in &report.findings {
        let answer = answers.entry(key(finding)).or_insert(finding.status());
        if finding.status() == "fail" {
            *answer = "fail";
        }
    }
    answers
}

fn failures(report: &Report) -> impl Iterator<Item = &ReportFinding> {
    let findings = report.findings.iter();
    findings.filter(|finding| finding.status() == "fail")
}

fn change(finding: &ReportFinding, other: &str) -> Change {
    Change {
        finding: plain(finding),
        other: other.to_owned(),
    }
}

/// A finding without the lines around its places.
fn plain(finding: &ReportFinding) -> ReportFinding {
    let mut finding = finding.clone();
    for place in finding.location.iter_mut().chain(&mut finding.related) {
        place.excerpt = None;
    }
    finding
}

fn summary(difference: &Difference) -> String {
    let verb = |count: usize, one: &str, more: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {more}"),
    };
    let failures = format!(
        "{}, {}, {}",
        verb(
            difference.appears.len(),
            "failure appears",
            "failures appear"
        ),
        verb(difference.disappears.len(), "disappears", "disappear"),
        verb(difference.stays.len(), "stays", "stay"),
    );
    match connectivity::summary(&difference.connectivity) {
        Some(connections) => format!("{failures}; {connections}"),
        None => failures,
    }
}

/// For people: what appears and what disappears, a line each.
pub fn terminal(difference: &Difference) -> String {
    let mut text = String::new();
    for (heading, word, changes) in [
        ("appears", "was", &difference.appears),
        ("disappears", "is", &difference.disappears),
    ] {
        if changes.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{heading}");
        for change in changes {
            let line = concise::line(&change.finding);
            let _ = writeln!(text, "  {line} ({word} {})", change.other);
        }
        text.push('\n');
    }
    connectivity::terminal_section(&mut text, &difference.connectivity);
    in_log(text + &summary(difference) + "\n")
}

/// One JSON object.
pub fn json(difference: &Difference) -> String {
    // A tree of strings and numbers can't fail to be written.
    serde_json::to_string_pretty(difference)
        .map(|json| json + "\n")
        .unwrap_or_default()
}

/// A comment on a pull request: a table of what appears, and what disappears folded away.
pub fn markdown(difference: &Difference) -> String {
    let mut text = format!("## Palisade: {}\n", summary(difference));
    table(&mut text, "was", &difference.appears);
    if !difference.disappears.is_empty() {
        let count = difference.disappears.len();
        let _ = write!(text, "\n<details><summary>{count} disappear</summary>\n");
        table(&mut text, "is", &difference.disappears);
        text.push_str("\n</details>\n");
    }
    connectivity::markdown_section(&mut text, &difference.connectivity);
    text
}

fn table(text: &mut String, word: &str, changes: &[Change]) {
    if changes.is_empty() {
        return;
    }
    let _ = write!(
        text,
        "\n| severity | control | subject | what | {word} | where |\n|---|---|---|---|---|---|\n"
    );
    for Change { finding, other } in changes {
        let place = finding.location.as_ref();
        let place = place.map(|at| format!("{}:{}", at.path, at.start_line));
        let cells = [
            finding.severity.as_str(),
            &finding.control,
            &finding.subject.name,
            &finding.message,
            other,
            &place.unwrap_or_default(),
        ];
        for cell in cells {
            let _ = write!(text, "| {} ", in_cell(cell));
        }
        text.push_str("|\n");
    }
}

/// A text as it stands in a cell: nothing in it ends the cell or makes markup.
fn in_cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '<' | '>' | '[' | ']' | '*' | '_' | '@' | '#' => {
                let _ = write!(cell, "&#{};", u32::from(c));
            }
            c if c.is_control() => cell.push(' '),
            c => cell.push(c),
        }
    }
    cell
}
