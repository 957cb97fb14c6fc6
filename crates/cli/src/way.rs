//! What Azure's network does with packets that leave the pods of a cluster.

use std::fs;
use std::path::PathBuf;

use palisade_document::{Notation, Text, parse};
use palisade_estate::azure::ManagedCluster;
use palisade_estate::{Cluster, Coverage, Settings, Unknown};
use palisade_packet::{AddressSet, PacketSet, Product, Set, Traffic};
use palisade_reach::azure::address::public_addresses;
use palisade_reach::azure::{Network, Outcome, ServiceTags, refusals};
use palisade_reach::kubernetes::{
    Analysis, Decision, EndpointId, EndpointKind, Entry, EntryKind, Explanation, SeenSource,
};
use palisade_reach::path::{
    Asked, Resident, Start, Trace, approach, at_public_endpoint, come_in, cross, leave, starts,
};
use palisade_report::connectivity::combination::SameNode;
use palisade_report::connectivity::flow::{Flow, FlowVerdict, verdict_of};
use palisade_report::connectivity::way::Way;

use crate::exit::Failure;

/// The service tags of the user's files.
pub(crate) fn service_tags(paths: &[PathBuf]) -> Result<Vec<ServiceTags>, Failure> {
    let mut read = Vec::new();
    for path in paths {
        let name = path.to_string_lossy().into_owned();
        let content = fs::read_to_string(path).map_err(|source| Failure::Read {
            path: name.clone(),
            source,
        })?;
        let (document, mut diagnostics) = parse(Text::new(name, content), Notation::Json);
        let (tags, unread) = ServiceTags::read(&document);
        diagnostics.extend(unread);
        match tags {
            Some(tags) if diagnostics.is_empty() => read.push(tags),
            _ => return Err(Failure::Broken(diagnostics)),
        }
    }
    Ok(read)
}

/// What the policies of the cluster let through, for certain or perhaps.
pub(crate) fn passing(analysis: &Analysis<'_>, explanation: &Explanation<'_, '_>) -> Traffic {
    let mut table = analysis.table();
    let allowed = explanation.outcome.certainly_allowed(&mut table);
    let uncertain = explanation.outcome.uncertain(&mut table);
    table.get(allowed).union(table.get(uncertain))
}

/// The ways of packets from a cluster's pods to addresses outside it. None where the cluster
/// isn't a managed one in the input.
pub(crate) fn ways(
    network: &Network<'_>,
    cluster: &Cluster<'_>,
    destinations: &AddressSet,
    traffic: &Traffic,
    asked: &Asked,
    api_server: Option<&ManagedCluster<'_>>,
) -> Option<Result<Vec<Way>, Unknown>> {
    let managed = cluster.managed().ok()?;
    let there = Product::of(destinations.clone(), traffic.clone());
    let packets: PacketSet = Product::of(AddressSet::full(), there);
    let way = |start: &Start<'_>| {
        let mut traces = leave(network, &managed, start, asked, &packets);
        if let Some(api_server) = api_server.filter(|_| asked.name.is_some()) {
            traces = at_public_endpoints(api_server, traces);
        }
        Way::out(network.estate(), start, &traces)
    };
    Some(starts(&managed).map(|starts| starts.iter().map(way).collect()))
}

/// A flow with why Azure refuses its cluster, if it does.
pub(crate) fn with_refusals(mut flow: Flow, cluster: &Cluster<'_>) -> Flow {
    let refusals = cluster.managed().map(|managed| refusals(&managed));
    let notes = refusals.unwrap_or_default().into_iter();
    let notes = notes.map(|refusal| format!("Azure refuses such a cluster: {}", refusal.cause));
    flow.caveats.extend(notes);
    flow
}

