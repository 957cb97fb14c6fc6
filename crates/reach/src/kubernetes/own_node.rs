//! The node on which a pod runs.
//!
//! Every engine lets a pod's own node in, so that the kubelet can probe the pod: Kubernetes says
//! so of NetworkPolicy ("traffic to and from the node where a Pod is running is always allowed"),
//! Calico and Azure NPM do it before they ask any policy, and Cilium does it after what a policy
//! denies in so many words (`allow-localhost`, which AKS leaves at its default). Azure NPM also
//! lets a pod out to its own node (AKS documentation of the migration from Azure NPM to Cilium);
//! with the others that takes a rule.

use std::collections::HashMap;

use palisade_estate::kubernetes::PolicyType;

use super::program::Condition;
use super::translator::{Selected, Translator};
use super::{ConditionId, Endpoint, EndpointId, EndpointKind, EndpointSet, EngineKind};

/// Which nodes, and pods on their networks, are the own ones of which pods.
pub(super) struct OwnNodes {
    engine: EngineKind,
    /// The number of each pod's set.
    of: Vec<u32>,
    /// The different sets; the first is empty.
    sets: Vec<Selected>,
}

impl OwnNodes {
    /// Reads where the pods run, as far as the input tells.
    pub(super) fn of(translator: &Translator<'_>) -> Self {
        let endpoints = &translator.endpoints;
        let engine = translator.engine.kind;
        let hosts = Hosts::of(translator);
        let mut own = Self {
            engine,
            of: Vec::new(),
            sets: vec![Selected::default()],
        };
        if engine == EngineKind::None || endpoints.hosts().is_empty() {
            return own;
        }
        let condition = translator.condition(Condition::Unknown {
            cause: "whether the pod runs on that node isn't known".to_owned(),
            supply: "kubectl get pods,nodes -A -o json".to_owned(),
        });
        let mut numbers = HashMap::new();
        for id in endpoints.pods().iter() {
            let pod = endpoints.get(id);
            let next = own.sets.len();
            let number = *numbers.entry(&pod.nodes).or_insert(next);
            if number == next {
                own.sets.push(hosts.of_pods(pod, condition));
            }
            own.of.push(u32::try_from(number).unwrap_or(u32::MAX));
        }
        own
    }

    /// The number of a pod's set in a direction: pods with the same number are treated alike.
    pub(super) fn number(&self, direction: PolicyType, subject: EndpointId) -> u32 {
        let is_asked = direction == PolicyType::Ingress || self.engine == EngineKind::AzureNpm;
        let number = self.of.get(subject.index()).filter(|_| is_asked);
        number.copied().unwrap_or_default()
    }

    /// What is let through in a direction whatever the policies say, but for what they deny in
    /// so many words where that comes first.
    pub(super) fn admitted(&self, direction: PolicyType, subject: EndpointId) -> &Selected {
        &self.sets[self.number(direction, subject) as usize]
    }
}

/// Nodes and pods on their networks, by node.
#[derive(Default)]
struct Hosts {
    by_node: HashMap<String, EndpointSet>,
    /// Pods on the network of a node that isn't known.
    unplaced: EndpointSet,
    all: EndpointSet,
}

impl Hosts {
    fn of(translator: &Translator<'_>) -> Self {
        let endpoints = &translator.endpoints;
        let mut hosts = Self {
            all: endpoints.hosts(),
            ..Self::default()
        };
        for id in hosts.all.iter() {
            let name = match &endpoints.get(id).kind {
                EndpointKind::Node(node) => Some(node.name()),
                EndpointKind::HostPods { node, .. } => node.map(str::to_owned),
                EndpointKind::Pods { .. } | EndpointKind::Outside => None,
            };
            let there = match name {
                Some(name) => hosts.by_node.entry(name).or_default(),
                None => &mut hosts.unplaced,
            };
            there.extend(&EndpointSet::one(id));
        }
        hosts
    }

    /// Pods that are alike may run on several nodes: each of these is the own one of some.
    fn of_pods(&self, pod: &Endpoint<'_>, condition: ConditionId) -> Selected {
        if pod.nodes.contains(&None) {
            return Selected::new(EndpointSet::empty(), self.all.clone(), || condition);
        }
        let named = pod.nodes.iter().flatten();
        let there = named.filter_map(|node| self.by_node.get(*node));
        let there = there.fold(EndpointSet::empty(), |all, one| all.union(one));
        match pod.nodes.len() {
            1 => Selected::new(there, self.unplaced.clone(), || condition),
            _ => Selected::new(EndpointSet::empty(), there.union(&self.unplaced), || {
                condition
            }),
        }
    }
}
