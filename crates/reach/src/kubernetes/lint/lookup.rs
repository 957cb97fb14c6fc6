//! Pods that may reach others in the cluster and can't look up their names.
//!
//! Whether they may ask is asked of the cluster's DNS where its pods are in the input, and of the
//! addresses of a resolver on the node. Where they aren't, only pods for which no written rule
//! speaks of port 53 are remarked upon.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use palisade_document::{Origin, Value};
use palisade_estate::Object;
use palisade_estate::kubernetes::{PolicyDialect, PolicyType};
use palisade_packet::{PortSet, Traffic, Transport};

use super::super::evaluation::applying;
use super::super::table::TrafficId;
use super::super::{Analysis, EndpointId, EndpointKind, EndpointSet};
use super::written::{Likeness, Written, likenesses};
use super::{Lint, LintKind};

/// The port on which DNS is asked.
const PORT: u16 = 53;

/// Where a resolver on the node listens: LocalDNS of AKS, and NodeLocal DNSCache of Kubernetes.
const ON_NODES: [Ipv4Addr; 3] = [
    Ipv4Addr::new(169, 254, 10, 10),
    Ipv4Addr::new(169, 254, 10, 11),
    Ipv4Addr::new(169, 254, 20, 10),
];

/// How many of the workloads are shown.
const SHOWN: usize = 3;

pub(super) fn lint<'e>(analysis: &Analysis<'e>, written: &Written<'e>, lints: &mut Vec<Lint<'e>>) {
    let lookup = Lookup::of(analysis);
    let mut groups: BTreeMap<Likeness, Vec<EndpointId>> = BTreeMap::new();
    let pods = analysis.endpoints.pods();
    for (id, likeness) in likenesses(analysis, PolicyType::Egress) {
        if pods.contains(id) && !likeness.0.is_empty() && asks_the_cluster(analysis, id) {
            groups.entry(likeness).or_default().push(id);
        }
    }
    let mut by_policy: BTreeMap<Origin, (Object<'e>, Vec<EndpointId>)> = BTreeMap::new();
    for members in groups.into_values() {
        let Some(&first) = members.first() else {
            continue;
        };
        if let Some(policy) = lookup.denied(analysis, written, first) {
            let entry = by_policy.entry(policy.body().origin());
            entry.or_insert((policy, Vec::new())).1.extend(members);
        }
    }
    for (policy, members) in by_policy.into_values() {
        lints.push(remark(analysis, policy, &members));
    }
}

struct Lookup {
    /// The cluster's DNS, and resolvers on nodes.
    resolvers: EndpointSet,
    /// Whether the pods of the cluster's DNS are in the input.
    is_known: bool,
    traffic: TrafficId,
}

impl Lookup {
    fn of(analysis: &Analysis<'_>) -> Self {
        let endpoints = &analysis.endpoints;
        let of_system = endpoints.namespace("kube-system");
        let is_resolver = |id: &EndpointId| {
            let label = endpoints.get(*id).labels.get("k8s-app");
            matches!(label, Some("kube-dns" | "coredns"))
        };
        let pods = of_system.map(|number| endpoints.pods_of(number));
        let pods = pods.unwrap_or_else(EndpointSet::empty);
        let known: EndpointSet = pods.iter().filter(is_resolver).collect();
        let on_nodes = ON_NODES.iter();
        let on_nodes = on_nodes.filter_map(|address| endpoints.outside_at(IpAddr::V4(*address)));
        let lookups = Traffic::to_ports(Transport::Udp, PortSet::one(PORT));
        Self {
            is_known: !known.is_empty(),
            resolvers: known.union(&on_nodes.collect()),
            traffic: analysis.table().number(lookups),
        }
    }

    /// The policy by which a pod can't look up names, if it may reach other pods.
    fn denied<'e>(
        &self,
        analysis: &Analysis<'e>,
        written: &Written<'e>,
        pod: EndpointId,
    ) -> Option<Object<'e>> {
        let inside = analysis.endpoints.pods();
        let reaches = |peers: &EndpointSet, wanted: TrafficId| {
            let parts = analysis.outcomes(PolicyType::Egress, pod, peers);
            let mut table = analysis.table();
            let mut allowed = parts.iter().map(|(_, outcome)| outcome.allowed);
            allowed.any(|allowed| table.intersection(allowed, wanted) != TrafficId::NONE)
        };
        let resolvers = match self.is_known {
            true => self.resolvers.clone(),
            false => analysis.endpoints.all(),
        };
        if reaches(&resolvers, self.traffic) || !reaches(&inside, TrafficId::ALL) {
            return None;
        }
        let layers = analysis.program.layers(PolicyType::Egress).iter();
        let policies: Vec<_> = layers
            .flat_map(|layer| applying(layer, pod))
            .flat_map(|(_, policies)| policies)
            .collect();
        if !self.is_known
            && policies
                .iter()
                .any(|policy| may_mean(written, policy.object))
        {
            return None;
        }
        let isolating = policies.iter().find(|policy| policy.isolates);
        isolating.or(policies.first()).map(|policy| policy.object)
    }
}

