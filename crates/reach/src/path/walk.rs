//! Out of a subnet: the filters there, the route, and where it leads.

use std::cell::Cell;
use std::net::IpAddr;
use std::rc::Rc;

use palisade_estate::azure::{AzureFirewall, Direction, ManagedCluster, VirtualNetworkPeering};
use palisade_estate::{Field, ResourceId, Unknown};
use palisade_packet::{AddressSet, PacketSet, Product, Set, Traffic};

use super::appliance::appliance;
use super::arrival::{Arrival, arrive};
use super::start::{NodeSite, Start};
use super::trace::{Hop, HopKind, Trace, destinations, led_on, then};
use super::way_out::way_out;
use crate::azure::firewall::Question;
use crate::azure::{
    Filters, Layer, Leads, Network, Outcome, Passage, Prefixes, Routed, Rule, RuleAddresses,
    Translation, Vicinity, route, security,
};

/// What is asked about packets beside their addresses and ports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The name of the server that they are for, if they are for one.
    pub name: Option<String>,
    /// What firewalls on the way are asked.
    pub question: Question,
}

/// What holds all along a walk.
#[derive(Clone)]
pub(super) struct Walk<'n, 'e> {
    /// The network that is walked.
    pub(super) network: &'n Network<'e>,
    /// What is asked about packets beside their addresses.
    pub(super) asked: &'n Asked,
    /// The addresses of the servers that the sender's network asks for names.
    pub(super) dns_servers: Vec<IpAddr>,
    /// Whose way to the internet packets take.
    pub(super) sender: Sender<'e>,
    /// The addresses of the appliances that packets have passed.
    pub(super) passed: Vec<IpAddr>,
    /// The appliance that replies must pass, too, since it left the source of packets as it was.
    pub(super) held_by: Option<IpAddr>,
    /// How many more subnets may be walked out of: what may be routed everywhere could be led on
    /// without end.
    pub(super) legs: Rc<Cell<usize>>,
    /// The nodes of a cluster that packets are for.
    pub(super) receivers: Vec<NodeSite<'e>>,
}

impl<'n, 'e> Walk<'n, 'e> {
    /// A walk that has passed nothing.
    pub(super) fn from(network: &'n Network<'e>, asked: &'n Asked, sender: Sender<'e>) -> Self {
        Self {
            network,
            asked,
            dns_servers: Vec::new(),
            sender,
            passed: Vec::new(),
            held_by: None,
            legs: Rc::new(Cell::new(MOST_LEGS)),
            receivers: Vec::new(),
        }
    }

    /// The nodes that packets are for, in the subnet that holds an address.
    pub(super) fn receiver_at(&self, address: IpAddr) -> Option<&NodeSite<'e>> {
        let address = AddressSet::from(address);
        self.receivers.iter().find(|site| {
            let own = Prefixes::read(site.subnet.address_prefixes()).addresses();
            address.is_subset(&own.least)
        })
    }
}

/// The most subnets that are walked out of for one question.
const MOST_LEGS: usize = 2_000;

/// Whose way to the internet packets take.
#[derive(Clone)]
pub(super) enum Sender<'e> {
    /// That of the nodes of a cluster.
    Nodes(ManagedCluster<'e>),
    /// The public addresses of a firewall.
    Firewall(AzureFirewall<'e>),
    /// That of some machine of a subnet.
    Machine,
    /// None: packets come from beyond a gateway.
    Gateway,
}

/// Leads packets of a cluster's pods out of the subnet where they start.
pub fn leave<'e>(
    network: &Network<'e>,
    cluster: &ManagedCluster<'e>,
    start: &Start<'e>,
    asked: &Asked,
    packets: &PacketSet,
) -> Vec<Trace> {
    let vicinity = Vicinity::of(network, start.subnet);
    let mut walk = Walk::from(network, asked, Sender::Nodes(*cluster));
    walk.dns_servers = dns_servers(&vicinity);
    let mut traces = Vec::new();
    for trace in with_source(start, asked, packets) {
        if trace.is_over() {
            traces.push(trace);
            continue;
        }
        let filters = Filters::at(&vicinity, start.interface.clone());
        let filtered = filtered(network, &vicinity, &filters, Direction::Outbound, &trace);
        traces.extend(led_on(filtered, |trace| routed(&walk, &vicinity, trace)));
    }
    traces
}

fn dns_servers(vicinity: &Vicinity<'_>) -> Vec<IpAddr> {
    let home = vicinity.network.as_ref().ok();
    let servers = home.and_then(|home| home.dns_servers().ok());
    let servers = servers.unwrap_or_default().into_iter();
    servers.filter_map(|(text, _)| text.parse().ok()).collect()
}

