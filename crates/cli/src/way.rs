//! What Azure's network does with packets that leave the pods of a cluster.

use std::fs;
use std::path::PathBuf;

use palisade_document::{Notation, Text, parse};
use palisade_estate::azure::ManagedCluster;
use palisade_estate::{Cluster, Unknown};
use palisade_packet::{AddressSet, PacketSet, Product, Set, Traffic};
use palisade_reach::azure::{Network, Outcome, ServiceTags, refusals};
use palisade_reach::kubernetes::{Analysis, EndpointId, EndpointKind, Explanation};
use palisade_reach::path::{
    Asked, Resident, Start, Trace, at_public_endpoint, cross, leave, starts,
};
use palisade_report::connectivity::combination::SameNode;
use palisade_report::connectivity::flow::Flow;
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

pub(crate) fn resident(analysis: &Analysis<'_>, id: EndpointId) -> Resident {
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
