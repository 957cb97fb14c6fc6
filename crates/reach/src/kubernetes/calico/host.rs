//! Host endpoints: policies that act on nodes.
//!
//! Which traffic of a node passes an interface that a host endpoint stands for, and which ports
//! Calico keeps open in any case (`failsafeInboundHostPorts` and its like in FelixConfiguration),
//! isn't in the objects that Palisade reads. What such policies decide is therefore in doubt.

use palisade_estate::kubernetes::{CalicoHostEndpoint, CalicoNetworkPolicy};

use super::selection::Selection;
use crate::kubernetes::program::{Condition, Fallback, Policy, Stage};
use crate::kubernetes::translator::Selected;
use crate::kubernetes::{ConditionId, EndpointKind, EndpointSet};

const ALLOW_ALL: &str = "projectcalico-default-allow";

/// The nodes, and pods on their networks, that a policy acts on: all of them in doubt.
pub(super) fn subjects<'e>(
    selection: &Selection<'_, 'e>,
    policy: &CalicoNetworkPolicy<'e>,
) -> Selected {
    let is_limited = policy.namespace.is_some()
        || policy.namespace_selector.is_some()
        || policy.service_account_selector.is_some();
    if is_limited || selection.hosts.is_empty() {
        return Selected::default();
    }
    let selected = selection.hosts.iter().filter(|host| {
        policy
            .selector
            .as_ref()
            .is_none_or(|selector| selector.matches(|key| host.object.label(key)))
    });
    let mut possible = EndpointSet::empty();
    for host in selected {
        possible.extend(&endpoints(selection, host));
    }
    Selected::new(EndpointSet::empty(), possible, || doubt(selection))
}

/// After all tiers come the profiles of a host endpoint. Without one everything is dropped.
pub(super) fn profiles<'e>(selection: &Selection<'_, 'e>) -> Option<Stage<'e>> {
    let closed = selection
        .hosts
        .iter()
        .filter(|host| !host.profiles.contains(&ALLOW_ALL));
    let policies: Vec<_> = closed
        .map(|host| Policy {
            object: host.object,
            subjects: endpoints(selection, host),
            isolates: true,
            condition: Some(doubt(selection)),
            rules: Vec::new(),
        })
        .collect();
    (!policies.is_empty()).then(|| Stage {
        name: "profiles of host endpoints".to_owned(),
        fallback: Fallback::Deny,
        policies,
    })
}

fn endpoints(selection: &Selection<'_, '_>, host: &CalicoHostEndpoint<'_>) -> EndpointSet {
    let endpoints = &selection.translator.endpoints;
    let is_there = |id: &crate::kubernetes::EndpointId| match &endpoints.get(*id).kind {
        EndpointKind::Node(node) => node.name() == host.node,
        EndpointKind::HostPods { node, .. } => node.is_none_or(|node| node == host.node),
        _ => false,
    };
    endpoints.hosts().iter().filter(is_there).collect()
}

fn doubt(selection: &Selection<'_, '_>) -> ConditionId {
    selection.translator.condition(Condition::Unknown {
        cause: "which traffic of the node its host endpoint governs isn't known".to_owned(),
        supply: "kubectl get felixconfigurations.crd.projectcalico.org -o json".to_owned(),
    })
}