/// Packets with the source address that the start gives them. Who connects to a name takes an
/// address of a family that it has itself.
fn with_source(start: &Start<'_>, asked: &Asked, packets: &PacketSet) -> Vec<Trace> {
    let translation = Translation {
        source: Some(start.sources.clone()),
        ..Translation::default()
    };
    let translated = translation.apply(packets);
    let possible = translated.intersection(&of_one_family());
    let others = match asked.name.is_some() && !possible.is_empty() {
        true => PacketSet::empty(),
        false => translated.difference(&possible),
    };
    let no_address = "has no address of the destination's family";
    let cases = [
        (others, no_address, Outcome::Denied),
        (possible, start.effect, Outcome::Allowed),
    ];
    let cases = cases
        .into_iter()
        .filter(|(packets, ..)| !packets.is_empty());
    let trace = |(translated, effect, outcome): (PacketSet, &str, Outcome)| {
        let there = Product::of(destinations(&translated), Traffic::full());
        let before = packets.intersection(&Product::of(AddressSet::full(), there));
        Trace::of(before).further(Hop {
            kind: HopKind::SourceTranslation,
            at: Some(start.subnet.id().clone()),
            rule: start.rule.clone(),
            effect: effect.to_owned(),
            packets: translated,
            outcome,
        })
    };
    cases.map(trace).collect()
}

/// Packets from IPv4 to IPv4 and from IPv6 to IPv6.
pub(super) fn of_one_family() -> PacketSet {
    let within = |family: AddressSet| -> PacketSet {
        Product::of(family.clone(), Product::of(family, Traffic::full()))
    };
    within(AddressSet::all_v4()).union(&within(AddressSet::all_v6()))
}

/// The filters at one place.
pub(super) fn filtered<'e>(
    network: &Network<'e>,
    vicinity: &Vicinity<'e>,
    filters: &Filters<'e>,
    direction: Direction,
    trace: &Trace,
) -> Vec<Trace> {
    let addresses = RuleAddresses::at(network, vicinity);
    let passages = security(filters, direction, &addresses, trace.now());
    let passages = passages.into_iter();
    passages
        .map(|passage| passed(vicinity, trace, passage))
        .collect()
}

fn passed(vicinity: &Vicinity<'_>, trace: &Trace, passage: Passage) -> Trace {
    let mut next = trace.clone();
    for step in passage.steps {
        let kind = match step.layer {
            Layer::AdminRules => HopKind::AdminRules,
            Layer::Subnet => HopKind::SubnetGroup,
            Layer::Interface => HopKind::InterfaceGroup,
        };
        next.hops.push(Hop {
            kind,
            at: Some(vicinity.subnet.id().clone()),
            rule: step.rule,
            effect: effect(&step.outcome).to_owned(),
            packets: passage.packets.clone(),
            outcome: step.outcome,
        });
    }
    if next.hops.len() == trace.hops.len()
        && let Some(hop) = next.hops.last_mut()
    {
        hop.packets = passage.packets;
    }
    next.outcome = then(&trace.outcome, &passage.outcome);
    next
}

pub(super) fn effect(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Allowed => "allows",
        Outcome::Denied => "denies",
        Outcome::Uncertain(_) => "perhaps",
    }
}

/// The route out of a subnet, and where it leads.
pub(super) fn routed<'e>(
    walk: &Walk<'_, 'e>,
    vicinity: &Vicinity<'e>,
    trace: &Trace,
) -> Vec<Trace> {
    let Some(legs) = walk.legs.get().checked_sub(1) else {
        let cause = "packets may take too many ways to follow all of them";
        let unknown = Unknown::because(cause, "ask about one address and one port");
        return vec![lost(trace, &unknown)];
    };
    walk.legs.set(legs);
    let mut traces = Vec::new();
    for part in route(walk.network, vicinity, trace.now()) {
        let (leads, causes) = match part.outcome {
            Routed::To(leads) => (vec![leads], Vec::new()),
            Routed::Uncertain { leads, causes } => (leads, causes),
        };
        // Each way that packets may take is walked.
        for leads in leads {
            let next = trace.further(Hop {
                kind: HopKind::Route,
                at: Some(vicinity.subnet.id().clone()),
                rule: part.rule.clone(),
                effect: leads.text(),
                packets: part.packets.clone(),
                outcome: match (&leads, causes.is_empty()) {
                    (Leads::Nowhere, true) => Outcome::Denied,
                    (_, true) => Outcome::Allowed,
                    (_, false) => Outcome::Uncertain(causes.clone()),
                },
            });
            let onward = |trace: &Trace| onward(walk, vicinity, trace, &leads);
            traces.extend(led_on(vec![next], onward));
        }
    }
    traces
}

