//! Out of a subnet: the filters there, the route, and where it leads.

use palisade_estate::Unknown;
use palisade_estate::azure::{Direction, ManagedCluster};
use palisade_packet::{AddressSet, PacketSet, Product, Set, Traffic};

use super::appliance::appliance;
use super::arrival::{Arrival, arrive};
use super::start::Start;
use super::trace::{Hop, HopKind, Trace, led_on, then};
use super::way_out::way_out;
use crate::azure::{
    Filters, Layer, Leads, Network, Outcome, Passage, Routed, Rule, RuleAddresses, Translation,
    Vicinity, route, security,
};

/// Leads packets of a cluster's pods out of the subnet where they start.
pub fn leave<'e>(
    network: &Network<'e>,
    cluster: &ManagedCluster<'e>,
    start: &Start<'e>,
    packets: &PacketSet,
) -> Vec<Trace> {
    let translation = Translation {
        source: Some(start.sources.clone()),
        ..Translation::default()
    };
    let source = |effect: &str, translated: PacketSet, outcome| {
        let to = destinations(&translated);
        let there = Product::of(to, Traffic::full());
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
    let translated = translation.apply(packets);
    let possible = translated.intersection(&of_one_family());
    let others = translated.difference(&possible);
    let mut traces = Vec::new();
    if !others.is_empty() {
        let effect = "has no address of the destination's family";
        traces.push(source(effect, others, Outcome::Denied));
    }
    if possible.is_empty() {
        return traces;
    }
    let trace = source(start.effect, possible, Outcome::Allowed);
    let vicinity = Vicinity::of(network, start.subnet);
    let filters = Filters::at(&vicinity, start.interface.clone());
    let filtered = filtered(network, &vicinity, &filters, Direction::Outbound, &trace);
    let routed = |trace: &Trace| routed(network, cluster, &vicinity, trace);
    traces.extend(led_on(filtered, routed));
    traces
}

fn destinations(packets: &PacketSet) -> AddressSet {
    let parts = packets.parts().iter();
    parts.fold(AddressSet::empty(), |all, (_, rest)| {
        all.union(&rest.lefts())
    })
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

fn routed<'e>(
    network: &Network<'e>,
    cluster: &ManagedCluster<'e>,
    vicinity: &Vicinity<'e>,
    trace: &Trace,
) -> Vec<Trace> {
    let mut traces = Vec::new();
    for part in route(network, vicinity, trace.now()) {
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
                effect: leads_text(&leads),
                packets: part.packets.clone(),
                outcome: match (&leads, causes.is_empty()) {
                    (Leads::Nowhere, true) => Outcome::Denied,
                    (_, true) => Outcome::Allowed,
                    (_, false) => Outcome::Uncertain(causes.clone()),
                },
            });
            let onward = |trace: &Trace| onward(network, cluster, vicinity, trace, &leads);
            traces.extend(led_on(vec![next], onward));
        }
    }
    traces
}

fn onward<'e>(
    network: &Network<'e>,
    cluster: &ManagedCluster<'e>,
    vicinity: &Vicinity<'e>,
    trace: &Trace,
    leads: &Leads,
) -> Vec<Trace> {
    match leads {
        Leads::Platform => vec![trace.further(end("platform", "reaches Azure's platform", trace))],
        Leads::Local => arrive(network, Arrival::Own(vicinity), trace),
        Leads::Peering(Some(remote)) => arrive(network, Arrival::Peer(remote), trace),
        Leads::PrivateEndpoint(id) => arrive(network, Arrival::Endpoint(vicinity, id), trace),
        Leads::Internet => way_out(cluster, vicinity, trace),
        Leads::Appliance(address) => vec![appliance(network.estate(), *address, trace)],
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

/// Where a route leads, in words.
pub(super) fn leads_text(leads: &Leads) -> String {
    match leads {
        Leads::Platform => "to the platform".to_owned(),
        Leads::Local => "stays in the network".to_owned(),
        Leads::Peering(Some(remote)) => format!("over the peering to `{}`", remote.name()),
        Leads::Peering(None) => "over a peering".to_owned(),
        Leads::Gateway => "to the gateway".to_owned(),
        Leads::Internet => "to the internet".to_owned(),
        Leads::ServiceEndpoint(service) => format!("by the service endpoint to {service}"),
        Leads::PrivateEndpoint(id) => format!("to private endpoint `{}`", id.name()),
        Leads::Appliance(address) => format!("to the appliance at {address}"),
        Leads::Nowhere => "nowhere: dropped".to_owned(),
        Leads::Unknown(unknown) => format!("unknown: {}", unknown.cause),
    }
}
