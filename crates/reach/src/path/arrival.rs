//! Into the subnet of the destination: the filters there, and the route of the reply.

use std::net::IpAddr;

use palisade_estate::azure::{Direction, NetworkInterface, Subnet, VirtualNetwork};
use palisade_estate::{Coverage, ResourceId, Unknown};
use palisade_packet::{AddressSet, PacketSet, Product, Set, Traffic};

use super::appliance::firewall_at;
use super::start::NodeSite;
use super::trace::{Hop, HopKind, Trace, destinations, led_on};
use super::walk::{Sender, Walk, filtered, lost};
use crate::azure::{
    Filters, Group, Leads, Network, Outcome, Part, Prefixes, Routed, Rule, Vicinity, endpoints,
    route,
};

/// Where packets arrive.
pub(super) enum Arrival<'v, 'e> {
    /// In the network that they come from.
    Own(&'v Vicinity<'e>),
    /// In a network on the other side of a peering.
    Peer(&'v ResourceId),
    /// At a private endpoint, as the subnet that they come from sees it.
    Endpoint(&'v Vicinity<'e>, &'v ResourceId),
}

/// Leads packets to the subnets that hold their destinations.
pub(super) fn arrive<'e>(
    walk: &Walk<'_, 'e>,
    arrival: Arrival<'_, 'e>,
    trace: &Trace,
) -> Vec<Trace> {
    let network = walk.network;
    let home = match arrival {
        Arrival::Own(vicinity) => vicinity.network.clone(),
        Arrival::Peer(id) => network.estate().require::<VirtualNetwork<'e>>(id),
        Arrival::Endpoint(vicinity, id) => return at_endpoint(network, vicinity, id, trace),
    };
    let home = match home {
        Ok(home) => home,
        Err(unknown) => return vec![lost(trace, &unknown)],
    };
    let mut traces = Vec::new();
    let mut rest = trace.now().clone();
    for subnet in home.subnets() {
        let addresses = Prefixes::read(subnet.address_prefixes()).addresses().least;
        let packets = to(trace.now(), addresses);
        if packets.is_empty() {
            continue;
        }
        rest = rest.difference(&packets);
        traces.extend(into_subnet(walk, subnet, packets, trace));
    }
    if !rest.is_empty() && lists_subnets(&home) {
        traces.push(trace.narrowed(rest).further(Hop {
            kind: HopKind::Destination,
            at: Some(home.id().clone()),
            rule: Rule::written(home.name(), home.id(), &home),
            effect: "has no subnet with the destination".to_owned(),
            packets: PacketSet::empty(),
            outcome: Outcome::Denied,
        }));
    } else if !rest.is_empty() {
        let unknown = Unknown::because(
            format!(
                "no subnet of `{}` in the input holds the destination",
                home.name()
            ),
            format!("az network vnet show --ids {}", home.id()),
        );
        traces.push(lost(&trace.narrowed(rest), &unknown));
    }
    traces
}

fn lists_subnets(network: &VirtualNetwork<'_>) -> bool {
    let coverage = network.estate().coverage::<Subnet<'_>>(network.id());
    !network.is_listing() && coverage != Coverage::Unseen
}

fn to(packets: &PacketSet, addresses: AddressSet) -> PacketSet {
    let there = Product::of(addresses, Traffic::full());
    packets.intersection(&Product::of(AddressSet::full(), there))
}

fn into_subnet<'e>(
    walk: &Walk<'_, 'e>,
    subnet: Subnet<'e>,
    packets: PacketSet,
    trace: &Trace,
) -> Vec<Trace> {
    let network = walk.network;
    let vicinity = Vicinity::of(network, subnet);
    let mut receivers = walk.receivers.iter();
    let interface = match receivers.find(|site| site.subnet.id() == subnet.id()) {
        Some(site) => site.interface.clone(),
        None => interface_group(network, &subnet, &destinations(&packets)),
    };
    let filters = Filters::at(&vicinity, interface);
    let arrived = trace.narrowed(packets);
    let filtered = filtered(network, &vicinity, &filters, Direction::Inbound, &arrived);
    let is_from_gateway = matches!(walk.sender, Sender::Gateway);
    let returns = |leads: &Leads| stays(leads) || (is_from_gateway && *leads == Leads::Gateway);
    led_on(filtered, |trace| {
        let held_by = walk.held_by;
        vec![replied(network, &vicinity, trace, held_by, &returns)]
    })
}

