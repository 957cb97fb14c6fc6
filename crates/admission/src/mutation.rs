//! Gatekeeper's mutators (`mutations.gatekeeper.sh`): what would be changed before rules are
//! asked. They are reported, not applied: a verdict about an object that one applies to is about
//! the object as it is written.

use palisade_document::{Diagnostic, Value, witness};
use palisade_estate::{Cluster, Object};

use crate::candidate::Candidate;
use crate::json::to_json;
use crate::matching::{Fit, Match};
use crate::template::defect;

const GROUP: &str = "mutations.gatekeeper.sh";
const KINDS: [&str; 4] = ["Assign", "AssignMetadata", "ModifySet", "AssignImage"];

/// A mutator of a cluster.
pub struct Mutator<'e> {
    /// The mutator.
    pub object: Object<'e>,
    /// The field that it changes, such as `spec.containers[name: *].image`.
    pub location: &'e str,
    /// The objects that it applies to as they are submitted, or as others make them.
    pub applies_to: Vec<Object<'e>>,
}

/// The mutators of a cluster, in the order of the input.
pub(crate) fn mutators<'e>(
    cluster: &Cluster<'e>,
    candidates: &[Candidate<'e>],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Mutator<'e>> {
    let objects = KINDS
        .iter()
        .flat_map(|kind| cluster.objects_of(GROUP, kind));
    objects
        .map(|object| {
            let criteria = criteria(&object, diagnostics);
            let applies = |candidate: &&Candidate<'e>| {
                let is_matched = criteria.as_ref().is_some_and(|criteria| {
                    witness::apart(|| criteria.fits(candidate)) == Fit::Yes
                });
                is_matched && is_applied_to(&object, candidate)
            };
            let mut applies_to = Vec::new();
            for candidate in candidates.iter().filter(applies) {
                if applies_to.last() != Some(&candidate.object) {
                    applies_to.push(candidate.object);
                }
            }
            Mutator {
                object,
                location: object.get("spec.location").map_or("", Value::scalar),
                applies_to,
            }
        })
        .collect()
}

/// `spec.match`; nothing if it isn't valid, which is told.
fn criteria(object: &Object<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Match> {
    let Some(at) = object.get("spec.match") else {
        return Some(Match::default());
    };
    match Match::read(&to_json(at).ok()?) {
        Ok(criteria) => Some(criteria),
        Err(fault) => {
            let help = "correct the match criteria; Gatekeeper refuses the mutator";
            diagnostics.push(defect(at, fault.message, help));
            None
        }
    }
}

/// `spec.applyTo`: groups, versions and kinds, without wildcards. AssignMetadata has none and
/// applies to everything.
fn is_applied_to(mutator: &Object<'_>, candidate: &Candidate<'_>) -> bool {
    if mutator.kind() == "AssignMetadata" {
        return true;
    }
    let rules = mutator
        .get("spec.applyTo")
        .into_iter()
        .flat_map(Value::items);
    rules.into_iter().any(|rule| {
        let names = |key, wanted: &str| {
            let names = rule.get(key).into_iter().flat_map(Value::items);
            names.into_iter().any(|name| name.scalar() == wanted)
        };
        names("groups", &candidate.group)
            && names("versions", &candidate.version)
            && names("kinds", &candidate.kind)
    })
}
