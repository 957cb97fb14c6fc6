//! One kind of traffic of the pods of every workload: shared by the controls that ask whether it
//! gets through.

use palisade_estate::kubernetes::{PodTemplate, PolicyType, pod_templates};
use palisade_estate::{Cluster, Unknown};
use palisade_packet::{Set, Traffic};
use palisade_reach::kubernetes::{Analysis, Condition, Decision, EndpointId, EndpointSet, Rule};

use crate::reachability::Proof;
use crate::system_namespace::is_system;
use crate::{Context, Findings};

/// What becomes of some traffic at the pods' own policies.
pub(super) enum Passage {
    /// None of it gets through, for certain.
    Closed,
    /// Some of it does, for certain: this.
    Open(Traffic),
    /// Some of it may, and that hangs on these.
    Unknown(Vec<Condition>),
}

/// Judges the pods of every workload that has a network of its own, but for those of the system
/// and of the namespaces that the project exempts.
pub(super) fn each<'e>(
    context: &Context<'e>,
    exempt: &[String],
    findings: &mut Findings,
    judge: impl Fn(&Cluster<'e>, &PodTemplate<'e>, &mut Findings) -> Result<(), Unknown>,
) {
    for cluster in context.estate.clusters() {
        for pod in pod_templates(&cluster) {
            let is_exempt = exempt.iter().any(|name| name == pod.namespace());
            if is_exempt || is_system(pod.namespace()) {
                continue;
            }
            if pod.is_on_host_network() {
                let message = "the pods are on their node's network, where policies don't reach";
                findings.not_applicable(pod.owner, message);
            } else if let Err(unknown) = judge(&cluster, &pod, findings) {
                findings.unknown(pod.owner, unknown);
            }
        }
    }
}

/// The pods of a template, of which there is at least one.
pub(super) fn pods<'e>(proof: &Proof<'e>, pod: &PodTemplate<'e>) -> Result<EndpointSet, Unknown> {
    let pods = proof.pods_of(pod);
    if pods.is_empty() {
        return Err(Unknown::because(
            "its pods aren't among those of the cluster",
            "kubectl get pods --all-namespaces --output yaml",
        ));
    }
    Ok(pods)
}

/// What a pod's policies of a direction do with some traffic to or from a peer.
pub(super) fn passage(
    analysis: &Analysis<'_>,
    direction: PolicyType,
    pod: EndpointId,
    peer: EndpointId,
    traffic: &Traffic,
) -> Passage {
    let parts = analysis.outcomes(direction, pod, &EndpointSet::one(peer));
    let Some((_, outcome)) = parts.into_iter().next() else {
        return Passage::Open(traffic.clone());
    };
    let table = analysis.table();
    let allowed = table.get(outcome.allowed).intersection(traffic);
    let certain = allowed.difference(table.get(outcome.denied));
    if !certain.is_empty() {
        return Passage::Open(certain);
    }
    if allowed.is_empty() {
        return Passage::Closed;
    }
    let conditions = outcome.conditions.iter();
    let about = conditions.filter(|(about, _)| !table.get(*about).is_disjoint(&allowed));
    Passage::Unknown(
        about
            .map(|(_, condition)| table.condition(*condition).clone())
            .collect(),
    )
}

/// The rule that lets some traffic through at the pods, with what it is called in its policy;
/// nothing if it gets through without one.
pub(super) fn opening<'a, 'e>(
    analysis: &'a Analysis<'e>,
    direction: PolicyType,
    (pod, peer): (EndpointId, EndpointId),
    traffic: Traffic,
) -> Option<(&'a Rule, String)> {
    let explanation = match direction {
        PolicyType::Ingress => analysis.explain(peer, pod, traffic),
        PolicyType::Egress => analysis.explain(pod, peer, traffic),
    };
    let hops = match direction {
        PolicyType::Ingress => explanation.ingress,
        PolicyType::Egress => explanation.egress,
    };
    hops.into_iter().find_map(|hop| match hop.decision {
        Decision::Rule { policy, rule, .. }
            if rule.action == palisade_reach::kubernetes::Action::Allow =>
        {
            let name = format!(
                "{}[{}] of `{}`",
                direction.section(),
                rule.index,
                policy.object.name()
            );
            Some((rule, name))
        }
        _ => None,
    })
}
