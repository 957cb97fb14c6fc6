//! Where Palisade's own rules say something else than Azure's: the input holds Azure's text of a
//! definition, or a cluster's own constraint template, and Palisade brings a rule of its own for it.
//! Azure's counts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use palisade_admission::Verdict;
use palisade_document::Origin as At;
use palisade_estate::Object;

use crate::aliases::Catalogue;
use crate::builtin;
use crate::compliance::{Review, State, review as ask};
use crate::definition::Definition;
use crate::effect::Effect;
use crate::library::Origin;
use crate::objects;
use crate::plan::{Plan, Planned};

/// Two answers about one resource or object.
#[derive(Clone)]
pub struct Difference<'e> {
    /// The definition, by its place in the review.
    pub planned: usize,
    /// The resource, or the cluster of the object, by its place in the review.
    pub target: usize,
    /// The object, if it is about one.
    pub object: Option<Object<'e>>,
    /// What Azure's text says, or the cluster's template; in words of states.
    pub azures: &'static str,
    /// What Palisade's own rule says.
    pub own: &'static str,
}

/// A state that decides, by its word. What isn't known to one side differs from nothing.
fn decides(state: &State) -> Option<&'static str> {
    match state {
        State::Compliant | State::Protected => Some("compliant"),
        State::NonCompliant(_) | State::Exempt(_) => Some("non-compliant"),
        State::Unknown(_) | State::NotEvaluated(_) => None,
    }
}

/// The differences in a review, ordered by definition and target.
pub fn differences<'e>(
    review: &Review<'e>,
    catalogue: &Catalogue,
    now: Timestamp,
) -> Vec<Difference<'e>> {
    let mut differences = of_texts(review, catalogue, now);
    differences.extend(of_templates(review));
    differences.sort_by_key(|one| (one.planned, one.target));
    differences
}

/// What a row is about: its target, and the object where it is about one.
type Key = (usize, Option<At>);

/// Definitions of which the input holds Azure's text.
fn of_texts<'e>(review: &Review<'e>, catalogue: &Catalogue, now: Timestamp) -> Vec<Difference<'e>> {
    let mut plan = Plan::default();
    let mut of_azure = Vec::new();
    for (at, planned) in review.planned.iter().enumerate() {
        if let Some((definition, own)) = own(review, planned) {
            plan.planned.push(Planned {
                rule: plan.definitions.len(),
                ..own
            });
            plan.definitions.push(definition);
            of_azure.push(at);
        }
    }
    if of_azure.is_empty() {
        return Vec::new();
    }
    let own = ask(review.estate(), plan, catalogue, now);
    let answers = |review: &Review<'e>, planned: usize| -> BTreeMap<Key, _> {
        let rows = review.rows.iter().filter(|row| row.planned == planned);
        let each = rows.map(|row| {
            let object = row.object.as_ref().map(|judgement| judgement.object);
            let at = object.map(|object| object.body().origin());
            ((row.target, at), (decides(&row.state), object))
        });
        each.collect()
    };
    let mut differences = Vec::new();
    for (place, &planned) in of_azure.iter().enumerate() {
        if review.rulebook.rules()[review.planned[planned].rule].is_err() {
            continue;
        }
        let (azures, owns) = (answers(review, planned), answers(&own, place));
        let keys = azures.keys().chain(owns.keys());
        let keys: BTreeSet<_> = keys.copied().collect();
        for key in keys {
            // What a definition isn't about it has nothing against.
            let said = |answers: &BTreeMap<Key, (Option<&'static str>, _)>| {
                answers
                    .get(&key)
                    .map_or(Some("not-applicable"), |(state, _)| *state)
            };
            let is_broken = |state: &str| state == "non-compliant";
            if let (Some(of_azure), Some(of_own)) = (said(&azures), said(&owns))
                && is_broken(of_azure) != is_broken(of_own)
            {
                let object = azures.get(&key).or(owns.get(&key));
                differences.push(Difference {
                    planned,
                    target: key.0,
                    object: object.and_then(|(_, object)| *object),
                    azures: of_azure,
                    own: of_own,
                });
            }
        }
    }
    differences
}

/// Palisade's own rule for a definition of which the input holds Azure's text, with the values
/// that its parameters have there.
fn own<'e>(review: &Review<'e>, planned: &Planned<'e>) -> Option<(Definition<'e>, Planned<'e>)> {
    if planned.origin != Origin::Input {
        return None;
    }
    let compiled = review.rulebook.rules()[planned.rule].as_ref().ok()?;
    let value = builtin::definition(&compiled.definition.name.to_lowercase())?;
    let definition = Definition::read(value).0?;
    let given = planned.arguments.as_ref().ok()?;
    let arguments = given.complete(&definition.parameters).ok()?;
    let own = Planned {
        origin: Origin::BuiltIn,
        arguments: Ok(arguments),
        ..planned.clone()
    };
    Some((definition, own))
}

/// Constraint templates of clusters.
fn of_templates<'e>(review: &Review<'e>) -> Vec<Difference<'e>> {
    let mut differences = Vec::new();
    let mut asked = BTreeSet::new();
    for row in review.rows.iter().filter(|row| row.object.is_some()) {
        let planned = &review.planned[row.planned];
        let target = &review.targets[row.target];
        let (Ok(compiled), Ok(arguments)) =
            (&review.rulebook.rules()[planned.rule], &planned.arguments)
        else {
            continue;
        };
        if compiled.is_about_resources() || !asked.insert((row.planned, row.target)) {
            continue;
        }
        let mut clusters = review.estate().clusters();
        let Some(cluster) = clusters.find(|cluster| cluster.id() == Some(&target.id)) else {
            continue;
        };
        // What follows from an answer doesn't change it.
        let effect = Effect::Audit;
        let judged = objects::compliance(&cluster, &compiled.definition, arguments, effect);
        let found = judged.map(|compliance| compliance.differences);
        differences.extend(found.unwrap_or_default().into_iter().filter_map(|one| {
            Some(Difference {
                planned: row.planned,
                target: row.target,
                object: Some(one.object),
                azures: word(&one.cluster)?,
                own: word(&one.own)?,
            })
        }));
    }
    differences
}

fn word(verdict: &Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::Complies => Some("compliant"),
        Verdict::Violates(_) => Some("non-compliant"),
        Verdict::Undecided(_) => None,
    }
}