/// Packets that leave for the public endpoint of an API server, which lets some in.
fn at_public_endpoints(api_server: &ManagedCluster<'_>, traces: Vec<Trace>) -> Vec<Trace> {
    let led = traces.into_iter().flat_map(|trace| match trace.outcome {
        Outcome::Denied => vec![trace],
        _ => at_public_endpoint(api_server, &trace),
    });
    led.collect()
}

/// The ways of packets between pods and nodes of a cluster that cross from node to node. None where
/// the cluster isn't a managed one in the input.
pub(crate) fn ways_between(
    network: &Network<'_>,
    cluster: &Cluster<'_>,
    analysis: &Analysis<'_>,
    (source, destination): (EndpointId, EndpointId),
    traffic: &Traffic,
) -> Option<Result<Vec<Way>, Unknown>> {
    let managed = cluster.managed().ok()?;
    let (from, to) = (resident(analysis, source), resident(analysis, destination));
    let crossings = cross(network, &managed, &from, &to, traffic);
    Some(crossings.map(|crossings| {
        let ways = crossings.iter();
        ways.map(|crossing| Way::across(network.estate(), crossing))
            .collect()
    }))
}

fn resident(analysis: &Analysis<'_>, id: EndpointId) -> Resident {
    let endpoint = analysis.endpoints.get(id);
    Resident {
        is_host: !matches!(endpoint.kind, EndpointKind::Pods { .. }),
        addresses: endpoint.is_located.then(|| endpoint.addresses.clone()),
    }
}

/// Whether two endpoints stand on one node.
pub(crate) fn same_node(
    analysis: &Analysis<'_>,
    (one, other): (EndpointId, EndpointId),
) -> SameNode {
    let (Some(some), Some(others)) = (nodes(analysis, one), nodes(analysis, other)) else {
        return SameNode::Perhaps;
    };
    if !some.iter().any(|node| others.contains(node)) {
        return SameNode::No;
    }
    match some == others && some.len() == 1 {
        true => SameNode::Yes,
        false => SameNode::Perhaps,
    }
}

/// The names of the nodes on which an endpoint stands, if all are known.
fn nodes(analysis: &Analysis<'_>, id: EndpointId) -> Option<Vec<String>> {
    let endpoint = analysis.endpoints.get(id);
    match &endpoint.kind {
        EndpointKind::Node(node) => Some(vec![node.name()]),
        EndpointKind::HostPods { node, .. } => Some(vec![(*node)?.to_owned()]),
        EndpointKind::Pods { .. } if !endpoint.nodes.is_empty() => {
            let nodes = endpoint.nodes.iter().copied();
            nodes.map(|node| node.map(str::to_owned)).collect()
        }
        EndpointKind::Pods { .. } | EndpointKind::Outside => None,
    }
}

/// Packets from outside to an endpoint of a cluster.
pub(crate) struct Inbound<'a, 'e> {
    pub(crate) network: &'a Network<'e>,
    pub(crate) cluster: &'a Cluster<'e>,
    pub(crate) analysis: &'a Analysis<'e>,
    /// What the policies say.
    pub(crate) explanation: &'a Explanation<'a, 'e>,
    pub(crate) sources: AddressSet,
    pub(crate) traffic: &'a Traffic,
}

