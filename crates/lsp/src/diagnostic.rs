//! Findings and what is wrong with files, as diagnostics of the protocol.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, NumberOrString,
    Position, Range, Uri,
};
use palisade_report::{InputDiagnostic, ReportFinding};

use crate::lines::Lines;
use crate::shown::Shown;
use crate::uri;

/// What to publish, by file.
pub(crate) type ByFile = BTreeMap<PathBuf, Vec<Diagnostic>>;

/// Everything that an audit says about files.
pub(crate) fn of_audit(shown: &Shown) -> ByFile {
    let mut files = ByFile::new();
    for file in shown.files() {
        let findings = shown.findings(file);
        let own = findings.map(|(finding, _, range)| of_finding(shown, finding, range));
        files.insert(file.to_owned(), own.collect());
    }
    for problem in &shown.audited.report.input.diagnostics {
        let file = files.entry(shown.path(&problem.path)).or_default();
        file.push(of_problem(shown, problem));
    }
    files
}

/// What is wrong with the configuration. `text` gives the texts of its files.
pub(crate) fn of_configuration(
    problems: &[palisade_document::Diagnostic],
    folder: &Path,
    text: impl Fn(&str) -> Option<String>,
) -> ByFile {
    let mut files = ByFile::new();
    for problem in problems {
        let lines = Lines::of(text(&problem.path).unwrap_or_default());
        let (line, column) = problem.position.map_or((1, 1), |at| (at.line, at.column));
        let at = lines.position(lines.offset(line, column));
        let help = problem.help.as_deref();
        let diagnostic = at_a_point(at, &problem.message, help, DiagnosticSeverity::ERROR);
        let file = files.entry(folder.join(&problem.path)).or_default();
        file.push(diagnostic);
    }
    files
}

fn of_finding(shown: &Shown, finding: &ReportFinding, range: Range) -> Diagnostic {
    let related = finding.related.iter().filter_map(|place| {
        Some(DiagnosticRelatedInformation {
            location: lsp_types::Location {
                uri: uri::of_path(&shown.path(&place.path))?,
                range: shown.range(place)?,
            },
            message: match place.label.as_str() {
                "" => finding.subject.name.clone(),
                label => label.to_owned(),
            },
        })
    });
    let related: Vec<_> = related.collect();
    Diagnostic {
        range,
        severity: Some(severity(finding)),
        code: Some(NumberOrString::String(finding.control.clone())),
        code_description: reference(shown.page(&finding.control))
            .map(|href| CodeDescription { href }),
        source: Some("palisade".to_owned()),
        message: message(finding),
        related_information: (!related.is_empty()).then_some(related),
        ..Diagnostic::default()
    }
}

/// The answer, with what helps.
pub(crate) fn message(finding: &ReportFinding) -> String {
    let mut text = format!("{}: {}", finding.subject.name, finding.message);
    match finding.status() {
        "fail" => {}
        other => text = format!("{other}: {text}"),
    }
    for supply in &finding.supply {
        text.push_str(&format!("\nto know: {supply}"));
    }
    if let Some(help) = &finding.help {
        text.push_str(&format!("\nto fix: {help}"));
    }
    text
}

fn severity(finding: &ReportFinding) -> DiagnosticSeverity {
    match (finding.status(), finding.severity.as_str()) {
        ("fail", "critical" | "high") => DiagnosticSeverity::ERROR,
        ("fail", "medium") => DiagnosticSeverity::WARNING,
        ("fail", "low") | ("unknown", _) => DiagnosticSeverity::INFORMATION,
        _ => DiagnosticSeverity::HINT,
    }
}

/// The first link among the references of a page.
fn reference(page: &str) -> Option<Uri> {
    let references = palisade_controls::page::section(page, "References");
    let link = references.split_once("](https://")?.1;
    let (link, _) = link.split_once(')')?;
    Uri::from_str(&format!("https://{link}")).ok()
}

fn of_problem(shown: &Shown, problem: &InputDiagnostic) -> Diagnostic {
    let (line, column) = (problem.line.unwrap_or(1), problem.column.unwrap_or(1));
    let severity = match problem.severity.as_str() {
        "error" => DiagnosticSeverity::ERROR,
        _ => DiagnosticSeverity::WARNING,
    };
    let at = shown.position(&problem.path, line, column);
    at_a_point(at, &problem.message, problem.help.as_deref(), severity)
}

/// A diagnostic at a place whose end isn't known: editors widen an empty range to the word.
fn at_a_point(
    at: Position,
    message: &str,
    help: Option<&str>,
    severity: DiagnosticSeverity,
) -> Diagnostic {
    let help = help.map(|help| format!("\n{help}")).unwrap_or_default();
    Diagnostic {
        range: Range { start: at, end: at },
        severity: Some(severity),
        source: Some("palisade".to_owned()),
        message: format!("{message}{help}"),
        ..Diagnostic::default()
    }
}
