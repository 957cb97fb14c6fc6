//! What a walk writes down.

use palisade_estate::{ResourceId, Unknown};
use palisade_packet::{AddressSet, PacketSet, Set};

use crate::azure::{Outcome, Rule, both};

/// Packets that went the same way by the same rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The packets, as they left the start.
    pub packets: PacketSet,
    /// The hops, in order.
    pub hops: Vec<Hop>,
    /// What becomes of them in the end.
    pub outcome: Outcome,
}

/// A place that decides about packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// What kind of place it is.
    pub kind: HopKind,
    /// The subnet, firewall or other resource at which it decides.
    pub at: Option<ResourceId>,
    /// The rule that decides.
    pub rule: Rule,
    /// What it does with them, for a route: where it leads.
    pub effect: String,
    /// The packets afterwards, as far as addresses and ports are rewritten.
    pub packets: PacketSet,
    /// What this place by itself does.
    pub outcome: Outcome,
}

/// A kind of place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HopKind {
    /// A node or a firewall gives packets a source address of its own.
    SourceTranslation,
    /// Security admin rules of the network.
    AdminRules,
    /// The network security group of a subnet.
    SubnetGroup,
    /// The network security group of a network interface.
    InterfaceGroup,
    /// The routes of a subnet.
    Route,
    /// The other side of a peering.
    Peering,
    /// An Azure Firewall.
    Firewall,
    /// Another appliance that routes lead to.
    Appliance,
    /// The way from a subnet to the internet.
    WayOut,
    /// An Application Gateway.
    Gateway,
    /// The load balancer of a Service.
    LoadBalancer,
    /// The public endpoint of an API server.
    ApiServer,
    /// What a node itself lets in.
    Node,
    /// The destination.
    Destination,
    /// The route that replies take.
    ReturnRoute,
}

impl HopKind {
    /// What to call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SourceTranslation => "source address",
            Self::AdminRules => "admin rules",
            Self::SubnetGroup => "subnet NSG",
            Self::InterfaceGroup => "interface NSG",
            Self::Route => "route",
            Self::Peering => "peering",
            Self::Firewall => "firewall",
            Self::Appliance => "appliance",
            Self::WayOut => "way out",
            Self::Gateway => "gateway",
            Self::LoadBalancer => "load balancer",
            Self::ApiServer => "API server",
            Self::Node => "node",
            Self::Destination => "destination",
            Self::ReturnRoute => "reply",
        }
    }
}

/// What becomes of packets that pass one place after another: dropped if any drops them, uncertain
/// if any may.
pub(super) fn then(before: &Outcome, after: &Outcome) -> Outcome {
    match (before, after) {
        (Outcome::Denied, _) | (_, Outcome::Denied) => Outcome::Denied,
        (Outcome::Uncertain(some), Outcome::Uncertain(others)) => {
            Outcome::Uncertain(both(some, others))
        }
        (Outcome::Uncertain(causes), _) | (_, Outcome::Uncertain(causes)) => {
            Outcome::Uncertain(causes.clone())
        }
        _ => Outcome::Allowed,
    }
}

impl Trace {
    /// A trace that has passed nothing.
    pub(super) fn of(packets: PacketSet) -> Self {
        Self {
            packets,
            hops: Vec::new(),
            outcome: Outcome::Allowed,
        }
    }

    /// The packets as they are now.
    pub(super) fn now(&self) -> &PacketSet {
        self.hops.last().map_or(&self.packets, |hop| &hop.packets)
    }

    /// The part of the packets that are these now.
    #[must_use]
    pub(super) fn narrowed(&self, packets: PacketSet) -> Self {
        let mut narrowed = self.clone();
        match narrowed.hops.last_mut() {
            Some(hop) => hop.packets = packets,
            None => narrowed.packets = packets,
        }
        narrowed
    }

    /// The addresses that the packets are for now.
    pub(super) fn destinations(&self) -> AddressSet {
        destinations(self.now())
    }

    /// The packets where there were some last: a place that drops all of them has none left.
    pub fn last_seen(&self) -> &PacketSet {
        let mut seen = self.hops.iter().rev().map(|hop| &hop.packets);
        let last = seen.find(|packets| !packets.is_empty());
        last.unwrap_or(&self.packets)
    }

    /// One place further.
    #[must_use]
    pub(super) fn further(&self, hop: Hop) -> Self {
        let mut hops = self.hops.clone();
        let outcome = then(&self.outcome, &hop.outcome);
        hops.push(hop);
        Self {
            packets: self.packets.clone(),
            hops,
            outcome,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.outcome == Outcome::Denied || self.now().is_empty()
    }
}

/// The addresses that packets are for.
pub(super) fn destinations(packets: &PacketSet) -> AddressSet {
    let parts = packets.parts().iter();
    parts.fold(AddressSet::empty(), |all, (_, rest)| {
        all.union(&rest.lefts())
    })
}

/// Leads the traces on that aren't over.
pub(super) fn led_on(traces: Vec<Trace>, step: impl Fn(&Trace) -> Vec<Trace>) -> Vec<Trace> {
    let led = traces.into_iter().flat_map(|trace| match trace.is_over() {
        true => vec![trace],
        false => step(&trace),
    });
    led.collect()
}

/// What the traces say together, where it isn't known which of them packets take: certain only if
/// they agree.
pub fn verdict(traces: &[Trace]) -> Option<Outcome> {
    let mut outcomes = traces.iter().map(|trace| &trace.outcome);
    let first = outcomes.next()?.clone();
    Some(outcomes.fold(first, |all, one| match (all, one) {
        (all, one) if all == *one => all,
        (Outcome::Uncertain(some), Outcome::Uncertain(others)) => {
            Outcome::Uncertain(both(&some, others))
        }
        (Outcome::Uncertain(causes), _) => Outcome::Uncertain(causes),
        (_, Outcome::Uncertain(causes)) => Outcome::Uncertain(causes.clone()),
        _ => Outcome::Uncertain(vec![Unknown::because(
            "packets take ways with different ends, and it isn't known which",
            "ask about one address and one port",
        )]),
    }))
}
