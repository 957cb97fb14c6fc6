//! The sets of `palisade-packet`.

use std::net::Ipv4Addr;

use palisade_packet::{AddressSet, PacketSet, PortSet, Product, Set, Traffic, Transport};

use super::{Algebra, Matched, Range};

/// Sets that are functions from the source to the destination to the traffic, in one form.
pub struct Canonical;

impl Algebra for Canonical {
    type Set = PacketSet;

    fn matched(&mut self, [source, destination, transport, port]: &Matched) -> PacketSet {
        let ports: PortSet = [(port_number(*port.start()), port_number(*port.end()))]
            .into_iter()
            .collect();
        let traffic = [Transport::Tcp, Transport::Udp]
            .into_iter()
            .zip(0..)
            .filter(|(_, number)| transport.contains(number))
            .map(|(transport, _)| Traffic::to_ports(transport, ports.clone()))
            .fold(Traffic::empty(), |all, one| all.union(&one));
        Product::of(
            addresses(source),
            Product::of(addresses(destination), traffic),
        )
    }

    fn full(&mut self) -> PacketSet {
        self.matched(&[0..=u32::MAX, 0..=u32::MAX, 0..=1, 0..=65535])
    }

    fn empty(&mut self) -> PacketSet {
        PacketSet::empty()
    }

    fn union(&mut self, one: &PacketSet, other: &PacketSet) -> PacketSet {
        one.union(other)
    }

    fn intersection(&mut self, one: &PacketSet, other: &PacketSet) -> PacketSet {
        one.intersection(other)
    }

    fn difference(&mut self, one: &PacketSet, other: &PacketSet) -> PacketSet {
        one.difference(other)
    }

    fn is_equal(&mut self, one: &PacketSet, other: &PacketSet) -> bool {
        one == other
    }

    fn pieces(&self, set: &PacketSet) -> usize {
        set.parts().iter().map(|(_, rest)| rest.parts().len()).sum()
    }
}

fn port_number(port: u32) -> u16 {
    u16::try_from(port).unwrap_or(u16::MAX)
}

fn addresses(range: &Range) -> AddressSet {
    let (first, last) = (Ipv4Addr::from(*range.start()), Ipv4Addr::from(*range.end()));
    AddressSet::range(first.into(), last.into())
}
