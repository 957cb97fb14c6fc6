//! Policies that select no pod, and peers that are nobody.

use std::collections::HashSet;

use palisade_document::Value;
use palisade_estate::Object;
use palisade_estate::kubernetes::{PolicyDialect, PolicyType};

use super::super::Analysis;
use super::super::program::NoteKind;
use super::written::{Written, by_place, policies};
use super::{Lint, LintKind};

pub(super) fn lint<'e>(analysis: &Analysis<'e>, written: &Written<'e>, lints: &mut Vec<Lint<'e>>) {
    let directions = [PolicyType::Ingress, PolicyType::Egress];
    let selecting: HashSet<_> = directions
        .iter()
        .flat_map(|direction| policies(analysis, *direction))
        .filter(|policy| !policy.subjects.is_empty())
        .map(|policy| policy.object.body().origin())
        .collect();
    let has_rules: HashSet<_> = written
        .rules
        .iter()
        .map(|rule| rule.object.body().origin())
        .collect();
    for &object in &written.policies {
        let origin = object.body().origin();
        // Cluster-scoped policies without rules select pods for nothing, which is no mistake.
        let does_something = has_rules.contains(&origin)
            || PolicyDialect::of(&object) != Some(PolicyDialect::ClusterScoped);
        if selecting.contains(&origin) || !does_something {
            continue;
        }
        if let Some(selector) = narrow_selector(object) {
            lints.push(Lint {
                kind: LintKind::SelectsNothing,
                object,
                at: selector.origin(),
                message: "no pod of the input is selected by the policy".to_owned(),
                deciding: Vec::new(),
            });
        }
    }
    nobody(analysis, written, lints);
}

/// What selects the pods; nothing where it selects all that there are or will be.
fn narrow_selector(object: Object<'_>) -> Option<Value<'_>> {
    let paths = [
        "spec.podSelector",
        "spec.endpointSelector",
        "spec.selector",
        "spec.subject",
        "specs",
    ];
    let selector = paths.iter().find_map(|path| object.get(path))?;
    let is_all = match selector.as_str() {
        Some(text) => matches!(text.replace(' ', "").as_str(), "" | "all()"),
        None => selector.entries().len() == 0 && selector.items().len() == 0,
    };
    (!is_all).then_some(selector)
}

/// Peers that are nobody, of rules with others that are somebody: if all are nobody, the rule
/// matches nothing.
fn nobody<'e>(analysis: &Analysis<'e>, written: &Written<'e>, lints: &mut Vec<Lint<'e>>) {
    let empty: HashSet<_> = analysis
        .notes
        .iter()
        .filter(|note| note.kind == NoteKind::Nobody)
        .map(|note| note.origin)
        .collect();
    if empty.is_empty() {
        return;
    }
    let places = [PolicyType::Ingress, PolicyType::Egress].map(|way| by_place(analysis, way));
    for rule in &written.rules {
        let origin = rule.value.origin();
        if !places.iter().any(|places| places.contains_key(&origin)) {
            continue;
        }
        let peers = rule.value.get(rule.direction.peers());
        for peer in peers.into_iter().flat_map(Value::items) {
            if empty.contains(&peer.origin()) {
                lints.push(Lint {
                    kind: LintKind::PeerSelectsNothing,
                    object: rule.object,
                    at: peer.origin(),
                    message: "no pod of the input is this peer".to_owned(),
                    deciding: Vec::new(),
                });
            }
        }
    }
}
