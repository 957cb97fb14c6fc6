//! What Azure's network does with packets that leave the pods of a cluster.

use std::fs;
use std::path::PathBuf;

use palisade_document::{Notation, Text, parse};
use palisade_estate::{Cluster, Unknown};
use palisade_packet::{AddressSet, PacketSet, Product, Set, Traffic};
use palisade_reach::azure::{Network, ServiceTags};
use palisade_reach::kubernetes::{Analysis, EndpointId, EntryKind, Explanation};
use palisade_reach::path::{Asked, come_in, leave, starts};
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
) -> Result<Vec<Way>, Unknown> {
    let Ok(managed) = cluster.managed() else {
        return Ok(Vec::new());
    };
    let there = Product::of(destinations.clone(), traffic.clone());
    let packets: PacketSet = Product::of(AddressSet::full(), there);
    let starts = starts(&managed)?;
    let ways = starts.iter().map(|start| {
        let traces = leave(network, &managed, start, asked, &packets);
        Way::out(network.estate(), start, &traces)
    });
    Ok(ways.collect())
}

/// The ways in to pods by the load balancers of Services, and why some aren't known.
pub(crate) fn ways_in(
    network: &Network<'_>,
    cluster: &Cluster<'_>,
    analysis: &Analysis<'_>,
    destination: EndpointId,
    sources: &AddressSet,
) -> (Vec<Way>, Vec<Unknown>) {
    let (mut ways, mut unknown) = (Vec::new(), Vec::new());
    let Ok(managed) = cluster.managed() else {
        return (ways, unknown);
    };
    for entry in analysis.entries(cluster) {
        let is_balanced = matches!(
            entry.kind,
            EntryKind::PublicLoadBalancer | EntryKind::InternalLoadBalancer
        );
        let mut backends = entry.backends.iter();
        if !is_balanced || !backends.any(|(id, _)| *id == destination) {
            continue;
        }
        match come_in(network, &managed, &entry.object, sources) {
            Ok(entrances) => ways.extend(entrances.iter().map(|entrance| {
                Way::into(network.estate(), entry.object.display_name(), entrance)
            })),
            Err(cause) => unknown.push(cause),
        }
    }
    (ways, unknown)
}
