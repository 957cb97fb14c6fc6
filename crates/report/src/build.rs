//! From findings about an estate to a report about files.

use std::collections::BTreeMap;

use palisade_controls::{
    Audit, ChangedParameter, Control, Finding, Mark, Outcome, Recommendation, Settings, Severity,
    SubjectKind, Tally, fingerprint, page, score,
};
use palisade_document::{Diagnostic, Level};
use palisade_estate::Estate;
use palisade_sources::Input;
use rayon::prelude::*;

use crate::location::{self, Names, location};
use crate::model::*;
use crate::plain_text::one_line;
use crate::roll_up;

impl Report {
    /// Resolves what an audit found to files and lines. `files` and `bytes` are what was read.
    pub fn new(input: &Input, audit: &Audit, files: usize, bytes: u64) -> Self {
        let estate = &input.estate;
        let names = Names::of(estate);
        let mut ordered: Vec<_> = audit.findings.iter().collect();
        ordered.sort_by(|a, b| {
            let is_waived = |finding: &Finding| finding.suppression.is_some();
            (is_waived(a), a.outcome, b.severity, a.control.code).cmp(&(
                is_waived(b),
                b.outcome,
                a.severity,
                b.control.code,
            ))
        });
        Self {
            version: VERSION.to_owned(),
            tool: Tool {
                name: "palisade".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            category: "audit",
            as_of: audit.today.to_string(),
            input: summary(input, files, bytes),
            score: score(&audit.findings),
            recommendations: recommendations(&audit.findings.iter().collect::<Vec<_>>()),
            subscriptions: roll_up::subscriptions(estate, audit),
            clusters: roll_up::clusters(estate, audit),
            controls: controls(audit),
            findings: ordered
                .into_par_iter()
                .map(|finding| report_finding(estate, &names, finding))
                .collect(),
            total_findings: None,
            baseline: None,
            framework: None,
        }
    }

    /// The same of lints, without scores: they say nothing about how the recommendations are
    /// fulfilled.
    #[must_use]
    pub fn of_lints(mut self) -> Self {
        self.category = "lint";
        self.score = None;
        self.recommendations.clear();
        for one in &mut self.subscriptions {
            one.score = None;
            one.recommendations.clear();
        }
        for one in &mut self.clusters {
            one.score = None;
            one.recommendations.clear();
        }
        self
    }
}

pub(crate) fn summary(input: &Input, files: usize, bytes: u64) -> InputSummary {
    let left = input.not_understood.iter();
    InputSummary {
        files,
        bytes,
        resources: input.estate.resources().len(),
        objects: input.estate.objects().len(),
        not_understood: left
            .map(|left| LeftAside {
                path: left.path.clone(),
                reason: left.reason.clone(),
            })
            .collect(),
        diagnostics: input
            .diagnostics
            .iter()
            .map(InputDiagnostic::from)
            .collect(),
    }
}

impl From<&Diagnostic> for InputDiagnostic {
    fn from(diagnostic: &Diagnostic) -> Self {
        Self {
            severity: match diagnostic.level {
                Level::Error => "error".to_owned(),
                Level::Warning => "warning".to_owned(),
            },
            path: diagnostic.path.clone(),
            line: diagnostic.position.map(|at| at.line),
            column: diagnostic.position.map(|at| at.column),
            message: said(&diagnostic.message),
            help: diagnostic.help.as_deref().map(said),
        }
    }
}

pub(crate) fn counts(tally: Tally) -> Counts {
    Counts {
        pass: tally.pass,
        fail: tally.fail,
        unknown: tally.unknown,
        not_applicable: tally.not_applicable,
        waived: tally.waived,
    }
}

pub(crate) fn recommendations(findings: &[&Finding]) -> Vec<RecommendationSummary> {
    let summarise = |recommendation: Recommendation| {
        let own: Vec<_> = findings
            .iter()
            .copied()
            .filter(|finding| finding.control.recommendation == recommendation)
            .collect();
        RecommendationSummary {
            number: recommendation.number(),
            prefix: recommendation.prefix().to_owned(),
            title: recommendation.title().to_owned(),
            score: score(own.iter().copied()),
            counts: counts(Tally::of(own.iter().copied())),
            worst: worst(&own),
        }
    };
    Recommendation::ALL.into_iter().map(summarise).collect()
}

/// The worst severity among the failures.
pub(crate) fn worst(findings: &[&Finding]) -> Option<String> {
    let failures = findings.iter().filter(|finding| finding.is_failure());
    let worst = failures.map(|finding| finding.severity).max();
    worst.map(|worst| worst.to_string())
}

fn controls(audit: &Audit) -> Vec<ControlSummary> {
    let mut by_control: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &audit.findings {
        by_control
            .entry(finding.control.code)
            .or_default()
            .push(finding);
    }
    let own = |control: &Control| {
        by_control
            .get(control.code)
            .map(Vec::as_slice)
            .unwrap_or_default()
    };
    audit
        .controls
        .iter()
        .map(|control| control_summary(control, &audit.settings, own(control)))
        .collect()
}

pub(crate) fn control_summary(
    control: &Control,
    settings: &Settings,
    findings: &[&Finding],
) -> ControlSummary {
    let equivalents = control.equivalents.iter().map(|equivalent| EquivalentId {
        framework: equivalent.framework.as_str().to_owned(),
        id: equivalent.id.to_owned(),
    });
    ControlSummary {
        code: control.code.to_owned(),
        name: control.name.to_owned(),
        title: control.title.to_owned(),
        recommendation: control.recommendation.number(),
        severity: settings.severity(control).to_string(),
        confidence: control.confidence.as_str().to_owned(),
        page: page::for_readers(control.page).to_owned(),
        equivalents: equivalents.collect(),
        parameters: settings
            .changed(control)
            .iter()
            .map(parameter_value)
            .collect(),
        counts: counts(Tally::of(findings.iter().copied())),
    }
}

fn parameter_value(changed: &ChangedParameter) -> ParameterValue {
    ParameterValue {
        name: changed.parameter.name.to_owned(),
        meaning: changed.parameter.meaning.to_owned(),
        value: changed.value.to_string(),
        default: changed.parameter.default().to_string(),
        is_weaker: changed.is_weaker,
    }
}

fn report_finding(estate: &Estate, names: &Names, finding: &Finding) -> ReportFinding {
    let subject = &finding.subject;
    // Evidence is shown for what needs a look; passes only need their place.
    let has_excerpt = matches!(finding.outcome, Outcome::Fail | Outcome::Unknown);
    let locate = |mark: &Mark| location(estate, &mark.place, &mark.label, has_excerpt);
    let primary = finding.primary.as_ref();
    let (primary, way) = match primary {
        Some(mark) => {
            let (primary, way) = location::decisive(estate, names, mark, has_excerpt);
            (Some(primary), way)
        }
        None => (None, Vec::new()),
    };
    ReportFinding {
        control: finding.control.code.to_owned(),
        result: finding.outcome.as_str().to_owned(),
        severity: finding.severity.to_string(),
        confidence: finding.confidence.as_str().to_owned(),
        subject: ReportSubject {
            kind: match subject.kind {
                SubjectKind::Resource => "resource".to_owned(),
                SubjectKind::Object => "object".to_owned(),
                SubjectKind::Scope => "scope".to_owned(),
                SubjectKind::Waiver => "waiver".to_owned(),
            },
            id: subject.id.clone(),
            subject_type: subject.subject_type.clone(),
            name: said(&subject.name),
        },
        clusters: subject
            .clusters
            .iter()
            .map(|id| id.as_str().to_owned())
            .collect(),
        message: said(&finding.message),
        supply: finding.supply.iter().map(|text| typed(text)).collect(),
        help: finding.help.as_deref().map(typed),
        location: primary,
        related: way
            .into_iter()
            .chain(finding.related.iter().map(locate))
            .collect(),
        fingerprint: fingerprint(estate, finding),
        suppression: finding
            .suppression
            .as_ref()
            .map(|suppression| report_suppression(estate, suppression)),
    }
}

fn report_suppression(
    estate: &Estate,
    suppression: &palisade_controls::Suppression,
) -> Suppression {
    Suppression {
        kind: match suppression.kind {
            palisade_controls::SuppressionKind::InSource => SuppressionKind::InSource,
            palisade_controls::SuppressionKind::Annotation => SuppressionKind::Annotation,
            palisade_controls::SuppressionKind::Configuration => SuppressionKind::Configuration,
            palisade_controls::SuppressionKind::Exemption => SuppressionKind::Exemption,
            palisade_controls::SuppressionKind::Baseline => SuppressionKind::Baseline,
        },
        reason: said(&suppression.reason),
        owner: suppression.owner.as_deref().map(said),
        expires: suppression.expires.map(|day| day.to_string()),
        location: suppression
            .place
            .as_ref()
            .map(|place| location(estate, place, "", false)),
    }
}

/// A command as somebody can type it: what isn't known before deployment is to be filled in.
fn typed(command: &str) -> String {
    let command = palisade_document::with_placeholders(command, |cause| {
        let word = ["subscription", "resource group", "tenant"]
            .into_iter()
            .find(|word| cause.starts_with(word));
        word.map_or("NAME".to_owned(), |word| {
            word.to_ascii_uppercase().replace(' ', "_")
        })
    });
    said(&command)
}

/// Something said about the estate, in which names of the estate may stand.
pub(crate) fn said(text: &str) -> String {
    one_line(text).into_owned()
}

/// A severity by its word.
pub(crate) fn severity(word: &str) -> Severity {
    Severity::ALL
        .into_iter()
        .find(|severity| severity.as_str() == word)
        .unwrap_or(Severity::Info)
}
