//! Rules that are open to every address in the dialects of engines and of clusters, as the engine
//! that they are written for reads them.

use std::collections::{BTreeMap, BTreeSet};

use palisade_document::Origin;
use palisade_estate::kubernetes::{PolicyDialect, PolicyType};
use palisade_estate::{Cluster, Object, Unknown};
use palisade_packet::{AddressSet, PortSet, Set, Traffic, Transport};
use palisade_reach::azure::address::public_addresses;
use palisade_reach::kubernetes::{Action, Analysis, Condition, EngineKind, Policy, Rule};

use super::isolated::of_conditions;
use crate::reachability::Proof;
use crate::system_namespace::is_system;
use crate::{Context, Findings};

/// The port of DNS: to ask any server is little.
const DNS: u16 = 53;

/// Judges the policies of a cluster that act on a direction, but for those of Kubernetes and those
/// that the cluster's engine doesn't know.
pub(super) fn judge<'e>(
    context: &Context<'e>,
    cluster: &Cluster<'e>,
    direction: PolicyType,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let wide = Wide::of(direction);
    let written: Vec<_> = cluster
        .objects()
        .filter_map(|object| PolicyDialect::of(&object))
        .collect();
    for (dialect, engine) in [
        (PolicyDialect::Calico, EngineKind::Calico),
        (PolicyDialect::Cilium, EngineKind::Cilium),
        (PolicyDialect::ClusterScoped, EngineKind::Conformant),
    ] {
        if !written.contains(&dialect) {
            continue;
        }
        let proof = match context.proof(cluster) {
            Ok(own) if is_read_by(own, dialect) => own,
            Ok(_) => continue,
            // What an engine enforces hangs on a value that is open, so that nothing is certain.
            Err(unknown) if unknown.is_undeployed() => return Err(unknown),
            Err(_) => context.proof_under(cluster, engine)?,
        };
        let analysis = &proof.analysis;
        for (object, policies) in of_dialect(analysis, dialect, direction) {
            judge_policy(
                context,
                analysis,
                object,
                &policies,
                (direction, &wide),
                findings,
            );
        }
    }
    Ok(())
}

fn is_read_by(proof: &Proof<'_>, dialect: PolicyDialect) -> bool {
    let engine = proof.analysis.engine.kind;
    match dialect {
        PolicyDialect::Calico => engine == EngineKind::Calico,
        PolicyDialect::Cilium => engine == EngineKind::Cilium,
        _ => matches!(engine, EngineKind::Calico | EngineKind::Conformant),
    }
}

/// The policies of a dialect in the form of the evaluator, by the object that they come from.
fn of_dialect<'a, 'e>(
    analysis: &'a Analysis<'e>,
    dialect: PolicyDialect,
    direction: PolicyType,
) -> Vec<(Object<'e>, Vec<&'a Policy<'e>>)> {
    let layers = analysis.program.layers(direction).iter();
    let stages = layers.flat_map(|layer| &layer.stages);
    let mut found: BTreeMap<Origin, (Object<'e>, Vec<&Policy<'e>>)> = BTreeMap::new();
    for policy in stages.flat_map(|stage| &stage.policies) {
        let object = policy.object;
        let is_own = PolicyDialect::of(&object) == Some(dialect)
            && !object.namespace().is_some_and(is_system);
        if is_own {
            let entry = found.entry(object.body().origin());
            entry.or_insert((object, Vec::new())).1.push(policy);
        }
    }
    found.into_values().collect()
}

fn judge_policy<'e>(
    context: &Context<'e>,
    analysis: &Analysis<'e>,
    object: Object<'e>,
    policies: &[&Policy<'e>],
    (direction, wide): (PolicyType, &Wide),
    findings: &mut Findings,
) {
    let section = direction.section();
    let mut open = BTreeSet::new();
    let mut doubt = None;
    for rule in policies.iter().flat_map(|policy| &policy.rules) {
        if !wide.holds(rule, analysis) {
            continue;
        }
        match rule.condition {
            None => {
                open.insert((rule.index, rule.origin));
            }
            Some(id) => {
                let condition = analysis.table().condition(id).clone();
                // A name is some addresses, not all of them.
                if matches!(condition, Condition::Unknown { .. }) {
                    doubt = doubt.or(Some(condition));
                }
            }
        }
    }
    let mut rules = open.into_iter();
    let Some((index, origin)) = rules.next() else {
        match doubt {
            Some(condition) => findings.unknown(object, of_conditions(&[condition])),
            None => findings.pass(
                object,
                format!("no {section} rule is open to every address"),
            ),
        };
        return;
    };
    let message = format!("{section}[{index}] allows every public address");
    let finding = findings.fail(object, message);
    finding
        .at(context.estate.value(origin), "")
        .help(format!("name the peers of {section}[{index}]"));
    for (index, origin) in rules {
        let label = format!("{section}[{index}] does as well");
        finding.related(context.estate.value(origin), label);
    }
}

/// What makes a rule open: every public address of a family, for more than DNS.
struct Wide {
    families: [AddressSet; 2],
    /// What may go to every address.
    harmless: Traffic,
}

impl Wide {
    fn of(direction: PolicyType) -> Self {
        let public = public_addresses();
        let ask = |transport| Traffic::to_ports(transport, PortSet::one(DNS));
        Self {
            families: [AddressSet::all_v4(), AddressSet::all_v6()]
                .map(|family| public.intersection(&family)),
            harmless: match direction {
                PolicyType::Ingress => Traffic::empty(),
                PolicyType::Egress => [Transport::Tcp, Transport::Udp, Transport::Sctp]
                    .map(ask)
                    .iter()
                    .fold(Traffic::empty(), |all, one| all.union(one)),
            },
        }
    }

    fn holds(&self, rule: &Rule, analysis: &Analysis<'_>) -> bool {
        let mut families = self.families.iter();
        rule.action == Action::Allow
            && families.any(|family| family.is_subset(&rule.peers.addresses))
            && !analysis.table().get(rule.traffic).is_subset(&self.harmless)
    }
}
