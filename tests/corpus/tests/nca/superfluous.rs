//! Policies and rules without which as much is allowed.

use std::collections::{BTreeMap, BTreeSet};

use palisade_document::Origin;
use palisade_estate::kubernetes::PolicyType;
use palisade_reach::kubernetes::{Analysis, LintKind, Policy};

use super::{Said, all_policies, name};

const DIRECTIONS: [PolicyType; 2] = [PolicyType::Ingress, PolicyType::Egress];

/// The policies that could be left out, and of the others the rules that could.
pub(crate) fn count(mut analysis: Analysis<'_>) -> usize {
    let whole = Said::of(&analysis).all;
    let mut written: BTreeMap<String, BTreeSet<Origin>> = BTreeMap::new();
    for policy in all_policies(&analysis) {
        let own = policy.object.anchor().origin();
        let rules = policy.rules.iter().map(|rule| rule.origin);
        let known = written.entry(name(&policy.object)).or_default();
        known.extend(rules.filter(|rule| *rule != own));
    }
    let mut idle: BTreeMap<String, usize> = BTreeMap::new();
    for lint in analysis.lint() {
        if lint.kind == LintKind::RuleMatchesNothing {
            *idle.entry(name(&lint.object)).or_default() += 1;
        }
    }
    let mut count = 0;
    for (policy, rules) in written {
        let without = |analysis: &mut Analysis<'_>, change: &dyn Fn(&mut Vec<Policy<'_>>)| {
            let before = DIRECTIONS.map(|direction| analysis.program.layers(direction).to_vec());
            for direction in DIRECTIONS {
                let layers = analysis.program.layers_mut(direction).iter_mut();
                let stages = layers.flat_map(|layer| &mut layer.stages);
                stages.for_each(|stage| change(&mut stage.policies));
            }
            let is_same = Said::of(analysis).all == whole;
            for (direction, layers) in DIRECTIONS.into_iter().zip(before) {
                *analysis.program.layers_mut(direction) = layers;
            }
            is_same
        };
        let is_other = |other: &Policy<'_>| name(&other.object) != policy;
        if without(&mut analysis, &|policies| policies.retain(is_other)) {
            count += 1;
            continue;
        }
        count += idle.get(&policy).copied().unwrap_or_default();
        let superfluous = rules.iter().filter(|rule| {
            without(&mut analysis, &|policies| {
                let own = policies.iter_mut().filter(|other| !is_other(other));
                own.for_each(|policy| policy.rules.retain(|other| other.origin != **rule));
            })
        });
        count += superfluous.count();
    }
    count
}