impl<'e> Inbound<'_, 'e> {
    /// The ways in, and why some aren't known. None where the cluster isn't a managed one in the
    /// input.
    pub(crate) fn ways(&self) -> Option<(Vec<Way>, Vec<Unknown>)> {
        let managed = self.cluster.managed().ok()?;
        let (mut ways, mut unknown) = (Vec::new(), Vec::new());
        let is_private = self.sources.is_disjoint(&public_addresses());
        for entry in self.analysis.entries(self.cluster) {
            let Some(arriving) = self.arriving(&entry) else {
                continue;
            };
            match entry.kind {
                EntryKind::PublicLoadBalancer | EntryKind::InternalLoadBalancer => {
                    match come_in(self.network, &managed, &entry.object, &self.sources) {
                        Ok(entrances) => ways.extend(entrances.iter().map(|entrance| {
                            let name = entry.object.display_name();
                            let mut way = Way::into(self.network.estate(), name, entrance);
                            way.policies = self.seen_otherwise(&entry, &arriving);
                            way
                        })),
                        Err(cause) => unknown.push(cause),
                    }
                }
                EntryKind::Ingress | EntryKind::Route => unknown.push(Unknown::because(
                    format!(
                        "requests come by {}, whose controller opens connections of its own",
                        entry.object.display_name()
                    ),
                    "ask about the controller, and from it on",
                )),
                EntryKind::NodePort | EntryKind::HostPort | EntryKind::ExternalAddress
                    if is_private || has_public_nodes(&managed) =>
                {
                    unknown.push(Unknown::because(
                        format!("{} takes ports of nodes", entry.object.display_name()),
                        "ask about a node",
                    ));
                }
                _ => {}
            }
        }
        if is_private {
            self.direct(&managed, &mut ways, &mut unknown);
        }
        if self.cluster.coverage(&[("", "Service")]) == Coverage::Unseen {
            unknown.push(Unknown::because(
                "the Services of the cluster aren't in the input",
                "kubectl get services -A -o json",
            ));
        }
        Some((ways, unknown))
    }

    /// What of the traffic an entry leads to the destination.
    fn arriving(&self, entry: &Entry<'_>) -> Option<Traffic> {
        let mut backends = entry.backends.iter();
        let (_, traffic) = backends.find(|(id, _)| *id == self.explanation.destination)?;
        let arriving = traffic.intersection(self.traffic);
        (!arriving.is_empty()).then_some(arriving)
    }

    /// By the destination's own address, from a machine of a network.
    fn direct(
        &self,
        managed: &ManagedCluster<'e>,
        ways: &mut Vec<Way>,
        unknown: &mut Vec<Unknown>,
    ) {
        let mut ranges = self.sources.ranges();
        let (Some((first, last)), None) = (ranges.next(), ranges.next()) else {
            return;
        };
        if first != last {
            return;
        }
        let to = resident(self.analysis, self.explanation.destination);
        match approach(self.network, managed, first, &to, self.traffic) {
            Ok(crossing) => ways.push(Way::across(self.network.estate(), &crossing)),
            Err(cause) => unknown.push(cause),
        }
    }

    /// What the policies say where they see a node in place of the client: the same for all nodes, or
    /// uncertain.
    fn seen_otherwise(&self, entry: &Entry<'_>, arriving: &Traffic) -> Option<FlowVerdict> {
        if entry.seen != SeenSource::Node {
            return None;
        }
        let mut hops = self.explanation.ingress.iter();
        if hops.all(|hop| matches!(hop.decision, Decision::NoPolicy)) {
            return None;
        }
        let endpoints = &self.analysis.endpoints;
        let hosts = endpoints.hosts();
        let nodes = hosts
            .iter()
            .filter(|id| matches!(endpoints.get(*id).kind, EndpointKind::Node(_)));
        let verdicts = nodes.map(|node| {
            let destination = self.explanation.destination;
            let explanation = self.analysis.explain(node, destination, arriving.clone());
            verdict_of(self.analysis, &explanation)
        });
        let joint = verdicts.reduce(|one, other| match one == other {
            true => one,
            false => FlowVerdict::Uncertain,
        });
        Some(joint.unwrap_or(FlowVerdict::Uncertain))
    }
}

/// Whether nodes may have public addresses of their own.
fn has_public_nodes(cluster: &ManagedCluster<'_>) -> bool {
    let pools = cluster.agent_pools().unwrap_or_default();
    let may_be = |pool: &Settings<'_>| {
        let flag = pool.flag("enableNodePublicIP").or_default(false);
        flag.map_or(true, |(set, _)| set)
    };
    pools.is_empty() || pools.iter().any(may_be)
}
