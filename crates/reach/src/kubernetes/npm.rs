//! What Azure Network Policy Manager can't enforce (AKS documentation of network policies, 2026;
//! `azure-container-networking/npm/pkg/controlplane/translation`).

use std::collections::HashMap;

use ipnet::IpNet;
use palisade_document::Value;
use palisade_estate::Cluster;
use palisade_estate::kubernetes::{
    NetworkPolicy, Operator, PodTemplate, PolicyType, Selector, pod_template,
};

use super::program::{Condition, NoteKind, Policy};
use super::translator::Translator;
use super::{Endpoint, EndpointSet, EngineKind};

const DIRECTIONS: [PolicyType; 2] = [PolicyType::Ingress, PolicyType::Egress];
const SYSTEM: &str = "kubernetes.io/os";

/// Whether it can take a policy at all; why not otherwise.
pub(super) fn is_enforced(policy: &NetworkPolicy<'_>, engine: EngineKind) -> Result<(), String> {
    if engine != EngineKind::AzureNpm {
        return Ok(());
    }
    let rules = DIRECTIONS.iter().flat_map(|one| policy.rules(*one));
    for cidr in rules
        .flat_map(|rule| rule.peers())
        .filter_map(|peer| peer.get("ipBlock")?.get("cidr"))
    {
        if matches!(cidr.scalar().parse(), Ok(IpNet::V6(_))) {
            return Err(format!(
                "Azure Network Policy Manager refuses the IPv6 range {}",
                cidr.scalar()
            ));
        }
    }
    Ok(())
}

/// The pods of a cluster with Windows nodes, by the system that they run on.
pub(super) struct Systems {
    linux: EndpointSet,
    windows: EndpointSet,
}

impl Systems {
    /// Reads where pods run from their nodes, or else from what they ask of nodes. Nothing in a
    /// cluster without a sign of Windows, or with another engine.
    pub(super) fn of(cluster: &Cluster<'_>, translator: &Translator<'_>) -> Option<Self> {
        if translator.engine.kind != EngineKind::AzureNpm {
            return None;
        }
        let of_nodes: HashMap<String, &str> = cluster
            .objects_of("", "Node")
            .filter_map(|node| Some((node.name(), node.label(SYSTEM)?)))
            .collect();
        let endpoints = &translator.endpoints;
        let system = |pod: &Endpoint<'_>| {
            let known = pod.nodes.iter().map(|node| of_nodes.get((*node)?).copied());
            let known: Option<Vec<&str>> = known.collect();
            if let Some((first, rest)) = known.as_deref().and_then(<[_]>::split_first) {
                return rest.iter().all(|other| other == first).then_some(*first);
            }
            let super::EndpointKind::Pods { workloads, .. } = &pod.kind else {
                return None;
            };
            let owner = endpoints.workloads().get(*workloads.first()?)?;
            asked(&pod_template(owner.object)?)
        };
        let running = |wanted: &str| -> EndpointSet {
            let pods = endpoints.pods();
            let chosen = pods.iter();
            chosen
                .filter(|id| system(endpoints.get(*id)) == Some(wanted))
                .collect()
        };
        let windows = running("windows");
        let has_pool = cluster
            .managed()
            .is_ok_and(|managed| managed.has_windows_nodes() == Ok(true));
        let has_windows =
            has_pool || !windows.is_empty() || of_nodes.values().any(|it| *it == "windows");
        has_windows.then(|| Self {
            linux: running("linux"),
            windows,
        })
    }

    /// Takes the pods on Windows nodes out of a policy that is refused there.
    pub(super) fn limit<'e>(
        &self,
        policy: Policy<'e>,
        translator: &Translator<'e>,
    ) -> Vec<Policy<'e>> {
        let written = NetworkPolicy::try_of(policy.object);
        let Some((at, what)) = written.and_then(|written| refused_on_windows(&written)) else {
            return vec![policy];
        };
        let message = format!("on Windows nodes Azure NPM refuses the policy for its {what}");
        translator.note(NoteKind::Ignored, policy.object, at, message);
        let certain = policy.subjects.intersection(&self.linux);
        let open = policy.subjects.difference(&self.linux);
        let open = open.difference(&self.windows);
        let condition = translator.condition(Condition::Unknown {
            cause: "whether the pod runs on a Windows node, where Azure NPM refuses the policy, isn't known".to_owned(),
            supply: "kubectl get pods,nodes -A -o json".to_owned(),
        });
        let parts = [(certain, policy.condition), (open, Some(condition))];
        parts
            .into_iter()
            .filter(|(subjects, _)| !subjects.is_empty())
            .map(|(subjects, condition)| Policy {
                object: policy.object,
                subjects,
                isolates: policy.isolates,
                condition,
                rules: policy.rules.clone(),
            })
            .collect()
    }
}

/// The system that pods ask for.
fn asked<'e>(template: &PodTemplate<'e>) -> Option<&'e str> {
    let named = template.spec.get("os").and_then(|os| os.get("name"));
    let selected = || template.spec.get("nodeSelector")?.get(SYSTEM);
    named.or_else(selected).map(Value::scalar)
}

/// What of a policy Azure NPM can't enforce on Windows nodes, where it refuses it as a whole.
fn refused_on_windows<'e>(policy: &NetworkPolicy<'e>) -> Option<(Value<'e>, &'static str)> {
    let negative = "selector with NotIn or DoesNotExist";
    if let Some(selector) = policy.get("spec.podSelector").filter(|it| is_negative(*it)) {
        return Some((selector, negative));
    }
    for rule in DIRECTIONS.iter().flat_map(|one| policy.rules(*one)) {
        for peer in rule.peers() {
            let exceptions = peer.get("ipBlock").and_then(|block| block.get("except"));
            if let Some(exceptions) = exceptions.filter(|list| list.items().len() > 0) {
                return Some((exceptions, "exceptions of a range"));
            }
            let mut selectors = ["podSelector", "namespaceSelector"]
                .into_iter()
                .filter_map(|key| peer.get(key));
            if let Some(selector) = selectors.find(|it| is_negative(*it)) {
                return Some((selector, negative));
            }
        }
        for port in rule.ports() {
            let number = port.get("port").filter(|number| !number.is_null());
            if let Some(name) = number.filter(|number| number.as_i64().is_none()) {
                return Some((name, "port by name"));
            }
            let protocol = port.get("protocol");
            if let Some(sctp) = protocol.filter(|it| it.scalar() == "SCTP") {
                return Some((sctp, "SCTP"));
            }
        }
    }
    None
}

fn is_negative(selector: Value<'_>) -> bool {
    let selector = Selector::read(selector).unwrap_or_default();
    let mut asked = selector.requirements().iter();
    asked.any(|one| matches!(one.operator, Operator::NotIn | Operator::DoesNotExist))
}
