//! The report as data: version 1 of the JSON format. Fields are added within a version, never
//! renamed, removed or given another meaning.

use schemars::JsonSchema;
use serde::Serialize;

/// The version of the format.
pub const VERSION: &str = "1";

/// Everything an audit found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The version of this format: `1`.
    pub version: String,
    /// The program that wrote it.
    pub tool: Tool,
    /// What was asked: `audit`, `lint` or `policy`, so that a service that keeps results by it
    /// doesn't take one for another.
    #[serde(skip)]
    pub category: &'static str,
    /// The day that it speaks of, as `YYYY-MM-DD`: expiries and retirements are judged for it.
    pub as_of: String,
    /// What was read.
    pub input: InputSummary,
    /// 0 to 100 over all recommendations; null when nothing could be asked.
    pub score: Option<u8>,
    /// The nine recommendations, in order; none where something else was asked, such as lints.
    pub recommendations: Vec<RecommendationSummary>,
    /// The subscriptions of the input, ordered by id.
    pub subscriptions: Vec<SubscriptionSummary>,
    /// The managed clusters, ordered by id.
    pub clusters: Vec<ClusterSummary>,
    /// The controls that were asked, in order.
    pub controls: Vec<ControlSummary>,
    /// The answers, the worst first.
    pub findings: Vec<ReportFinding>,
    /// How many answers there are in all, when `findings` doesn't hold every one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_findings: Option<usize>,
    /// What became of the findings of the baseline, when the audit was compared with one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineSummary>,
    /// The answers by the items of a catalogue, when one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub framework: Option<FrameworkSummary>,
}

/// The answers by the items of a catalogue.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FrameworkSummary {
    /// The catalogue, such as `cis-aks`.
    pub id: String,
    /// Its name and version.
    pub title: String,
    /// What it asks, in its own order.
    pub items: Vec<FrameworkItem>,
}

/// What a catalogue asks, and the answer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FrameworkItem {
    /// Its id in the catalogue.
    pub id: String,
    /// What it asks for.
    pub title: String,
    /// `fail`, `unknown`, `pass`, `manual` (people must look), `waived`, `not-applicable` or
    /// `out-of-scope`.
    pub result: String,
    /// The codes of the controls that answer it.
    pub controls: Vec<String>,
    /// Their answers by kind.
    #[serde(flatten)]
    pub counts: Counts,
    /// Why a part or all of it is left to people, or is out of scope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An audit beside a baseline.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BaselineSummary {
    /// The file.
    pub path: String,
    /// How many of its findings are still there.
    pub known: usize,
    /// How many failures it doesn't hold.
    pub new: usize,
    /// Those of its findings that are no longer found.
    pub gone: Vec<GoneFinding>,
}

/// A finding of the baseline that is no longer found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GoneFinding {
    /// The control's code.
    pub control: String,
    /// The id of what it was about.
    pub subject: String,
    /// What was found.
    pub message: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// `fixed`; `changed`: it fails otherwise; `unknown`: the input no longer tells; `absent`:
    /// there is no answer about it in this run.
    pub became: String,
}

impl GoneFinding {
    /// What became of it, for people.
    pub(crate) fn words(&self) -> &'static str {
        match self.became.as_str() {
            "fixed" => "fixed",
            "changed" => "fails otherwise",
            "unknown" => "no longer known",
            _ => "not in this input",
        }
    }
}

/// The program that wrote a report.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tool {
    /// `palisade`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What was read.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InputSummary {
    /// Files that were read.
    pub files: usize,
    /// Their size in bytes.
    pub bytes: u64,
    /// Azure resources in them.
    pub resources: usize,
    /// Kubernetes objects in them.
    pub objects: usize,
    /// What is well formed but not something Palisade takes.
    pub not_understood: Vec<LeftAside>,
    /// What was wrong with files.
    pub diagnostics: Vec<InputDiagnostic>,
}

/// A file, or a part of one, that was left aside.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LeftAside {
    /// The file.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// A defect of an input file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InputDiagnostic {
    /// `error`: not read; `warning`: read, perhaps not as meant.
    pub severity: String,
    /// The file.
    pub path: String,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The character in the line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// How one recommendation is fulfilled.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecommendationSummary {
    /// Its number in the baseline, 1 to 9.
    pub number: u8,
    /// What its controls' codes start with.
    pub prefix: String,
    /// Its title.
    pub title: String,
    /// 0 to 100: the share of what was asked that is known to be fulfilled; null when nothing
    /// could be asked.
    pub score: Option<u8>,
    /// Answers by kind.
    #[serde(flatten)]
    pub counts: Counts,
    /// The worst severity among its failures.
    pub worst: Option<String>,
}

/// Answers by kind.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// As it should be.
    pub pass: usize,
    /// Falls short.
    pub fail: usize,
    /// The input doesn't tell.
    pub unknown: usize,
    /// The question doesn't arise.
    pub not_applicable: usize,
    /// Falls short or isn't known, and somebody has accepted that; counted nowhere else.
    pub waived: usize,
}