fn onward<'e>(
    walk: &Walk<'_, 'e>,
    vicinity: &Vicinity<'e>,
    trace: &Trace,
    leads: &Leads,
) -> Vec<Trace> {
    match leads {
        Leads::Platform => vec![trace.further(end("platform", "reaches Azure's platform", trace))],
        Leads::Local => arrive(walk, Arrival::Own(vicinity), trace),
        Leads::Peering(Some(remote)) => {
            let taken = taken_in(walk, vicinity, remote, trace);
            led_on(vec![taken], |trace| {
                arrive(walk, Arrival::Peer(remote), trace)
            })
        }
        Leads::PrivateEndpoint(id) => arrive(walk, Arrival::Endpoint(vicinity, id), trace),
        Leads::Internet => way_out(&walk.sender, vicinity, trace),
        Leads::Appliance(address) => appliance(walk, vicinity, *address, trace),
        Leads::Gateway => vec![trace.further(end(
            "gateway",
            "leaves Azure's network through the gateway",
            trace,
        ))],
        Leads::ServiceEndpoint(service) => vec![trace.further(end(
            service,
            "reaches the service, whose own firewall isn't asked",
            trace,
        ))],
        Leads::Nowhere => vec![trace.clone()],
        Leads::Peering(None) => vec![open(
            trace,
            "the input doesn't say which network this is peered with",
        )],
        Leads::Unknown(_) => vec![trace.clone()],
    }
}

/// Packets that didn't begin in the network on this side are taken in by the other side only if its
/// peering says `allowForwardedTraffic` ("Create, change, or delete a virtual network peering",
/// Microsoft Learn).
fn taken_in(
    walk: &Walk<'_, '_>,
    vicinity: &Vicinity<'_>,
    remote: &ResourceId,
    trace: &Trace,
) -> Trace {
    let own = vicinity.own.addresses();
    let sources = trace.now().lefts();
    // What comes in by a gateway is let on to whoever uses the gateway, which is how its routes
    // were learned.
    let is_from_gateway = matches!(walk.sender, Sender::Gateway);
    if is_from_gateway || sources.is_subset(&own.least) {
        return trace.clone();
    }
    let estate = vicinity.subnet.estate();
    let home = vicinity.subnet.id().parent();
    let mut peerings = estate
        .children::<VirtualNetworkPeering<'_>>(remote)
        .into_iter();
    let peering = peerings.find(|peering| peering.remote_virtual_network().present() == home);
    let Some(peering) = peering else {
        let cause = format!(
            "whether `{}` takes in packets that were forwarded to it isn't in the input",
            remote.name()
        );
        let unknown = Unknown::because(cause, format!("az network vnet show --ids {remote}"));
        return lost(trace, &unknown);
    };
    let (effect, outcome) = match peering.allows_forwarded_traffic() {
        Field::Present(true, _) => return trace.clone(),
        Field::Present(false, _) if sources.is_disjoint(&own.most) => {
            ("takes in no packets that began elsewhere", Outcome::Denied)
        }
        Field::Present(false, _) => (
            "takes in no packets that began elsewhere",
            Outcome::Uncertain(vec![Unknown::because(
                "whether packets began in the network that they come from isn't in the input",
                "ask about one source",
            )]),
        ),
        Field::Absent(_) => (
            "perhaps takes in packets that began elsewhere",
            Outcome::Uncertain(vec![Unknown::because(
                format!(
                    "peering `{}` doesn't say `allowForwardedTraffic`",
                    peering.name()
                ),
                "set it",
            )]),
        ),
        Field::Unknown(unknown) => (
            "perhaps takes in packets that began elsewhere",
            Outcome::Uncertain(vec![unknown]),
        ),
    };
    trace.further(Hop {
        kind: HopKind::Peering,
        at: Some(remote.clone()),
        rule: Rule::written(
            format!("allowForwardedTraffic of `{}`", peering.name()),
            remote,
            &peering,
        ),
        effect: effect.to_owned(),
        packets: trace.now().clone(),
        outcome,
    })
}

/// Where a walk ends without anything that decides.
fn end(name: &str, effect: &str, trace: &Trace) -> Hop {
    Hop {
        kind: HopKind::Destination,
        at: None,
        rule: Rule::absent(name),
        effect: effect.to_owned(),
        packets: trace.now().clone(),
        outcome: Outcome::Allowed,
    }
}

/// Where a walk ends since the input doesn't tell more.
pub(super) fn open(trace: &Trace, cause: &str) -> Trace {
    lost(trace, &Unknown::because(cause, "az network vnet list"))
}

pub(super) fn lost(trace: &Trace, unknown: &Unknown) -> Trace {
    let mut hop = end("unknown", &unknown.cause, trace);
    hop.outcome = Outcome::Uncertain(vec![unknown.clone()]);
    trace.further(hop)
}
