//! Policies of equal rank whose order matters: it is left open by the API, or hangs on names.

use std::collections::BTreeSet;

use palisade_document::{Origin, Value};
use palisade_estate::Object;
use palisade_estate::kubernetes::{PolicyDialect, PolicyType};

use super::super::analysis::Asked;
use super::super::evaluation::{Applying, Unwatched, applying};
use super::super::program::{Layer, Policy};
use super::super::table::{TrafficId, TrafficTable};
use super::super::{Analysis, EndpointId};
use super::written::likenesses;
use super::{Lint, LintKind};

pub(super) fn lint<'e>(analysis: &Analysis<'e>, lints: &mut Vec<Lint<'e>>) {
    let mut known = BTreeSet::new();
    for direction in [PolicyType::Ingress, PolicyType::Egress] {
        let has_ranks = super::written::policies(analysis, direction)
            .any(|policy| rank(policy.object).is_some());
        if !has_ranks {
            continue;
        }
        let all = analysis.endpoints.all();
        for subject in representatives(analysis, direction) {
            let asked = Asked {
                direction,
                subject,
                peers: &all,
                traffic: TrafficId::ALL,
            };
            for layer in analysis.program.layers(direction) {
                for (first, second) in pairs(analysis, layer, asked) {
                    let pair = (first.body().origin(), second.body().origin());
                    if known.insert(pair) {
                        lints.push(remark(first, second));
                    }
                }
            }
        }
    }
}

/// An endpoint of each group that policies treat alike.
fn representatives(analysis: &Analysis<'_>, direction: PolicyType) -> Vec<EndpointId> {
    let mut seen = BTreeSet::new();
    let endpoints = likenesses(analysis, direction).into_iter();
    endpoints
        .filter(|(_, likeness)| seen.insert(likeness.clone()))
        .map(|(id, _)| id)
        .collect()
}

/// What places a policy among others of its kind; nothing for dialects without an order.
fn rank(object: Object<'_>) -> Option<(&str, &str)> {
    match PolicyDialect::of(&object)? {
        PolicyDialect::ClusterScoped => {
            let priority = object.get("spec.priority").map_or("", Value::scalar);
            Some((object.kind(), priority))
        }
        PolicyDialect::Calico => {
            let order = object.get("spec.order").map_or("", Value::scalar);
            Some(("Calico", order))
        }
        _ => None,
    }
}

/// The pairs of one rank of which it matters at an endpoint which comes first.
fn pairs<'e>(
    analysis: &Analysis<'e>,
    layer: &Layer<'e>,
    asked: Asked<'_>,
) -> Vec<(Object<'e>, Object<'e>)> {
    let mut found = Vec::new();
    let mut table = analysis.table();
    let applying = applying(layer, asked.subject);
    let walk = |applying: &Applying<'_, 'e>, table: &mut TrafficTable| {
        let mut parts = analysis.walk(layer, applying, asked, table, &mut Unwatched);
        parts.sort_by_key(|(peers, _)| peers.first());
        parts
    };
    for (number, (_, policies)) in applying.iter().enumerate() {
        for (place, first) in policies.iter().enumerate() {
            let Some(own) = rank(first.object) else {
                continue;
            };
            for (more, second) in policies.iter().enumerate().skip(place + 1) {
                if rank(second.object) != Some(own)
                    || first.object.body().origin() == second.object.body().origin()
                    || !disagree(first, second, &mut table)
                {
                    continue;
                }
                let mut exchanged = applying.clone();
                exchanged[number].1.swap(place, more);
                if walk(&applying, &mut table) != walk(&exchanged, &mut table) {
                    found.push((first.object, second.object));
                }
            }
        }
    }
    found
}

/// Whether rules of two policies do different things with some of the same traffic.
fn disagree(first: &Policy<'_>, second: &Policy<'_>, table: &mut TrafficTable) -> bool {
    first.rules.iter().any(|one| {
        second.rules.iter().any(|other| {
            one.action != other.action
                && !one.peers.endpoints.is_disjoint(&other.peers.endpoints)
                && table.intersection(one.traffic, other.traffic) != TrafficId::NONE
        })
    })
}

fn remark<'e>(first: Object<'e>, second: Object<'e>) -> Lint<'e> {
    let is_calico = PolicyDialect::of(&second) == Some(PolicyDialect::Calico);
    let (key, consequence) = match is_calico {
        true => (
            "order",
            "the one whose name comes first in the alphabet decides",
        ),
        false => ("priority", "which of them decides isn't defined"),
    };
    let place = |object: Object<'e>| -> Origin {
        let setting = object.get(&format!("spec.{key}"));
        setting.unwrap_or(object.anchor()).origin()
    };
    let value = second
        .get(&format!("spec.{key}"))
        .map_or("none", Value::scalar);
    Lint {
        kind: LintKind::SameRank,
        object: second,
        at: place(second),
        message: format!(
            "the {key} is that of {} ({value}), and they do different things with the same traffic: {consequence}",
            first.display_name()
        ),
        deciding: vec![(place(first), format!("the same {key}"))],
    }
}
