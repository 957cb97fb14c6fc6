//! What Azure's network does with packets of a cluster's pods.

use std::collections::HashSet;
use std::net::IpAddr;

use palisade_estate::azure::ManagedCluster;
use palisade_estate::{Cluster, ResourceId, Unknown};
use palisade_packet::{AddressSet, PacketSet, Product, Set, Traffic};

use crate::azure::{Bounds, Network, Outcome};
use crate::intent::Via;
use crate::path::{Asked, Hop, HopKind, Resident, Start, Trace, cross, leave, starts};

/// Packets by destination address and traffic.
pub type Onward = Product<AddressSet, Traffic>;

/// The ways between the nodes of a managed cluster and out of it.
pub(super) struct Ways<'n, 'e> {
    network: &'n Network<'e>,
    cluster: ManagedCluster<'e>,
    starts: Result<Vec<Start<'e>>, Unknown>,
}

/// Packets that have left, from each subnet where they may start.
pub type Left<'s, 'e> = Vec<(&'s Start<'e>, Vec<Trace>)>;

impl<'n, 'e> Ways<'n, 'e> {
    /// The ways of a cluster; nothing where it isn't a managed one in the input.
    pub(super) fn of(network: &'n Network<'e>, cluster: &Cluster<'e>) -> Option<Self> {
        let cluster = cluster.managed().ok()?;
        Some(Self {
            network,
            cluster,
            starts: starts(&cluster),
        })
    }

    /// Leads packets out, from wherever they may start.
    pub(super) fn lead(&self, packets: &Onward) -> Result<Left<'_, 'e>, Unknown> {
        let starts = self.starts.as_ref().map_err(Clone::clone)?;
        let asked = Asked::default();
        let left = starts.iter().map(|start| {
            let packets: PacketSet = Product::of(AddressSet::full(), packets.clone());
            let traces = leave(self.network, &self.cluster, start, &asked, &packets);
            (start, traces)
        });
        Ok(left.collect())
    }

    /// Without the packets to a family of addresses in which nobody has a source, if others are
    /// left: they can't be sent.
    pub(super) fn possible(&self, packets: Onward) -> Onward {
        let starts = self.starts.iter().flatten();
        let sources = starts.fold(AddressSet::empty(), |all, start| all.union(&start.sources));
        let families = [AddressSet::all_v4(), AddressSet::all_v6()];
        let known = families
            .iter()
            .filter(|family| !family.is_disjoint(&sources));
        let reachable = known.fold(AddressSet::empty(), |all, family| all.union(family));
        let possible = packets.intersection(&Product::of(reachable, Traffic::full()));
        match possible.is_empty() {
            true => packets,
            false => possible,
        }
    }

    /// What of some packets arrives, of what doesn't pass `via` on its way.
    ///
    /// On which agent pool a pod runs the input doesn't tell: only what arrives from each of them
    /// is certain to.
    pub(super) fn arriving(&self, packets: &Onward, via: Option<&Via<'_>>) -> Bounds<Onward> {
        let left = match self.lead(packets) {
            Ok(left) => left,
            Err(cause) => {
                return Bounds::between(Onward::empty(), packets.clone(), vec![cause]);
            }
        };
        let counts = |trace: &Trace| via.is_none_or(|via| !passes(trace, via));
        let from = left.iter().map(|(_, traces)| through(traces, counts));
        from_each(from, packets)
    }

