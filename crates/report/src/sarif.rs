//! SARIF 2.1.0, within what GitHub code scanning takes (docs.github.com, "SARIF support for code
//! scanning", 2026). Only failures are results: a code scanning alert is something to mend. Those
//! that somebody has accepted come last, with their suppression.

use serde_json::{Value, json};

use crate::build::severity;
use crate::links::uri;
use crate::{ControlSummary, Location, Report, ReportFinding, Suppression, SuppressionKind};
use palisade_controls::Severity;
use palisade_controls::page::section;

/// The most results that GitHub takes in one run. Failures come worst first, so the mildest are
/// cut.
const MOST_RESULTS: usize = 25_000;
/// The most related locations of a result that GitHub keeps.
const MOST_RELATED: usize = 100;

/// One SARIF log.
pub fn render(report: &Report) -> String {
    let failures = || {
        report
            .findings
            .iter()
            .filter(|finding| finding.result == "fail")
    };
    let rule_index = |code: &str| {
        report
            .controls
            .iter()
            .position(|control| control.code == code)
    };
    let results: Vec<_> = failures()
        .filter_map(|finding| Some(result(finding, rule_index(&finding.control)?)))
        .take(MOST_RESULTS)
        .collect();
    let is_cut = results.len() < failures().count();
    let notifications: Vec<_> = report
        .input
        .diagnostics
        .iter()
        .map(|diagnostic| {
            json!({
                "level": diagnostic.severity,
                "message": { "text": format!("{}: {}", diagnostic.path, diagnostic.message) },
            })
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Palisade",
                "semanticVersion": report.tool.version,
                "version": report.tool.version,
                "rules": report.controls.iter().map(rule).collect::<Vec<_>>(),
            }},
            "automationDetails": { "id": format!("palisade/{}", report.category) },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
            "properties": {
                "unknown": report.findings.iter().filter(|finding| finding.status() == "unknown").count(),
                "resultsCut": is_cut,
            },
        }],
    });
    serde_json::to_string_pretty(&log)
        .map(|json| json + "\n")
        .unwrap_or_default()
}

fn rule(control: &ControlSummary) -> Value {
    let what = section(&control.page, "What it checks");
    json!({
        "id": control.code,
        "name": pascal_case(&control.name),
        "shortDescription": { "text": sentence(&control.title) },
        "fullDescription": { "text": clip(what, 1000) },
        "help": { "text": plain_help(&control.page), "markdown": control.page },
        "defaultConfiguration": { "level": level(&control.severity) },
        "properties": {
            "tags": tags(control),
            "precision": precision(&control.confidence),
            "security-severity": security_severity(&control.severity),
        },
    })
}

fn result(finding: &ReportFinding, rule_index: usize) -> Value {
    let message = sentence(&format!("{}: {}", finding.subject.name, finding.message));
    let locations: Vec<_> = finding
        .location
        .iter()
        .map(|place| location(place, None))
        .collect();
    let related: Vec<_> = (0..)
        .zip(finding.related.iter().take(MOST_RELATED))
        .map(|(id, place)| location(place, Some(id)))
        .collect();
    let mut result = json!({
        "ruleId": finding.control,
        "ruleIndex": rule_index,
        "level": level(&finding.severity),
        "message": { "text": message },
        "locations": locations,
        "partialFingerprints": {
            "primaryLocationLineHash": format!("{}:1", finding.fingerprint),
            "palisade/v2": finding.fingerprint,
        },
        "properties": { "subject": finding.subject.id, "confidence": finding.confidence },
    });
    if !related.is_empty() {
        result["relatedLocations"] = related.into();
    }
    if let Some(accepted) = &finding.suppression {
        result["suppressions"] = json!([suppression(accepted)]);
    }
    result
}

fn suppression(suppression: &Suppression) -> Value {
    let kind = match suppression.kind {
        SuppressionKind::InSource | SuppressionKind::Annotation => "inSource",
        SuppressionKind::Configuration | SuppressionKind::Exemption | SuppressionKind::Baseline => {
            "external"
        }
    };
    let mut value = json!({
        "kind": kind,
        "status": "accepted",
        "justification": sentence(&suppression.reason),
        "properties": {
            "origin": suppression.kind,
            "owner": suppression.owner,
            "expires": suppression.expires,
        },
    });
    if let Some(place) = &suppression.location {
        value["location"] = location(place, None);
    }
    value
}

fn location(place: &Location, id: Option<usize>) -> Value {
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": file_uri(&place.path) },
            "region": {
                "startLine": place.start_line,
                "startColumn": place.start_column,
                "endLine": place.end_line,
                "endColumn": place.end_column,
            },
        },
    });
    if let Some(id) = id {
        location["id"] = id.into();
        let text = if place.label.is_empty() {
            "belongs to it"
        } else {
            &place.label
        };
        location["message"] = json!({ "text": sentence(text) });
    }
    location
}

/// A path as a URI reference; an absolute one with its scheme.
fn file_uri(path: &str) -> String {
    let uri = uri(path);
    if uri.starts_with('/') {
        format!("file://{uri}")
    } else {
        uri
    }
}

fn level(word: &str) -> &'static str {
    match severity(word) {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// GitHub's scale: over 9 is critical, from 7 high, from 4 medium, else low.
fn security_severity(word: &str) -> &'static str {
    match severity(word) {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.1",
    }
}

fn precision(confidence: &str) -> &'static str {
    match confidence {
        "high" => "very-high",
        "medium" => "medium",
        _ => "low",
    }
}

/// GitHub keeps ten tags.
fn tags(control: &ControlSummary) -> Vec<String> {
    let mut tags = vec![
        "security".to_owned(),
        "azure".to_owned(),
        "kubernetes".to_owned(),
    ];
    tags.push(format!("recommendation-{}", control.recommendation));
    let others = control
        .equivalents
        .iter()
        .map(|other| format!("{}/{}", other.framework, other.id));
    tags.extend(others.take(6));
    tags
}

fn plain_help(page: &str) -> String {
    let text: Vec<_> = ["Why it matters", "How to fix"]
        .iter()
        .map(|heading| section(page, heading))
        .collect();
    text.join("\n\n")
}

/// SARIF wants sentences with a capital and a final stop.
fn sentence(text: &str) -> String {
    let mut sentence = text.to_owned();
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    if !sentence.ends_with('.') {
        sentence.push('.');
    }
    sentence
}

fn clip(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

fn pascal_case(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let mut word = word.to_owned();
        if let Some(first) = word.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        word
    });
    words.collect()
}
