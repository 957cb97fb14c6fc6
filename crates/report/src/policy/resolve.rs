//! Resolves a review to files and lines.

use std::collections::BTreeSet;

use palisade_admission::{Judgement, Verdict};
use palisade_controls::{Mark, Place as Where, Subject};
use palisade_document::{Text, Value};
use palisade_estate::Estate;
use palisade_estate::azure::PolicyExemption;
use palisade_policy::{
    Arguments, Asker, Compiled, Difference, Effect, Explained, Missing, Origin, Outcome, Planned,
    Question, Remark, Review, Row, State, Target, is_enforced,
};

use super::deciding::decided;
use super::model::{
    Comparison, Counts, DifferenceEntry, Evidence, Place, PolicyEntry, PolicyReport, ResourceEntry,
    Unasked,
};
use super::refusal;
use crate::build::said;
use crate::location::{self, Names};
use crate::{Location, ReportSubject, Suppression, SuppressionKind};

/// The most values that are shown of what a comparison saw.
const MOST_SEEN: usize = 3;

impl PolicyReport {
    /// Resolves a review. `in_force` is how many of what was planned counts; what follows is not
    /// assigned.
    pub fn new(
        estate: &Estate,
        review: &Review<'_>,
        in_force: usize,
        missing: &[Missing<'_>],
        remarks: &[Remark<'_>],
    ) -> Self {
        let resolver = Resolver::new(estate, review);
        let mut unasked: Vec<_> = missing.iter().map(|own| resolver.missing(own)).collect();
        unasked.extend(remarks.iter().map(unreadable));
        let mut policies = Vec::new();
        let mut rows = review.rows.as_slice();
        let mut told = BTreeSet::new();
        for (at, planned) in review.planned.iter().enumerate() {
            let own = rows.partition_point(|row| row.planned == at);
            let (mine, rest) = rows.split_at(own);
            rows = rest;
            let cause = match &review.rulebook.rules()[planned.rule] {
                Ok(compiled) if compiled.is_evaluated() => {
                    policies.push(resolver.entry(at, compiled, mine, at < in_force));
                    continue;
                }
                Ok(_) => "it is about what a resource provider keeps, not about resources",
                Err(_) if !told.insert(planned.rule) => continue,
                Err(why) => why.0.as_str(),
            };
            unasked.push(Unasked {
                definition: review.titles[planned.rule].clone(),
                assignment: planned.assignment.map(|own| own.id().to_string()),
                cause: cause.to_owned(),
                supply: None,
                location: resolver.assigned_at(planned.assignment),
            });
        }
        Self {
            version: 1,
            policies,
            unasked,
            constraints: Vec::new(),
            mutators: Vec::new(),
        }
    }
}

impl PolicyReport {
    /// The same with where Palisade's own rules say something else.
    #[must_use]
    pub fn with_differences(mut self, review: &Review<'_>, differences: &[Difference<'_>]) -> Self {
        for policy in &mut self.policies {
            let own = differences
                .iter()
                .filter(|one| one.planned == policy.planned);
            policy.differences.extend(own.map(|one| {
                let target = &review.targets[one.target].id;
                DifferenceEntry {
                    resource: match one.object {
                        Some(object) => format!("{}: {}", target.name(), object.display_name()),
                        None => target.to_string(),
                    },
                    azures: one.azures,
                    own: one.own,
                }
            }));
        }
        self
    }
}

fn unreadable(remark: &Remark<'_>) -> Unasked {
    let diagnostic = remark.diagnostic();
    let place = diagnostic.position.map(|at| format!(":{at}"));
    Unasked {
        definition: format!("{}{}", diagnostic.path, place.unwrap_or_default()),
        assignment: None,
        cause: diagnostic.message,
        supply: diagnostic.help,
        location: None,
    }
}

/// What a review is resolved with.
pub(super) struct Resolver<'r, 'e> {
    estate: &'e Estate,
    review: &'r Review<'e>,
    names: Names,
}

impl<'r, 'e> Resolver<'r, 'e> {
    pub(super) fn new(estate: &'e Estate, review: &'r Review<'e>) -> Self {
        Self {
            estate,
            review,
            names: Names::of(estate),
        }
    }

