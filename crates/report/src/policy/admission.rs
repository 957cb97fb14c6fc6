//! What the admission of clusters says: constraints of Gatekeeper and Kubernetes' own admission
//! policies that the input holds.

use std::collections::BTreeMap;

use palisade_admission::{Action, Admission, Judgement, RuleName, UndecidedRule, Verdict};
use palisade_controls::{Place as Where, Subject};
use palisade_document::Origin;
use palisade_estate::{Cluster, Estate};

use super::model::{
    ConstraintEntry, Counts, Evidence, MutatorEntry, Place, PolicyReport, ResourceEntry, Unasked,
};
use crate::ReportSubject;
use crate::build::said;
use crate::location::location;

impl PolicyReport {
    /// The same with what the admission of clusters says about the objects in them.
    #[must_use]
    pub fn with_admission(
        mut self,
        estate: &Estate,
        admissions: &[(Cluster<'_>, Admission<'_>)],
    ) -> Self {
        for (cluster, admission) in admissions {
            let mut rules: BTreeMap<&RuleName, ConstraintEntry> = BTreeMap::new();
            for judgement in &admission.judgements {
                let entry = rules.entry(&judgement.rule).or_insert_with(|| {
                    let place = judgement.rule_at.map(|at| place(estate, at));
                    constraint(cluster, &judgement.rule, place)
                });
                entry.add(estate, judgement);
            }
            for UndecidedRule { rule, at, because } in &admission.undecided {
                let entry = rules
                    .entry(rule)
                    .or_insert_with(|| constraint(cluster, rule, Some(place(estate, *at))));
                entry.cause = Some(because.cause.clone());
                entry.supply = Some(because.supply.clone());
            }
            self.constraints.extend(rules.into_values());
            let mutators = admission.mutators.iter().map(|mutator| MutatorEntry {
                cluster: cluster.name().to_owned(),
                name: mutator.object.display_name(),
                place: place(estate, mutator.object.anchor().origin()),
                field: mutator.location.to_owned(),
                objects: mutator.applies_to.len(),
            });
            self.mutators.extend(mutators);
            self.unasked
                .extend(admission.diagnostics.iter().map(|diagnostic| {
                    let at = diagnostic.position.map(|at| format!(":{at}"));
                    Unasked {
                        definition: format!("{}{}", diagnostic.path, at.unwrap_or_default()),
                        assignment: None,
                        cause: diagnostic.message.clone(),
                        supply: diagnostic.help.clone(),
                        location: None,
                    }
                }));
        }
        self
    }
}

fn constraint(cluster: &Cluster<'_>, rule: &RuleName, place: Option<Place>) -> ConstraintEntry {
    ConstraintEntry {
        cluster: cluster.name().to_owned(),
        name: rule.to_string(),
        place,
        actions: Vec::new(),
        counts: Counts::new(),
        objects: Vec::new(),
        cause: None,
        supply: None,
    }
}

impl ConstraintEntry {
    fn add(&mut self, estate: &Estate, judgement: &Judgement<'_>) {
        for action in judgement.actions.iter().map(ToString::to_string) {
            if !self.actions.contains(&action) {
                self.actions.push(action);
            }
        }
        let (state, message, unknown, at) = match &judgement.verdict {
            Verdict::Complies => ("compliant", None, None, None),
            Verdict::Violates(violations) => {
                let first = violations.first();
                let said = first.map(|one| refusal(judgement, &one.message));
                ("non-compliant", said, None, first.map(|one| one.at))
            }
            Verdict::Undecided(unknown) => ("unknown", None, Some(unknown), None),
        };
        *self.counts.entry(state).or_default() += 1;
        if state == "compliant" {
            return;
        }
        let at = at.unwrap_or(judgement.object.anchor().origin());
        let subject = Subject::from(judgement.object);
        let mut related = Vec::new();
        related.extend(
            judgement
                .rule_at
                .map(|rule| location(estate, &Where::Value(rule), "the rule", true)),
        );
        let label = message.clone().unwrap_or_default();
        self.objects.push(ResourceEntry {
            resource: subject.id.clone(),
            state,
            effect: None,
            reason: None,
            is_assumed: false,
            message,
            cause: unknown.map(|unknown| unknown.cause.clone()),
            supply: unknown.map(|unknown| unknown.supply.clone()),
            exemption: None,
            place: Some(place(estate, at)),
            because: Vec::new(),
            evidence: Evidence {
                clusters: subject.clusters.iter().map(ToString::to_string).collect(),
                subject: ReportSubject {
                    kind: "object".to_owned(),
                    id: subject.id,
                    subject_type: subject.subject_type,
                    name: said(&subject.name),
                },
                location: Some(location(estate, &Where::Value(at), &label, true)),
                related,
                suppression: None,
            },
        });
    }
}

/// What the API server answers to a request that is refused, else what the rule says.
fn refusal(judgement: &Judgement<'_>, message: &str) -> String {
    let RuleName { kind, name } = &judgement.rule;
    if !judgement.actions.contains(&Action::Deny) {
        return message.to_owned();
    }
    match (kind.as_str(), name.split_once('/')) {
        ("ValidatingAdmissionPolicy", Some((policy, binding))) => format!(
            "ValidatingAdmissionPolicy '{policy}' with binding '{binding}' denied request: {message}"
        ),
        _ => format!(
            "admission webhook \"validation.gatekeeper.sh\" denied the request: [{name}] {message}"
        ),
    }
}

fn place(estate: &Estate, at: Origin) -> Place {
    let (text, span) = estate.written_at(at);
    let position = text.position(span.start as usize);
    Place {
        path: text.path().to_owned(),
        line: position.line,
        column: position.column,
    }
}
