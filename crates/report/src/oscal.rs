//! Assessment results of OSCAL 1.1.2 (NIST's Open Security Controls Assessment Language), for
//! programs of governance and compliance. An observation is an answer, a finding is a control with
//! all its answers, a risk is a failure: open, or with its deviation approved when it is waived.
//! Identifiers are made of what they name, so that the same report gives the same bytes.

use std::collections::BTreeMap;
use std::io::{self, Write};

use palisade_controls::page::section;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{ControlSummary, Report, ReportFinding, ReportSubject};

/// The version of the language. Readers of later versions take it, too.
const VERSION: &str = "1.1.2";
/// The namespace of properties that the language doesn't know.
const NAMESPACE: &str = "urn:palisade:oscal";

/// Writes the document.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let time = format!("{}T00:00:00Z", report.as_of);
    let subjects: BTreeMap<&str, &ReportSubject> = report
        .findings
        .iter()
        .map(|finding| (finding.subject.id.as_str(), &finding.subject))
        .collect();
    let mut answers: BTreeMap<&str, Vec<&ReportFinding>> = BTreeMap::new();
    for finding in judged(report) {
        answers.entry(&finding.control).or_default().push(finding);
    }
    let asked = || {
        let asked = report.controls.iter();
        asked.filter_map(|control| Some((control, answers.get(control.code.as_str())?)))
    };
    let controls: BTreeMap<_, _> = report
        .controls
        .iter()
        .map(|control| (control.code.as_str(), control))
        .collect();
    let document = Document {
        assessment_results: AssessmentResults {
            uuid: uuid("assessment-results", &content(report)),
            metadata: metadata(report, &time),
            import_ap: json!({ "href": format!("#{}", uuid("resource", "plan")) }),
            results: [Results {
                uuid: uuid("result", &content(report)),
                title: "Network security of Azure Kubernetes Service",
                description: description(report),
                start: &time,
                end: &time,
                local_definitions: LocalDefinitions {
                    inventory_items: some(subjects.values().map(|subject| inventory_item(subject))),
                    assessment_assets: assets(report),
                },
                reviewed_controls: reviewed(report),
                observations: some(judged(report).map(|finding| observation(finding, &time))),
                risks: some(
                    failures(report).map(|finding| {
                        risk(finding, controls.get(finding.control.as_str()).copied())
                    }),
                ),
                findings: some(asked().map(|(control, answers)| control_finding(control, answers))),
            }],
            back_matter: json!({ "resources": [{
                "uuid": uuid("resource", "plan"),
                "title": "Palisade's controls",
                "description": "There is no assessment plan: every control that was selected was asked of everything that was read.",
            }]}),
        },
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Document<'r> {
    assessment_results: AssessmentResults<'r>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct AssessmentResults<'r> {
    uuid: Uuid,
    metadata: Value,
    import_ap: Value,
    results: [Results<'r>; 1],
    back_matter: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Results<'r> {
    uuid: Uuid,
    title: &'static str,
    description: String,
    start: &'r str,
    end: &'r str,
    local_definitions: LocalDefinitions<'r>,
    reviewed_controls: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    observations: Option<List<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    risks: Option<List<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<List<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct LocalDefinitions<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    inventory_items: Option<List<'r>>,
    assessment_assets: Value,
}

/// Things that are made one after another while they are written.
struct List<'r>(Box<dyn Fn() -> Box<dyn Iterator<Item = Value> + 'r> + 'r>);

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// A list, which the language doesn't allow to be empty.
fn some<'r>(items: impl Iterator<Item = Value> + Clone + 'r) -> Option<List<'r>> {
    let has_any = items.clone().next().is_some();
    has_any.then(|| List(Box::new(move || Box::new(items.clone()))))
}

/// The answers to questions that arose.
fn judged(report: &Report) -> impl Iterator<Item = &ReportFinding> + Clone {
    let findings = report.findings.iter();
    findings.filter(|finding| finding.result != "not-applicable")
}