    fn missing(&self, missing: &Missing<'e>) -> Unasked {
        Unasked {
            definition: missing.id.clone(),
            assignment: missing.assignment.map(|own| own.id().to_string()),
            cause: missing.why.cause.clone(),
            supply: Some(missing.why.supply.clone()),
            location: self.assigned_at(missing.assignment),
        }
    }

    fn assigned_at(
        &self,
        assignment: Option<palisade_estate::azure::PolicyAssignment<'e>>,
    ) -> Option<Location> {
        self.location(assignment?.anchor(), "assigned here")
    }

    fn entry(
        &self,
        at: usize,
        compiled: &Compiled<'e>,
        rows: &[Row<'e>],
        is_in_force: bool,
    ) -> PolicyEntry {
        let planned = &self.review.planned[at];
        let mut counts = Counts::new();
        for row in rows {
            *counts.entry(row.state.word()).or_default() += 1;
        }
        let mut asker = Asker::new(&self.review.rulebook);
        let shown = rows
            .iter()
            .filter(|row| !matches!(row.state, State::Compliant));
        let resources = shown.map(|row| self.resource(&mut asker, planned, row));
        let definition = &compiled.definition;
        let value = definition.value;
        let properties = value.get_ignore_case("properties").unwrap_or(value);
        let description = properties.get_ignore_case("description");
        PolicyEntry {
            definition: definition.name.clone(),
            display_name: self.review.titles[planned.rule].clone(),
            definition_version: definition.version.map(str::to_owned),
            source: match planned.origin {
                Origin::Input => "input",
                Origin::BuiltIn => "palisade",
            },
            description: description.and_then(Value::as_str).map(str::to_owned),
            assignment: planned.assignment.map(|own| own.id().to_string()),
            is_enforced: planned.assignment.is_some_and(|own| is_enforced(&own)),
            is_in_force,
            initiative: planned.initiative.clone(),
            reference: planned.reference.clone(),
            groups: planned.groups.clone(),
            counts,
            resources: resources.collect(),
            differences: Vec::new(),
            planned: at,
        }
    }

    pub(super) fn resource(
        &self,
        asker: &mut Asker<'_, 'e>,
        planned: &Planned<'e>,
        row: &Row<'e>,
    ) -> ResourceEntry {
        let target = &self.review.targets[row.target];
        if let Some(judgement) = &row.object {
            return self.object(judgement, Some(planned), row, target);
        }
        let explained = self.explained(asker, planned, row.target);
        let because = explained
            .as_ref()
            .map_or(Vec::new(), |explained| self.lines_of(explained));
        let is_broken = matches!(row.state, State::NonCompliant(_) | State::Exempt(_));
        let decided = explained.as_ref().and_then(decided).filter(|_| is_broken);
        let missing = self.absent(planned, row);
        let anchor = target.resource.as_ref().map(|own| own.anchor());
        let seen = decided.as_ref().and_then(|decided| decided.seen);
        let at = seen.filter(|_| missing.is_none()).or(anchor);
        let reason = missing.or_else(|| Some(decided.as_ref()?.reason.clone()));
        let label = reason.clone().unwrap_or_default();
        let mut related = Vec::new();
        related.extend(self.assigned_at(planned.assignment));
        let rule = decided.map(|decided| decided.rule);
        related.extend(rule.and_then(|rule| self.location(rule, "what decides")));
        let (primary, way) = match at.filter(|at| self.is_own(*at)) {
            Some(at) => {
                let mark = Mark {
                    place: at.into(),
                    label,
                };
                let (primary, way) = location::decisive(self.estate, &self.names, &mark, is_broken);
                (Some(primary), way)
            }
            None => (None, Vec::new()),
        };
        related.splice(..0, way);
        ResourceEntry {
            resource: target.id.to_string(),
            reason,
            message: self.message(planned, row, target),
            place: at.map(|value| self.place(value)),
            because,
            ..self.state(row, target, primary, related)
        }
    }

    /// What a row says by itself.
    fn state(
        &self,
        row: &Row<'e>,
        target: &Target<'e>,
        location: Option<Location>,
        mut related: Vec<Location>,
    ) -> ResourceEntry {
        let (mut effect, mut cause, mut supply, mut is_assumed) = (None, None, None, false);
        match &row.state {
            State::NonCompliant(fired) | State::Exempt(fired) => {
                effect = Some(fired.effect.as_str());
                is_assumed = fired.is_assumed;
            }
            State::Unknown(unknown) => {
                cause = Some(unknown.cause.clone());
                supply = Some(unknown.supply.clone());
            }
            State::NotEvaluated(why) => cause = Some(why.clone()),
            State::Compliant | State::Protected => {}
        }
        let is_exempt = matches!(row.state, State::Exempt(_));
        let mut suppression = None;
        if let Some(exemption) = row.exemption {
            match is_exempt {
                true => suppression = Some(self.suppression(&exemption)),
                false => {
                    related.extend(self.location(exemption.anchor(), "this exemption doesn't hold"))
                }
            }
        }
        let (subject, clusters) = subject(row, target);
        ResourceEntry {
            resource: String::new(),
            state: row.state.word(),
            effect,
            reason: None,
            is_assumed,
            message: None,
            cause,
            supply,
            exemption: row.exemption.map(|own| own.id().to_string()),
            place: None,
            because: Vec::new(),
            evidence: Evidence {
                subject,
                clusters,
                location,
                related,
                suppression,
            },
        }
    }

    fn suppression(&self, exemption: &PolicyExemption<'e>) -> Suppression {
        let reason = exemption.description().present();
        let reason = reason.or_else(|| exemption.display_name().present());
        Suppression {
            kind: SuppressionKind::Exemption,
            reason: said(reason.unwrap_or(exemption.name())),
            owner: None,
            expires: exemption.expires_on().present().map(said),
            location: self.location(exemption.anchor(), ""),
        }
    }

    /// What is missing where an effect looks for a related resource.
    fn absent(&self, planned: &Planned<'e>, row: &Row<'e>) -> Option<String> {
        let (State::NonCompliant(fired) | State::Exempt(fired)) = &row.state else {
            return None;
        };
        let compiled = self.review.rulebook.rules()[planned.rule].as_ref().ok()?;
        let details = compiled.definition.rule.then.details?;
        let kind = details.get_ignore_case("type")?.as_str()?;
        let condition = match &compiled.definition.rule.then.existence {
            Some(_) => " is as the definition asks",
            None => " exists",
        };
        fired
            .effect
            .looks_for_another()
            .then(|| format!("no `{kind}`{condition}"))
    }

    /// An object of a cluster.
    pub(super) fn object(
        &self,
        judgement: &Judgement<'e>,
        planned: Option<&Planned<'e>>,
        row: &Row<'e>,
        target: &Target<'e>,
    ) -> ResourceEntry {
        let violation = match &judgement.verdict {
            Verdict::Violates(violations) => violations.first(),
            _ => None,
        };
        let at = violation.map_or(judgement.object.anchor(), |own| self.estate.value(own.at));
        let label = violation.map_or("", |own| own.message.as_str());
        let primary = self.location(at, label);
        let related = self.assigned_at(planned.and_then(|planned| planned.assignment));
        ResourceEntry {
            resource: format!("{}: {}", target.id.name(), judgement.object.display_name()),
            message: violation.map(|own| own.message.clone()),
            place: Some(self.place(at)),
            ..self.state(row, target, primary, related.into_iter().collect())
        }
    }

    /// What Azure answers to a request that it refuses.
    fn message(&self, planned: &Planned<'e>, row: &Row<'e>, target: &Target<'e>) -> Option<String> {
        let State::NonCompliant(fired) = &row.state else {
            return None;
        };
        let assignment = planned.assignment.filter(is_enforced)?;
        let compiled = self.review.rulebook.rules()[planned.rule].as_ref().ok()?;
        let name = target.id.name();
        (fired.effect == Effect::Deny)
            .then(|| refusal::message(name, &assignment, planned, &compiled.definition))
    }

    fn explained(
        &self,
        asker: &mut Asker<'_, 'e>,
        planned: &Planned<'e>,
        at: usize,
    ) -> Option<Explained<'e>> {
        let target = &self.review.targets[at];
        let compiled = self.review.rulebook.rules()[planned.rule].as_ref().ok()?;
        let nothing = Arguments::default();
        let question = Question {
            facts: self.review.facts(at),
            arguments: planned.arguments.as_ref().unwrap_or(&nothing),
            context: &self.review.context(planned, target),
            effect: None,
        };
        asker.explain(compiled, &target.body, &question).ok()?
    }

