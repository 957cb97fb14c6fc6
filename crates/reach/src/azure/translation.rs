//! Hops that rewrite addresses and ports.

use palisade_estate::Unknown;
use palisade_packet::{AddressSet, PacketSet, PortSet, Product, Set, Traffic, Transport};

/// How a hop rewrites the packets that pass it: SNAT the source, DNAT the destination. What is
/// not named stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Translation {
    /// The source afterwards: one of these addresses. The source port is then any.
    pub source: Option<AddressSet>,
    /// The destination afterwards: one of these addresses.
    pub destination: Option<AddressSet>,
    /// The destination port afterwards, of TCP and UDP.
    pub destination_port: Option<u16>,
    /// Why addresses aren't known more exactly.
    pub causes: Vec<Unknown>,
}

impl Translation {
    /// Whether packets stay as they are.
    pub fn is_identity(&self) -> bool {
        self.source.is_none() && self.destination.is_none() && self.destination_port.is_none()
    }

    /// The packets afterwards.
    #[must_use]
    pub fn apply(&self, packets: &PacketSet) -> PacketSet {
        if self.is_identity() {
            return packets.clone();
        }
        let mut after = PacketSet::empty();
        for (sources, rest) in packets.parts() {
            for (destinations, traffic) in rest.parts() {
                let sources = self.source.as_ref().unwrap_or(sources).clone();
                let destinations = self.destination.as_ref().unwrap_or(destinations).clone();
                let rest = Product::of(destinations, self.rewritten(traffic));
                after = after.union(&Product::of(sources, rest));
            }
        }
        after
    }

    fn rewritten(&self, traffic: &Traffic) -> Traffic {
        let mut rewritten = traffic.difference(&Traffic::all_ports());
        for transport in Transport::ALL {
            for (sources, destinations) in traffic.of(transport).parts() {
                let sources = match self.source {
                    Some(_) => PortSet::full(),
                    None => sources.clone(),
                };
                let destinations = match self.destination_port {
                    Some(port) => PortSet::one(port),
                    None => destinations.clone(),
                };
                rewritten = rewritten.union(&Traffic::ports(transport, sources, destinations));
            }
        }
        rewritten
    }
}