fn failures(report: &Report) -> impl Iterator<Item = &ReportFinding> + Clone {
    judged(report).filter(|finding| finding.result == "fail")
}

/// Identifies a thing of some kind by what tells it from others of the kind.
fn uuid(kind: &str, name: &str) -> Uuid {
    let own = Uuid::new_v5(&Uuid::NAMESPACE_OID, b"palisade");
    Uuid::new_v5(&own, format!("{kind}\n{name}").as_bytes())
}

fn of_answer(kind: &str, finding: &ReportFinding) -> Uuid {
    let (control, id) = (&finding.control, &finding.subject.id);
    uuid(kind, &format!("{control}\n{id}\n{}", finding.message))
}

/// Everything that tells one report from another.
fn content(report: &Report) -> String {
    let mut content = report.as_of.clone();
    for finding in &report.findings {
        content.push_str(&format!("\n{}{}", finding.fingerprint, finding.status()));
    }
    content
}

fn metadata(report: &Report, time: &str) -> Value {
    json!({
        "title": "Network security of Azure Kubernetes Service: assessment results",
        "last-modified": time,
        "version": report.as_of,
        "oscal-version": VERSION,
        "props": [property("tool-version", &report.tool.version)],
    })
}

fn description(report: &Report) -> String {
    let score = report
        .score
        .map_or_else(|| "none".to_owned(), |score| score.to_string());
    format!(
        "Files read: {}. Azure resources: {}. Kubernetes objects: {}. Score: {score} of 100.",
        report.input.files, report.input.resources, report.input.objects
    )
}

fn property(name: &str, value: &str) -> Value {
    json!({ "name": name, "ns": NAMESPACE, "value": token(value) })
}

/// A value without line breaks and without spaces at its ends, as the language wants it.
fn token(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        "-".to_owned()
    } else {
        line
    }
}

fn inventory_item(subject: &ReportSubject) -> Value {
    json!({
        "uuid": uuid("subject", &subject.id),
        "description": subject.name,
        "props": [
            { "name": "asset-id", "value": token(&subject.id) },
            property("type", &subject.subject_type),
            property("kind", &subject.kind),
        ],
    })
}

/// The program that observed.
fn assets(report: &Report) -> Value {
    json!({
        "components": [{
            "uuid": uuid("component", "palisade"),
            "type": "software",
            "title": "Palisade",
            "description": "Audits the network security of Azure Kubernetes Service.",
            "props": [{ "name": "version", "value": report.tool.version }],
            "status": { "state": "operational" },
        }],
        "assessment-platforms": [{
            "uuid": uuid("platform", "palisade"),
            "title": "Palisade",
            "uses-components": [{ "component-uuid": uuid("component", "palisade") }],
        }],
    })
}

fn reviewed(report: &Report) -> Value {
    let codes = report.controls.iter();
    let controls: Vec<_> = codes
        .map(|control| json!({ "control-id": control.code }))
        .collect();
    if controls.is_empty() {
        json!({ "control-selections": [{ "description": "None." }] })
    } else {
        json!({ "control-selections": [{ "include-controls": controls }] })
    }
}