/// Packets for pods of a node that a route leads to, since it has their range. Replies come back by
/// such a route, too.
pub(super) fn into_node<'e>(
    walk: &Walk<'_, 'e>,
    node: IpAddr,
    site: &NodeSite<'e>,
    trace: &Trace,
) -> Vec<Trace> {
    let vicinity = Vicinity::of(walk.network, site.subnet);
    let filters = Filters::at(&vicinity, site.interface.clone());
    let at_node = trace.further(Hop {
        kind: HopKind::Node,
        at: Some(site.subnet.id().clone()),
        rule: Rule::absent(node.to_string()),
        effect: "is a node, which has the range of the pods".to_owned(),
        packets: trace.now().clone(),
        outcome: Outcome::Allowed,
    });
    let direction = Direction::Inbound;
    let filtered = filtered(walk.network, &vicinity, &filters, direction, &at_node);
    let returns = |leads: &Leads| match leads {
        Leads::Appliance(address) => walk.receiver_at(*address).is_some(),
        leads => stays(leads),
    };
    led_on(filtered, |trace| {
        vec![replied(
            walk.network,
            &vicinity,
            trace,
            walk.held_by,
            &returns,
        )]
    })
}

/// The network security group of the interface that has an address, if the input tells.
pub(super) fn interface_group<'e>(
    network: &Network<'e>,
    subnet: &Subnet<'e>,
    addresses: &AddressSet,
) -> Group<'e> {
    let hidden = || {
        Group::Unknown(
            None,
            Unknown::because(
                format!(
                    "which network interface in `{}` has the address isn't in the input",
                    subnet.name()
                ),
                "az network nic list",
            ),
        )
    };
    let mut ranges = addresses.ranges();
    let address = match (ranges.next(), ranges.next()) {
        (Some((first, last)), None) if first == last => first.to_string(),
        _ => return hidden(),
    };
    let mut interfaces = network.estate().all::<NetworkInterface<'e>>();
    let holder = interfaces.find(|interface| {
        let configurations = interface.ip_configurations().unwrap_or_default();
        configurations.iter().any(|configuration| {
            configuration.text("privateIPAddress").present() == Some(address.as_str())
                && configuration.reference("subnet").present().as_ref() == Some(subnet.id())
        })
    });
    match holder {
        Some(interface) => Group::named(
            network.estate(),
            interface.reference("networkSecurityGroup"),
        ),
        None => hidden(),
    }
}

/// The reply needs no rule, but a route that leads back the way it came: an appliance on it that
/// hasn't seen the connection drops it. `held_by` is the appliance that has.
pub(super) fn replied<'e>(
    network: &Network<'e>,
    vicinity: &Vicinity<'e>,
    trace: &Trace,
    held_by: Option<IpAddr>,
    is_well: &dyn Fn(&Leads) -> bool,
) -> Trace {
    let sources = trace.now().lefts();
    let back: PacketSet = Product::of(AddressSet::full(), Product::of(sources, Traffic::full()));
    let parts = route(network, vicinity, &back);
    let astray = parts
        .iter()
        .find_map(|part| astray(vicinity, part, held_by, is_well));
    match astray {
        Some(hop) => trace.further(Hop {
            packets: trace.now().clone(),
            ..hop
        }),
        None => trace.clone(),
    }
}

