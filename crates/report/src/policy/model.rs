//! The report, resolved to files and lines.

use std::collections::BTreeMap;

use palisade_admission::{Judgement, Verdict};
use palisade_document::{Text, Value};
use palisade_estate::Estate;
use palisade_policy::{
    Arguments, Asker, Effect, Explained, Missing, Origin, Outcome, Planned, Question, Remark,
    Review, Row, State, Target, is_enforced,
};
use serde::Serialize;

/// The states of an estate under its policies.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyReport {
    /// The version of the format.
    pub version: u32,
    /// The definitions that were asked, in the order of their assignments.
    pub policies: Vec<PolicyEntry>,
    /// What is in force, or was asked for, but gives no verdict.
    pub unasked: Vec<Unasked>,
}

/// How many resources are in each state, by Azure's words for them.
pub type Counts = BTreeMap<&'static str, usize>;

/// A definition under an assignment.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyEntry {
    /// The name that Azure knows the definition by.
    pub definition: String,
    /// What people call it.
    pub display_name: String,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition_version: Option<String>,
    /// Whether the rule is the input's or Palisade's own.
    pub source: &'static str,
    /// The id of the assignment; nothing if it isn't assigned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignment: Option<String>,
    /// Whether Azure acts on what the assignment finds.
    pub is_enforced: bool,
    /// Whether it counts: it is assigned, or was asked for by name.
    pub is_in_force: bool,
    /// The initiative that it is a member of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initiative: Option<String>,
    /// Its name in the initiative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Its groups in the initiative.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// How many resources are in each state.
    pub counts: Counts,
    /// The resources that aren't plainly compliant.
    pub resources: Vec<ResourceEntry>,
}

/// A resource under a definition.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceEntry {
    /// The id.
    pub resource: String,
    /// The state.
    pub state: &'static str,
    /// The effect that follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<&'static str>,
    /// What Azure would answer to a deployment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Why the state isn't known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What would tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supply: Option<String>,
    /// The exemption that makes it exempt, or did until it was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exemption: Option<String>,
    /// The setting that decided, or the resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The condition, part by part.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<Comparison>,
}

/// A part of a condition.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// How deep it stands in the condition.
    pub depth: usize,
    /// `allOf`, `anyOf`, `not`, or a comparison.
    pub text: String,
    /// `holds`, `fails` or `unknown`.
    pub outcome: &'static str,
    /// What a comparison saw.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<String>,
    /// Where that stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// A place in a file.
#[derive(Clone, Debug, Serialize)]
pub struct Place {
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: u32,
    /// The character, from 1.
    pub column: u32,
}

/// What gives no verdict.
#[derive(Clone, Debug, Serialize)]
pub struct Unasked {
    /// The definition or initiative.
    pub definition: String,
    /// The assignment, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignment: Option<String>,
    /// Why.
    pub cause: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supply: Option<String>,
}

/// A built-in definition, and what assigns it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedPolicy {
    /// The name that Azure knows it by.
    pub definition: String,
    /// What people call it.
    pub display_name: String,
    /// The version that Palisade's rule is written after.
    pub version: String,
    /// The ids of the assignments.
    pub assigned_by: Vec<String>,
}

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
        let mut unasked: Vec<_> = missing.iter().map(Unasked::missing).collect();
        unasked.extend(remarks.iter().map(Unasked::unreadable));
        let mut policies = Vec::new();
        let mut rows = review.rows.as_slice();
        let mut told = std::collections::BTreeSet::new();
        for (at, planned) in review.planned.iter().enumerate() {
            let own = rows.partition_point(|row| row.planned == at);
            let (mine, rest) = rows.split_at(own);
            rows = rest;
            match &review.rulebook.rules()[planned.rule] {
                Ok(compiled) if !compiled.is_evaluated() => unasked.push(Unasked {
                    definition: review.titles[planned.rule].clone(),
                    assignment: planned.assignment.map(|own| own.id().to_string()),
                    cause: "it is about what a resource provider keeps, not about resources"
                        .to_owned(),
                    supply: None,
                }),
                Ok(_) => {
                    let mut resolved = Resolver { estate, review };
                    policies.push(resolved.entry(planned, mine, at < in_force));
                }
                Err(why) => {
                    if told.insert(planned.rule) {
                        unasked.push(Unasked {
                            definition: review.titles[planned.rule].clone(),
                            assignment: planned.assignment.map(|own| own.id().to_string()),
                            cause: why.0.clone(),
                            supply: None,
                        });
                    }
                }
            }
        }
        Self {
            version: 1,
            policies,
            unasked,
        }
    }

    /// Whether something in force is broken.
    pub fn is_broken(&self) -> bool {
        let mut own = self.policies.iter().filter(|policy| policy.is_in_force);
        own.any(|policy| policy.counts.contains_key("non-compliant"))
    }

    /// Whether something isn't known.
    pub fn is_uncertain(&self) -> bool {
        let mut own = self.policies.iter().filter(|policy| policy.is_in_force);
        !self.unasked.is_empty() || own.any(|policy| policy.counts.contains_key("unknown"))
    }
}

impl Unasked {
    fn missing(missing: &Missing<'_>) -> Self {
        Self {
            definition: missing.id.clone(),
            assignment: missing.assignment.map(|own| own.id().to_string()),
            cause: missing.why.cause.clone(),
            supply: Some(missing.why.supply.clone()),
        }
    }