    /// The condition of a definition for a target, part by part.
    pub(super) fn because(
        &self,
        asker: &mut Asker<'_, 'e>,
        planned: &Planned<'e>,
        at: usize,
    ) -> Vec<Comparison> {
        let explained = self.explained(asker, planned, at);
        explained.map_or(Vec::new(), |explained| self.lines_of(&explained))
    }

    fn lines_of(&self, explained: &Explained<'e>) -> Vec<Comparison> {
        let mut lines = Vec::new();
        self.lines(explained, 0, &mut lines);
        lines
    }

    fn lines(&self, part: &Explained<'e>, depth: usize, lines: &mut Vec<Comparison>) {
        let seen = part.seen.iter().take(MOST_SEEN);
        let place = part.seen.first().map(|value| self.place(*value));
        lines.push(Comparison {
            depth,
            text: part.label.clone(),
            outcome: match part.outcome {
                Outcome::Holds => "holds",
                Outcome::Fails => "fails",
                Outcome::Unknown(_) => "unknown",
            },
            seen: seen.map(|value| shown(*value)).collect(),
            place,
        });
        let inner = part.parts.iter();
        inner.for_each(|inner| self.lines(inner, depth + 1, lines));
    }

    pub(super) fn place(&self, value: Value<'e>) -> Place {
        let (text, span): (&Text, _) = match self.is_own(value) {
            true => self.estate.written_at(value.origin()),
            false => (value.document().text(), value.span()),
        };
        let position = text.position(span.start as usize);
        Place {
            path: text.path().to_owned(),
            line: position.line,
            column: position.column,
        }
    }