fn observation(finding: &ReportFinding, time: &str) -> Value {
    let mut observation = json!({
        "uuid": of_answer("observation", finding),
        "title": token(&format!("{} {}", finding.control, finding.subject.name)),
        "description": finding.message,
        "props": [
            property("control", &finding.control),
            property("result", &finding.result),
            property("severity", &finding.severity),
            property("confidence", &finding.confidence),
            property("fingerprint", &finding.fingerprint),
        ],
        "methods": ["EXAMINE"],
        "types": ["finding"],
        "origins": [{ "actors": [{ "type": "tool", "actor-uuid": uuid("component", "palisade") }] }],
        "subjects": [{
            "subject-uuid": uuid("subject", &finding.subject.id),
            "type": "inventory-item",
            "title": token(&finding.subject.name),
        }],
        "collected": time,
    });
    let evidence: Vec<_> = finding
        .location
        .iter()
        .chain(&finding.related)
        .map(|at| {
            let place = format!("{}:{}:{}", at.path, at.start_line, at.start_column);
            json!({ "description": format!("{place} {}", at.label).trim_end() })
        })
        .collect();
    if !evidence.is_empty() {
        observation["relevant-evidence"] = evidence.into();
    }
    let remarks = remarks(finding);
    if !remarks.is_empty() {
        observation["remarks"] = remarks.join("\n").into();
    }
    observation
}

/// What would make the unknown known, and why it is accepted.
fn remarks(finding: &ReportFinding) -> Vec<String> {
    let supplies = finding.supply.iter();
    let mut remarks: Vec<_> = supplies.map(|supply| format!("supply: {supply}")).collect();
    if let Some(waiver) = &finding.suppression {
        remarks.push(format!("waived: {}", waiver.reason));
        remarks.extend(waiver.owner.iter().map(|owner| format!("owner: {owner}")));
        remarks.extend(waiver.expires.iter().map(|day| format!("until {day}")));
    }
    remarks
}

fn risk(finding: &ReportFinding, control: Option<&ControlSummary>) -> Value {
    let statement = control.map_or("", |control| section(&control.page, "Why it matters"));
    let status = match finding.suppression {
        Some(_) => "deviation-approved",
        None => "open",
    };
    let mut risk = json!({
        "uuid": of_answer("risk", finding),
        "title": token(&format!("{} {}", finding.control, finding.subject.name)),
        "description": finding.message,
        "statement": statement,
        "props": [property("severity", &finding.severity)],
        "status": status,
        "related-observations": [{ "observation-uuid": of_answer("observation", finding) }],
    });
    if let Some(help) = &finding.help {
        risk["remediations"] = json!([{
            "uuid": of_answer("response", finding),
            "lifecycle": "recommendation",
            "title": "Fix",
            "description": help,
        }]);
    }
    if let Some(waiver) = &finding.suppression {
        if let Some(day) = &waiver.expires {
            risk["deadline"] = format!("{day}T00:00:00Z").into();
        }
        risk["mitigating-factors"] = json!([{
            "uuid": of_answer("waiver", finding),
            "description": remarks(finding).join("\n"),
        }]);
    }
    risk
}

/// A control is satisfied when every answer is a pass; what isn't known is not satisfied.
fn control_finding(control: &ControlSummary, answers: &[&ReportFinding]) -> Value {
    let has = |result: &str| answers.iter().any(|finding| finding.result == result);
    let (state, reason, remarks) = if has("fail") {
        ("not-satisfied", "fail", None)
    } else if has("unknown") {
        let remarks = "The input doesn't tell; the observations say what to supply.";
        ("not-satisfied", "other", Some(remarks))
    } else {
        ("satisfied", "pass", None)
    };
    let mut finding = json!({
        "uuid": uuid("finding", &control.code),
        "title": token(&format!("{} {}", control.code, control.name)),
        "description": control.title,
        "target": {
            "type": "objective-id",
            "target-id": control.code,
            "status": { "state": state, "reason": reason },
        },
        "related-observations": answers
            .iter()
            .map(|answer| json!({ "observation-uuid": of_answer("observation", answer) }))
            .collect::<Vec<_>>(),
    });
    if let Some(remarks) = remarks {
        finding["target"]["status"]["remarks"] = remarks.into();
    }
    let risks: Vec<_> = answers
        .iter()
        .filter(|answer| answer.result == "fail")
        .map(|answer| json!({ "risk-uuid": of_answer("risk", answer) }))
        .collect();
    if !risks.is_empty() {
        finding["related-risks"] = risks.into();
    }
    finding
}
