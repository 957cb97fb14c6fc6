//! The states under policies as findings, so that every format of a report takes them: a control
//! a definition, by the name that Azure knows it by.

use std::collections::BTreeMap;

use jiff::civil::Date;
use palisade_controls::{Severity, hash};
use palisade_policy::{Review, State};
use palisade_sources::Input;

use super::model::{PolicyEntry, PolicyReport, ResourceEntry, Unasked};
use super::page;
use super::resolve::subject;
use crate::build::{said, severity, summary};
use crate::{ControlSummary, Counts, Report, ReportFinding, ReportSubject, Tool, VERSION};

/// Findings by the control that they are of, each control once.
#[derive(Default)]
struct Gathered {
    controls: BTreeMap<String, ControlSummary>,
    findings: Vec<ReportFinding>,
}

impl PolicyReport {
    /// The report in the form that all formats are written from. What isn't in force counts for
    /// nothing: its answers are those of a question that doesn't arise.
    pub fn as_report(
        &self,
        input: &Input,
        review: &Review<'_>,
        read: (usize, u64),
        today: Date,
    ) -> Report {
        let mut gathered = Gathered::default();
        for policy in &self.policies {
            gathered.policy(policy);
            if policy.is_in_force {
                gathered.compliant(policy, review);
            }
        }
        for constraint in &self.constraints {
            let control = page::of_constraint(constraint);
            for object in &constraint.objects {
                let level = match constraint.actions.iter().any(|action| action == "deny") {
                    true => Severity::High,
                    false => Severity::Medium,
                };
                let found = finding(&control.code, object, &constraint.name, level);
                gathered.findings.push(found);
            }
            gathered.controls.insert(control.code.clone(), control);
        }
        self.unasked
            .iter()
            .for_each(|unasked| gathered.unasked(unasked));
        gathered.count();
        let (files, bytes) = read;
        Report {
            version: VERSION.to_owned(),
            tool: Tool {
                name: "palisade".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            category: "policy",
            as_of: today.to_string(),
            input: summary(input, files, bytes),
            score: None,
            recommendations: Vec::new(),
            subscriptions: Vec::new(),
            clusters: Vec::new(),
            controls: gathered.controls.into_values().collect(),
            findings: gathered.findings,
            total_findings: None,
            baseline: None,
            framework: None,
        }
    }
}

impl Gathered {
    fn policy(&mut self, policy: &PolicyEntry) {
        let control = page::of_policy(policy);
        let code = control.code.clone();
        self.controls.entry(code.clone()).or_insert(control);
        for resource in &policy.resources {
            let level = match (resource.effect, policy.is_enforced) {
                _ if !policy.is_in_force => Severity::Info,
                (Some("Deny"), true) => Severity::High,
                _ => Severity::Medium,
            };
            let mut found = finding(&code, resource, &policy.by(), level);
            if !policy.is_in_force {
                found.result = "not-applicable".to_owned();
                found.message = format!("not assigned; if it were: {}", found.message);
            }
            self.findings.push(found);
        }
    }

    /// What is as it should be.
    fn compliant(&mut self, policy: &PolicyEntry, review: &Review<'_>) {
        let code = page::code(policy);
        let first = review
            .rows
            .partition_point(|row| row.planned < policy.planned);
        let own = review.rows[first..]
            .iter()
            .take_while(|row| row.planned == policy.planned);
        for row in own.filter(|row| matches!(row.state, State::Compliant | State::Protected)) {
            let (subject, clusters) = subject(row, &review.targets[row.target]);
            self.findings.push(ReportFinding {
                control: code.clone(),
                result: "pass".to_owned(),
                severity: Severity::Medium.to_string(),
                confidence: "high".to_owned(),
                clusters,
                fingerprint: hash([code.as_str(), &subject.id, &policy.by()]),
                subject,
                message: row.state.word().to_owned(),
                supply: Vec::new(),
                help: None,
                location: None,
                related: Vec::new(),
                suppression: None,
            });
        }
    }