    /// Whether a value is one of the estate, and not of a file beside it.
    fn is_own(&self, value: Value<'e>) -> bool {
        let number = value.document().id().0 as usize;
        let own = self.estate.documents().get(number);
        own.is_some_and(|own| std::ptr::eq(own, value.document()))
    }

    fn location(&self, value: Value<'e>, label: &str) -> Option<Location> {
        let place = Where::Value(value.origin());
        self.is_own(value)
            .then(|| location::location(self.estate, &place, label, true))
    }
}

/// What a row is about, and the clusters that it concerns.
pub(super) fn subject(row: &Row<'_>, target: &Target<'_>) -> (ReportSubject, Vec<String>) {
    let subject = match (&row.object, target.resource) {
        (Some(judgement), _) => Some(Subject::from(judgement.object)),
        (None, Some(resource)) => Some(Subject::from(resource)),
        (None, None) => None,
    };
    let Some(subject) = subject else {
        let scope = ReportSubject {
            kind: "scope".to_owned(),
            id: target.id.to_string(),
            subject_type: target.body.resource_type.clone(),
            name: said(target.id.name()),
        };
        return (scope, Vec::new());
    };
    let kind = match row.object {
        Some(_) => "object",
        None => "resource",
    };
    let clusters = subject.clusters.iter().map(ToString::to_string).collect();
    let subject = ReportSubject {
        kind: kind.to_owned(),
        id: subject.id,
        subject_type: subject.subject_type,
        name: said(&subject.name),
    };
    (subject, clusters)
}

/// The longest text that is shown of a value.
const LONGEST: usize = 80;

pub(super) fn shown(value: Value<'_>) -> String {
    let text = format!("{value:?}");
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