/// The reply to a packet from a network goes back into it.
pub(super) fn stays(leads: &Leads) -> bool {
    matches!(
        leads,
        Leads::Local | Leads::Peering(_) | Leads::PrivateEndpoint(_)
    )
}

/// The reply to a packet from wherever goes straight there.
pub(super) fn settles(leads: &Leads) -> bool {
    stays(leads)
        || matches!(
            leads,
            Leads::Internet | Leads::Gateway | Leads::ServiceEndpoint(_)
        )
}

fn astray(
    vicinity: &Vicinity<'_>,
    part: &Part<PacketSet, Routed>,
    held_by: Option<IpAddr>,
    is_well: &dyn Fn(&Leads) -> bool,
) -> Option<Hop> {
    let is_well = |leads: &Leads| match held_by {
        Some(address) => *leads == Leads::Appliance(address),
        None => is_well(leads),
    };
    let (leads, outcome) = match &part.outcome {
        Routed::To(leads) if is_well(leads) => return None,
        Routed::Uncertain { leads, .. } if leads.iter().all(&is_well) => return None,
        Routed::To(Leads::Nowhere) => (Leads::Nowhere, Outcome::Denied),
        // A firewall drops what belongs to no connection that it knows.
        Routed::To(Leads::Appliance(address))
            if firewall_at(vicinity.subnet.estate(), *address).is_some() =>
        {
            (Leads::Appliance(*address), Outcome::Denied)
        }
        Routed::To(leads) => {
            let way = leads.text();
            let cause = match held_by {
                Some(address) if stays(leads) => format!(
                    "the reply takes another way, {way}, past the appliance at {address}, which may then drop the rest of the connection"
                ),
                _ => format!(
                    "the reply takes another way, {way}, where nothing has seen the connection"
                ),
            };
            let unknown = Unknown::because(cause, "route both directions alike");
            (leads.clone(), Outcome::Uncertain(vec![unknown]))
        }
        Routed::Uncertain { leads, causes } => {
            (leads.first()?.clone(), Outcome::Uncertain(causes.clone()))
        }
    };
    Some(Hop {
        kind: HopKind::ReturnRoute,
        at: Some(vicinity.subnet.id().clone()),
        rule: part.rule.clone(),
        effect: match outcome {
            Outcome::Denied => format!("{}, which loses it", leads.text()),
            _ => leads.text(),
        },
        packets: part.packets.clone(),
        outcome,
    })
}

/// A private endpoint is filtered by the network security group of its subnet only if that heeds
/// network policies.
fn at_endpoint<'e>(
    network: &Network<'e>,
    vicinity: &Vicinity<'e>,
    id: &ResourceId,
    trace: &Trace,
) -> Vec<Trace> {
    let mut known = endpoints(vicinity).into_iter();
    let Some(endpoint) = known.find(|endpoint| endpoint.resource.id() == id) else {
        return vec![trace.clone()];
    };
    let reached = |trace: &Trace| {
        trace.further(Hop {
            kind: HopKind::Destination,
            at: Some(id.clone()),
            rule: Rule::written(endpoint.resource.name(), id, &endpoint.resource),
            effect: "reaches the private endpoint".to_owned(),
            packets: trace.now().clone(),
            outcome: Outcome::Allowed,
        })
    };
    match (&endpoint.heeds_security_groups(), &endpoint.subnet) {
        (Ok(false), _) => vec![reached(trace)],
        (Ok(true), Ok(subnet)) => {
            let there = Vicinity::of(network, *subnet);
            let filters = Filters {
                admin_rules: Vec::new(),
                subnet: Group::of_subnet(subnet),
                interface: Group::None,
            };
            let filtered = filtered(network, &there, &filters, Direction::Inbound, trace);
            led_on(filtered, |trace| vec![reached(trace)])
        }
        (Err(unknown), _) | (_, Err(unknown)) => vec![lost(trace, unknown)],
    }
}
