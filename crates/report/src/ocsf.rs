//! Compliance Findings (class 2003) of the Open Cybersecurity Schema Framework 1.4.0, a JSON object
//! a line, for security lakes and event management. Every answer is an event.

use std::collections::BTreeMap;
use std::io::{self, Write};

use palisade_controls::Severity;
use palisade_controls::page::section;
use palisade_estate::ResourceId;
use serde_json::{Map, Value, json};

use crate::build::severity;
use crate::{ControlSummary, Location, Report, ReportFinding};

/// The version of the schema.
const VERSION: &str = "1.4.0";

/// Writes a line an answer.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let controls: BTreeMap<_, _> = report
        .controls
        .iter()
        .map(|control| (control.code.as_str(), about(control)))
        .collect();
    let time = milliseconds(&report.as_of);
    for finding in &report.findings {
        if let Some(control) = controls.get(finding.control.as_str()) {
            serde_json::to_writer(&mut *out, &event(report, control, finding, time))?;
            out.write_all(b"\n")?;
        }
    }
    Ok(())
}

/// What is the same for every answer of a control.
struct About<'r> {
    control: &'r ControlSummary,
    checks: String,
    matters: String,
    fix: String,
    references: Vec<&'r str>,
    standards: Vec<&'r str>,
    requirements: Vec<String>,
}

fn about(control: &ControlSummary) -> About<'_> {
    let mut standards: Vec<_> = control
        .equivalents
        .iter()
        .map(|other| other.framework.as_str())
        .collect();
    standards.sort_unstable();
    standards.dedup();
    // A finding has to name a standard: the baseline that every control belongs to comes first.
    standards.insert(0, "palisade");
    let requirements = control
        .equivalents
        .iter()
        .map(|other| format!("{}/{}", other.framework, other.id));
    About {
        control,
        checks: section(&control.page, "What it checks").to_owned(),
        matters: section(&control.page, "Why it matters").to_owned(),
        fix: section(&control.page, "How to fix").to_owned(),
        references: references(&control.page),
        standards,
        requirements: requirements.collect(),
    }
}

/// The addresses that a page refers to.
pub(crate) fn references(page: &str) -> Vec<&str> {
    section(page, "References")
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(address, _)| address)
        .filter(|address| address.starts_with("https://"))
        .collect()
}

fn event(report: &Report, about: &About<'_>, finding: &ReportFinding, time: i64) -> Value {
    let control = about.control;
    let (severity_id, severity) = severity_of(&finding.severity);
    let (status_id, status) = match &finding.suppression {
        Some(_) => (3, "Suppressed"),
        None => (1, "New"),
    };
    let mut event = json!({
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2003,
        "class_name": "Compliance Finding",
        "type_uid": 200_301,
        "type_name": "Compliance Finding: Create",
        "time": time,
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "confidence_id": confidence_id(&finding.confidence),
        "confidence": title_case(&finding.confidence),
        "message": format!("{}: {}", finding.subject.name, finding.message),
        "metadata": {
            "version": VERSION,
            "event_code": control.code,
            "product": {
                "name": "Palisade",
                "vendor_name": "Palisade",
                "version": report.tool.version,
            },
        },
        "finding_info": {
            "uid": finding.fingerprint,
            "title": control.title,
            "desc": about.checks,
            "types": ["network-security"],
            "created_time": time,
            "analytic": {
                "type_id": 1,
                "type": "Rule",
                "uid": control.code,
                "name": control.name,
                "desc": about.matters,
            },
        },
        "compliance": compliance(about, finding),
        "resources": [resource(finding)],
        "remediation": {
            "desc": finding.help.as_deref().unwrap_or(&about.fix),
            "references": about.references,
        },
    });
    if let Some(waiver) = &finding.suppression {
        event["comment"] = waiver.reason.as_str().into();
    }
    let evidence: Vec<_> = finding.location.iter().chain(&finding.related).collect();
    if !evidence.is_empty() {
        event["evidences"] = evidence.into_iter().map(place).collect();
    }
    if let Some(subscription) = subscription(finding) {
        event["metadata"]["profiles"] = json!(["cloud"]);
        event["cloud"] = json!({
            "provider": "Azure",
            "account": { "uid": subscription, "type": "Azure Subscription", "type_id": 13 },
        });
    }
    event["unmapped"] = unmapped(finding);
    event
}

fn compliance(about: &About<'_>, finding: &ReportFinding) -> Value {
    let (status_id, status) = match finding.result.as_str() {
        "pass" => (1, "Pass"),
        "fail" => (3, "Fail"),
        "unknown" => (0, "Unknown"),
        _ => (99, "Not Applicable"),
    };
    let mut details = vec![finding.message.clone()];
    details.extend(
        finding
            .supply
            .iter()
            .map(|supply| format!("supply: {supply}")),
    );
    json!({
        "control": about.control.code,
        "standards": about.standards,
        "requirements": about.requirements,
        "status_id": status_id,
        "status": status,
        "status_details": details,
    })
}

fn resource(finding: &ReportFinding) -> Value {
    let subject = &finding.subject;
    let mut resource = json!({
        "uid": subject.id,
        "name": subject.name,
        "type": subject.subject_type,
    });
    if let Some(group) = ResourceId::parse(&subject.id)
        .as_ref()
        .and_then(ResourceId::resource_group)
    {
        resource["group"] = json!({ "name": group });
    }
    resource
}

fn subscription(finding: &ReportFinding) -> Option<String> {
    let ids = std::iter::once(&finding.subject.id).chain(&finding.clusters);
    ids.filter_map(|id| ResourceId::parse(id))
        .find_map(|id| id.subscription().map(str::to_owned))
}

/// A place in a file, as evidence.
fn place(at: &Location) -> Value {
    json!({ "data": {
        "path": at.path,
        "startLine": at.start_line,
        "startColumn": at.start_column,
        "endLine": at.end_line,
        "endColumn": at.end_column,
        "label": at.label,
    } })
}

/// What the schema has no attribute for.
fn unmapped(finding: &ReportFinding) -> Value {
    let mut unmapped = Map::new();
    unmapped.insert("result".to_owned(), finding.result.as_str().into());
    unmapped.insert("clusters".to_owned(), json!(finding.clusters));
    if let Some(waiver) = &finding.suppression {
        unmapped.insert("waiver".to_owned(), json!(waiver));
    }
    unmapped.into()
}

fn severity_of(word: &str) -> (u8, &'static str) {
    match severity(word) {
        Severity::Info => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

fn confidence_id(word: &str) -> u8 {
    match word {
        "low" => 1,
        "medium" => 2,
        _ => 3,
    }
}

fn title_case(word: &str) -> String {
    let mut word = word.to_owned();
    if let Some(first) = word.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    word
}

/// Milliseconds since 1970 of the beginning of a day, in UTC.
fn milliseconds(day: &str) -> i64 {
    let day: Option<jiff::civil::Date> = day.parse().ok();
    let midnight = day.and_then(|day| day.to_zoned(jiff::tz::TimeZone::UTC).ok());
    midnight.map_or(0, |midnight| midnight.timestamp().as_millisecond())
}