/// How one subscription fares: the answers about it and what is in it. An object is in the
/// subscription of its cluster.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionSummary {
    /// Its id in lower case, without `/subscriptions/`.
    pub id: String,
    /// How many managed clusters are in it.
    pub clusters: usize,
    /// As for the whole report.
    pub score: Option<u8>,
    /// Answers by kind.
    #[serde(flatten)]
    pub counts: Counts,
    /// The worst severity among its failures.
    pub worst: Option<String>,
    /// The nine recommendations, in order.
    pub recommendations: Vec<RecommendationSummary>,
}

/// How one managed cluster fares, with all that serves it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClusterSummary {
    /// Its ARM id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its subscription's id.
    pub subscription: String,
    /// Its region.
    pub location: Option<String>,
    /// As for the whole report.
    pub score: Option<u8>,
    /// Answers by kind.
    #[serde(flatten)]
    pub counts: Counts,
    /// The worst severity among its failures.
    pub worst: Option<String>,
    /// The nine recommendations, in order.
    pub recommendations: Vec<RecommendationSummary>,
}

/// A control that was asked.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ControlSummary {
    /// Its code, such as `FW001`.
    pub code: String,
    /// Its name: the defect.
    pub name: String,
    /// What should be so.
    pub title: String,
    /// The number of its recommendation; 0 for lints and for what is about the project's own
    /// waivers.
    pub recommendation: u8,
    /// `critical`, `high`, `medium`, `low` or `info`.
    pub severity: String,
    /// `high`, `medium` or `low`.
    pub confidence: String,
    /// Its page in Markdown.
    pub page: String,
    /// The same question in other catalogues.
    pub equivalents: Vec<EquivalentId>,
    /// The parameters that the project has set to something else than their default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<ParameterValue>,
    /// Its answers by kind.
    #[serde(flatten)]
    pub counts: Counts,
}

/// A parameter of a control with the value that the project gives it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ParameterValue {
    /// Its name.
    pub name: String,
    /// What it means.
    pub meaning: String,
    /// Its value.
    pub value: String,
    /// Its value when nothing is said.
    pub default: String,
    /// Whether more passes than by default.
    pub is_weaker: bool,
}

/// A control of another catalogue.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EquivalentId {
    /// The catalogue, such as `azure-policy`.
    pub framework: String,
    /// The id in it.
    pub id: String,
}

/// A control's answer about one subject.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportFinding {
    /// The control's code.
    pub control: String,
    /// `fail`, `unknown`, `pass` or `not-applicable`, whether or not it is suppressed.
    pub result: String,
    /// `critical`, `high`, `medium`, `low` or `info`.
    pub severity: String,
    /// `high`, `medium` or `low`.
    pub confidence: String,
    /// What it is about.
    pub subject: ReportSubject,
    /// The managed clusters it concerns; several share it.
    pub clusters: Vec<String>,
    /// The answer in words.
    pub message: String,
    /// On `unknown`: what to add to the input.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub supply: Vec<String>,
    /// A command or edit that mends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Where it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// What else belongs to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Location>,
    /// The same for the same control, subject and deciding values, wherever they stand in whatever
    /// file.
    pub fingerprint: String,
    /// Why a failure or an unknown answer doesn't count, if somebody has accepted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppression: Option<Suppression>,
}

impl ReportFinding {
    /// The answer as it counts: `waived` if it is suppressed, otherwise its result.
    pub fn status(&self) -> &str {
        if self.suppression.is_some() {
            "waived"
        } else {
            &self.result
        }
    }
}

/// Why a finding doesn't count.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Suppression {
    /// Where it is written down.
    pub kind: SuppressionKind,
    /// Why the finding is accepted, in the words of whoever accepted it.
    pub reason: String,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The last day it holds, as `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// The place where it is written down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// Where a suppression is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SuppressionKind {
    /// A comment in the file, beside what it is about.
    InSource,
    /// An annotation of a Kubernetes object.
    Annotation,
    /// A waiver in `palisade.toml`.
    Configuration,
    /// An exemption of an Azure Policy assignment.
    Exemption,
    /// The baseline: known before, and accepted until somebody mends it.
    Baseline,
}

/// What a finding is about.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportSubject {
    /// `resource`, `object`, `scope` or `waiver`.
    pub kind: String,
    /// An ARM id, or `cluster/namespace/Kind/name`.
    pub id: String,
    /// The ARM type, or the API version and kind.
    #[serde(rename = "type")]
    pub subject_type: String,
    /// Its name, for people.
    pub name: String,
}

/// A place in a file. Lines and columns start at 1; a column counts characters; the end is the
/// character after the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// The file.
    pub path: String,
    /// The first line.
    pub start_line: u32,
    /// The first character in it.
    pub start_column: u32,
    /// The last line.
    pub end_line: u32,
    /// The character after the last in it.
    pub end_column: u32,
    /// What to see there.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// The lines around it, where the format carries them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<Excerpt>,
}

/// Some lines of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Excerpt {
    /// The number of the first.
    pub first_line: u32,
    /// The column that each line starts at: more than 1 when a long line was cut.
    pub first_column: u32,
    /// The lines.
    pub lines: Vec<String>,
}