    /// What of some traffic arrives at another pod or node of the cluster, whichever two they are.
    /// On one node they reach each other past Azure's network.
    pub(super) fn crossing(
        &self,
        (from_host, to_host): (bool, bool),
        traffic: &Traffic,
    ) -> Bounds<Traffic> {
        let [from, to] = [from_host, to_host].map(|is_host| Resident {
            is_host,
            addresses: None,
        });
        let crossings = cross(self.network, &self.cluster, &from, &to, traffic);
        let crossings = match crossings {
            Ok(crossings) => crossings,
            Err(cause) => {
                return Bounds::between(Traffic::empty(), traffic.clone(), vec![cause]);
            }
        };
        let whole = Product::of(AddressSet::full(), traffic.clone());
        let from = crossings
            .iter()
            .map(|crossing| through(&crossing.traces, |_| true));
        let arriving = from_each(from, &whole);
        // Which of its addresses the destination has isn't known.
        let lost = crossings.iter().flat_map(|crossing| &crossing.traces);
        let lost = lost.filter(|trace| trace.outcome != Outcome::Allowed);
        let lost = lost.fold(Traffic::empty(), |all, trace| {
            all.union(&trace.last_seen().rights().rights())
        });
        let least = arriving.least.rights().difference(&lost);
        let mut causes = arriving.causes;
        causes.push(Unknown::because(
            "on one node they reach each other past Azure's network, on two they may not",
            "ask about two pods with palisade reach",
        ));
        Bounds::between(least, traffic.clone(), causes)
    }
}

/// What arrives from wherever packets start: for certain what arrives from each.
fn from_each(from: impl Iterator<Item = Bounds<Onward>>, packets: &Onward) -> Bounds<Onward> {
    let (mut least, mut most, mut causes) = (packets.clone(), Onward::empty(), Vec::new());
    for arriving in from {
        least = least.intersection(&arriving.least);
        most = most.union(&arriving.most);
        causes.extend(arriving.causes);
    }
    if causes.is_empty() {
        causes.push(Unknown::because(
            "it depends on the node on which the pod runs",
            "ask about nodes of one pool",
        ));
    }
    let mut seen = HashSet::new();
    causes.retain(|cause| seen.insert((cause.cause.clone(), cause.supply.clone())));
    Bounds::between(least, most, causes)
}

/// What of packets that start in one subnet arrives, of those whose trace counts. What arrives
/// from some of the subnet's addresses only isn't certain to.
fn through(traces: &[Trace], counts: impl Fn(&Trace) -> bool) -> Bounds<Onward> {
    let (mut certain, mut others, mut most) = (Onward::empty(), Onward::empty(), Onward::empty());
    let mut causes = Vec::new();
    for trace in traces {
        let seen = trace.last_seen().rights();
        let left = trace.packets.rights();
        let is_readdressed = !seen.is_subset(&left);
        let packets = if is_readdressed { left } else { seen };
        let does_count = counts(trace);
        match &trace.outcome {
            Outcome::Allowed if does_count && !is_readdressed => certain = certain.union(&packets),
            _ => others = others.union(&packets),
        }
        if does_count && trace.outcome != Outcome::Denied {
            most = most.union(&packets);
            if let Outcome::Uncertain(why) = &trace.outcome {
                causes.extend(why.iter().cloned());
            } else if is_readdressed {
                causes.push(Unknown::because(
                    "a place on the way gives packets another destination",
                    "ask about that destination",
                ));
            }
        }
    }
    Bounds::between(certain.difference(&others), most, causes)
}

/// Whether packets pass a place.
fn passes(trace: &Trace, via: &Via<'_>) -> bool {
    trace.hops.iter().any(|hop| is_at(hop, via))
}

fn is_at(hop: &Hop, via: &Via<'_>) -> bool {
    let is_of = |id: &Option<ResourceId>, kind: &str| {
        let of = id.as_ref().and_then(ResourceId::resource_type);
        of.is_some_and(|of| of.eq_ignore_ascii_case(kind))
    };
    match via {
        Via::Firewall => hop.kind == HopKind::Firewall,
        Via::Appliance => matches!(hop.kind, HopKind::Firewall | HopKind::Appliance),
        Via::NatGateway => is_of(&hop.rule.resource, "microsoft.network/natgateways"),
        Via::PrivateEndpoint => is_of(&hop.at, "microsoft.network/privateendpoints"),
        Via::Resource(name) => [&hop.at, &hop.rule.resource]
            .into_iter()
            .flatten()
            .any(|id| {
                name.eq_ignore_ascii_case(id.name()) || name.eq_ignore_ascii_case(&id.to_string())
            }),
        Via::Address(address) => hop
            .rule
            .name
            .parse::<IpAddr>()
            .is_ok_and(|at| at == *address),
    }
}