    /// What is in force, or was asked for, and gives no verdict.
    fn unasked(&mut self, unasked: &Unasked) {
        let control = page::of_unasked(unasked);
        let code = control.code.clone();
        self.controls.entry(code.clone()).or_insert(control);
        let by = unasked.assignment.as_deref();
        let id = by.unwrap_or(&unasked.definition);
        let kind = match by {
            Some(_) => "Microsoft.Authorization/policyAssignments",
            None => "Microsoft.Authorization/policyDefinitions",
        };
        self.findings.push(ReportFinding {
            control: code.clone(),
            result: "unknown".to_owned(),
            severity: Severity::Medium.to_string(),
            confidence: "high".to_owned(),
            subject: ReportSubject {
                kind: "resource".to_owned(),
                id: id.to_owned(),
                subject_type: kind.to_owned(),
                name: said(id.rsplit('/').next().unwrap_or(id)),
            },
            clusters: Vec::new(),
            message: said(&format!("not evaluated: {}", unasked.cause)),
            supply: unasked.supply.iter().map(|text| said(text)).collect(),
            help: None,
            location: unasked.location.clone(),
            related: Vec::new(),
            fingerprint: hash([code.as_str(), id, &unasked.cause]),
            suppression: None,
        });
    }

    /// Orders the findings, the worst first, and counts them by control.
    fn count(&mut self) {
        let order = ["fail", "unknown", "pass", "not-applicable"];
        let rank = |finding: &ReportFinding| {
            let outcome = order.iter().position(|word| *word == finding.result);
            let worst = std::cmp::Reverse(severity(&finding.severity));
            (finding.suppression.is_some(), outcome, worst)
        };
        self.findings.sort_by(|a, b| {
            let ids =
                |finding: &ReportFinding| (finding.control.clone(), finding.subject.id.clone());
            rank(a).cmp(&rank(b)).then_with(|| ids(a).cmp(&ids(b)))
        });
        for finding in &self.findings {
            let Some(control) = self.controls.get_mut(&finding.control) else {
                continue;
            };
            let counts: &mut Counts = &mut control.counts;
            *match finding.status() {
                "fail" => &mut counts.fail,
                "unknown" => &mut counts.unknown,
                "waived" => &mut counts.waived,
                "pass" => &mut counts.pass,
                _ => &mut counts.not_applicable,
            } += 1;
            let own = severity(&finding.severity);
            if finding.result == "fail" && own > severity(&control.severity) {
                control.severity = own.to_string();
            }
        }
    }
}

/// The finding about a resource or an object. `by` is what puts the rule in force.
fn finding(code: &str, entry: &ResourceEntry, by: &str, level: Severity) -> ReportFinding {
    let evidence = &entry.evidence;
    let is_broken = matches!(entry.state, "non-compliant" | "exempt");
    let effect = entry.effect.map(|effect| format!(" ({effect})"));
    let state = format!("{}{}", entry.state, effect.unwrap_or_default());
    let why = entry.message.as_ref().or(entry.reason.as_ref());
    let why = why.or(entry.cause.as_ref());
    let message = match why {
        Some(why) => format!("{state} by {by}: {why}"),
        None => format!("{state} by {by}"),
    };
    let help = entry.reason.as_ref().filter(|_| is_broken);
    ReportFinding {
        control: code.to_owned(),
        result: match is_broken {
            true => "fail".to_owned(),
            false => "unknown".to_owned(),
        },
        severity: level.to_string(),
        confidence: match entry.is_assumed {
            true => "medium".to_owned(),
            false => "high".to_owned(),
        },
        subject: evidence.subject.clone(),
        clusters: evidence.clusters.clone(),
        message: said(&message),
        supply: entry.supply.iter().map(|text| said(text)).collect(),
        help: help.map(|reason| said(&format!("change what decides: {reason}"))),
        location: evidence.location.clone(),
        related: evidence.related.clone(),
        fingerprint: hash([code, &evidence.subject.id, by, &state]),
        suppression: evidence.suppression.clone(),
    }
}