    fn unreadable(remark: &Remark<'_>) -> Self {
        let diagnostic = remark.diagnostic();
        let place = diagnostic.position.map(|at| format!(":{at}"));
        Self {
            definition: format!("{}{}", diagnostic.path, place.unwrap_or_default()),
            assignment: None,
            cause: diagnostic.message,
            supply: diagnostic.help,
        }
    }
}

pub(super) struct Resolver<'r, 'e> {
    pub(super) estate: &'e Estate,
    pub(super) review: &'r Review<'e>,
}

impl<'e> Resolver<'_, 'e> {
    fn entry(&mut self, planned: &Planned<'e>, rows: &[Row<'e>], is_in_force: bool) -> PolicyEntry {
        let mut counts = Counts::new();
        for row in rows {
            *counts.entry(row.state.word()).or_default() += 1;
        }
        let mut asker = Asker::new(&self.review.rulebook);
        let shown = rows
            .iter()
            .filter(|row| !matches!(row.state, State::Compliant));
        let resources = shown
            .map(|row| self.resource(&mut asker, planned, row))
            .collect();
        let definition = match &self.review.rulebook.rules()[planned.rule] {
            Ok(compiled) => Some(&compiled.definition),
            Err(_) => None,
        };
        PolicyEntry {
            definition: definition.map(|own| own.name.clone()).unwrap_or_default(),
            display_name: self.review.titles[planned.rule].clone(),
            definition_version: definition.and_then(|own| own.version).map(str::to_owned),
            source: match planned.origin {
                Origin::Input => "input",
                Origin::BuiltIn => "palisade",
            },
            assignment: planned.assignment.map(|own| own.id().to_string()),
            is_enforced: planned.assignment.is_some_and(|own| is_enforced(&own)),
            is_in_force,
            initiative: planned.initiative.clone(),
            reference: planned.reference.clone(),
            groups: planned.groups.clone(),
            counts,
            resources,
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
            return self.object(judgement, row, target);
        }
        let explained = self.explained(asker, planned, row.target);
        let because = explained
            .as_ref()
            .map_or(Vec::new(), |explained| self.lines_of(explained));
        let decided = explained.as_ref().and_then(decisive);
        let place = decided.map(|value| self.place(value)).or_else(|| {
            let resource = target.resource.as_ref()?;
            Some(self.place(resource.anchor()))
        });
        let (mut effect, mut cause, mut supply) = (None, None, None);
        match &row.state {
            State::NonCompliant(fired) | State::Exempt(fired) => effect = Some(fired.effect),
            State::Unknown(unknown) => {
                cause = Some(unknown.cause.clone());
                supply = Some(unknown.supply.clone());
            }
            State::NotEvaluated(why) => cause = Some(why.clone()),
            State::Compliant | State::Protected => {}
        }
        ResourceEntry {
            resource: target.id.to_string(),
            state: row.state.word(),
            effect: effect.map(Effect::as_str),
            message: self.message(planned, row, target),
            cause,
            supply,
            exemption: row.exemption.map(|own| own.id().to_string()),
            place,
            because,
        }
    }

    /// An object of a cluster.
    fn object(
        &self,
        judgement: &Judgement<'e>,
        row: &Row<'e>,
        target: &Target<'e>,
    ) -> ResourceEntry {
        let violation = match &judgement.verdict {
            Verdict::Violates(violations) => violations.first(),
            _ => None,
        };
        let (mut effect, mut cause, mut supply) = (None, None, None);
        match &row.state {
            State::NonCompliant(fired) | State::Exempt(fired) => effect = Some(fired.effect),
            State::Unknown(unknown) => {
                cause = Some(unknown.cause.clone());
                supply = Some(unknown.supply.clone());
            }
            _ => {}
        }
        let at = violation.map_or(judgement.object.anchor(), |own| self.estate.value(own.at));
        ResourceEntry {
            resource: format!("{}: {}", target.id.name(), judgement.object.display_name()),
            state: row.state.word(),
            effect: effect.map(Effect::as_str),
            message: violation.map(|own| own.message.clone()),
            cause,
            supply,
            exemption: row.exemption.map(|own| own.id().to_string()),
            place: Some(self.place(at)),
            because: Vec::new(),
        }
    }

    /// What Azure answers to a request that it refuses.
    fn message(&self, planned: &Planned<'e>, row: &Row<'e>, target: &Target<'e>) -> Option<String> {
        let State::NonCompliant(fired) = &row.state else {
            return None;
        };
        let assignment = planned.assignment.filter(is_enforced)?;
        (fired.effect == Effect::Deny).then(|| {
            format!(
                "Resource '{}' was disallowed by policy. Policy identifiers: assignment '{}', definition '{}'.",
                target.id.name(),
                assignment.name(),
                self.review.titles[planned.rule]
            )
        })
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

    fn place(&self, value: Value<'e>) -> Place {
        let is_own = self
            .estate
            .documents()
            .iter()
            .any(|own| std::ptr::eq(own, value.document()));
        let (text, span): (&Text, _) = match is_own {
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
}

/// The setting that decided: what the first comparison saw that isn't about the type.
fn decisive<'e>(part: &Explained<'e>) -> Option<Value<'e>> {
    let is_type = part.label.starts_with("type ");
    if part.outcome == Outcome::Holds
        && !is_type
        && let Some(seen) = part.seen.first()
    {
        return Some(*seen);
    }
    part.parts.iter().find_map(decisive)
}

/// The longest text that is shown of a value.
const LONGEST: usize = 80;

fn shown(value: Value<'_>) -> String {
    let text = format!("{value:?}");
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