/// Whether a rule of a policy speaks of look-ups, or of what can't be told without the pods.
fn may_mean(written: &Written<'_>, policy: Object<'_>) -> bool {
    if PolicyDialect::of(&policy) != Some(PolicyDialect::Kubernetes) {
        return true;
    }
    let origin = policy.body().origin();
    let own = written.rules.iter().filter(|rule| {
        rule.object.body().origin() == origin && rule.direction == PolicyType::Egress
    });
    own.filter_map(|rule| rule.value.get("ports"))
        .flat_map(Value::items)
        .any(
            |port| match port.get("port").map(|port| (port, port.as_i64())) {
                Some((_, Some(first))) => {
                    let last = port.get("endPort").and_then(Value::as_i64);
                    (first..=last.unwrap_or(first)).contains(&i64::from(PORT))
                }
                _ => true,
            },
        )
        || written.rules.iter().any(|rule| {
            rule.object.body().origin() == origin
                && rule.direction == PolicyType::Egress
                && rule
                    .value
                    .get("ports")
                    .is_none_or(|ports| ports.items().len() == 0)
        })
}

/// Whether a pod asks the cluster's DNS: `dnsPolicy` isn't `None` or `Default`.
fn asks_the_cluster(analysis: &Analysis<'_>, id: EndpointId) -> bool {
    let EndpointKind::Pods { workloads, .. } = &analysis.endpoints.get(id).kind else {
        return false;
    };
    workloads.iter().all(|&number| {
        let object = analysis.endpoints.workloads()[number].object;
        let paths = [
            "spec.dnsPolicy",
            "spec.template.spec.dnsPolicy",
            "spec.jobTemplate.spec.template.spec.dnsPolicy",
        ];
        let policy = paths.iter().find_map(|path| object.get(path));
        !matches!(policy.map(Value::scalar), Some("None" | "Default"))
    })
}

fn remark<'e>(analysis: &Analysis<'e>, policy: Object<'e>, pods: &[EndpointId]) -> Lint<'e> {
    let numbers: BTreeSet<usize> = pods
        .iter()
        .filter_map(|id| match &analysis.endpoints.get(*id).kind {
            EndpointKind::Pods { workloads, .. } => Some(workloads.clone()),
            _ => None,
        })
        .flatten()
        .collect();
    let workloads: Vec<_> = numbers
        .iter()
        .map(|&number| &analysis.endpoints.workloads()[number])
        .collect();
    let first = workloads.first().map_or_else(String::new, |workload| {
        format!("{}/{}", workload.kind, workload.name)
    });
    let others = match workloads.len() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let shown = workloads.iter().take(SHOWN);
    Lint {
        kind: LintKind::LookupsDenied,
        object: policy,
        at: policy.anchor().origin(),
        message: format!(
            "no egress rule lets {first}{others} ask the cluster's DNS (UDP 53), though one lets them reach other pods"
        ),
        deciding: shown
            .map(|workload| {
                (
                    workload.object.anchor().origin(),
                    "can't look up names".to_owned(),
                )
            })
            .collect(),
    }
}
