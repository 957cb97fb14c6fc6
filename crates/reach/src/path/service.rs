//! Into a cluster by the load balancer of a Service.

use std::net::IpAddr;

use ipnet::IpNet;
use palisade_document::Value;
use palisade_estate::azure::{Direction, ManagedCluster, Subnet};
use palisade_estate::kubernetes::is_internal_load_balancer;
use palisade_estate::{Object, Unknown};
use palisade_packet::{AddressSet, PacketSet, PortSet, Product, Set, Traffic, Transport};

use super::arrival::{replied, settles};
use super::start::{NodeSite, node_sites};
use super::trace::{Hop, HopKind, Trace, led_on};
use super::walk::{effect, filtered, of_one_family};
use crate::azure::address::public_addresses;
use crate::azure::{
    Filters, Group, Network, Outcome, Rule, RuleAddresses, ServiceAccess, Vicinity, service_rule,
    service_rules,
};

/// Where the load balancer of a Service hands packets to nodes.
pub struct Entrance<'e> {
    /// The agent pools whose nodes stand there.
    pub pools: Vec<&'e str>,
    /// The subnet of the nodes.
    pub subnet: Subnet<'e>,
    /// What becomes of the packets.
    pub traces: Vec<Trace>,
}

/// Leads packets from some addresses to the frontends of a Service of type `LoadBalancer`, and on
/// to the nodes of each subnet.
///
/// With floating IP the filters at the nodes see the frontend as destination. The subnet's network
/// security group must let them in by itself, since AKS writes its rules into the group of the
/// nodes alone ("Networking concepts for AKS", Microsoft Learn, 2026).
pub fn come_in<'e>(
    network: &Network<'e>,
    cluster: &ManagedCluster<'e>,
    service: &Object<'e>,
    sources: &AddressSet,
) -> Result<Vec<Entrance<'e>>, Unknown> {
    let floating = "service.beta.kubernetes.io/azure-disable-load-balancer-floating-ip";
    let is_off = |value: Value<'_>| value.scalar().eq_ignore_ascii_case("true");
    if service.annotation(floating).is_some_and(is_off) {
        return Err(Unknown::because(
            "without floating IP the rules name the nodes, whose addresses aren't in the input",
            "ask about a node",
        ));
    }
    let frontends = frontends(service)?;
    let to: AddressSet = frontends.iter().copied().map(AddressSet::from).collect();
    let packets: PacketSet = Product::of(sources.clone(), Product::of(to, traffic(service)));
    let packets = packets.intersection(&of_one_family());
    if packets.is_empty() {
        return Ok(Vec::new());
    }
    let sites = node_sites(cluster)?.into_iter();
    let access = service_rules(service, &frontends, &[])?;
    let entrance = |site: NodeSite<'e>| {
        let traces = at_load_balancer(service, &packets);
        Entrance {
            traces: led_on(traces, |trace| {
                to_nodes(network, service, &site, &access, trace)
            }),
            pools: site.pools,
            subnet: site.subnet,
        }
    };
    Ok(sites.map(entrance).collect())
}

/// The filters at the nodes, what the node itself drops, and the route of the reply.
///
/// Where the group of the nodes isn't in the input, the rules that the cloud provider writes into
/// it are asked in its place.
fn to_nodes<'e>(
    network: &Network<'e>,
    service: &Object<'e>,
    site: &NodeSite<'e>,
    access: &ServiceAccess,
    trace: &Trace,
) -> Vec<Trace> {
    let vicinity = Vicinity::of(network, site.subnet);
    let is_written = matches!(site.interface, Group::Unknown(..));
    let interface = match is_written {
        true => Group::None,
        false => site.interface.clone(),
    };
    let filters = Filters::at(&vicinity, interface);
    let mut traces = filtered(network, &vicinity, &filters, Direction::Inbound, trace);
    if is_written {
        let addresses = RuleAddresses::at(network, &vicinity);
        traces = led_on(traces, |trace| {
            by_written_rules(service, access, &addresses, trace)
        });
    }
    let traces = led_on(traces, |trace| at_node(service, trace));
    led_on(traces, |trace| {
        vec![replied(network, &vicinity, trace, None, &settles)]
    })
}

fn by_written_rules(
    service: &Object<'_>,
    access: &ServiceAccess,
    addresses: &RuleAddresses<'_, '_>,
    trace: &Trace,
) -> Vec<Trace> {
    let parts = service_rule(access, service, addresses, trace.now()).into_iter();
    let hops = parts.map(|part| {
        trace.further(Hop {
            kind: HopKind::InterfaceGroup,
            at: None,
            rule: part.rule,
            effect: effect(&part.outcome).to_owned(),
            packets: part.packets,
            outcome: part.outcome,
        })
    });
    hops.collect()
}

/// The node lets in the ranges of `loadBalancerSourceRanges` alone, if there are any ("Use a
/// public standard load balancer in AKS", Microsoft Learn, 2026). Azure's own annotations hold in
/// the network security group only.
fn at_node(service: &Object<'_>, trace: &Trace) -> Vec<Trace> {
    let field = service.get("spec.loadBalancerSourceRanges");
    let Some(list) = field.filter(|list| list.items().len() > 0) else {
        return vec![trace.clone()];
    };
    let ranges = list
        .items()
        .filter_map(|range| range.scalar().trim().parse::<IpNet>().ok());
    let allowed: AddressSet = ranges.map(AddressSet::from).collect();
    let hop = |sources: AddressSet, effect: &str, outcome| {
        let anywhere = Product::of(AddressSet::full(), Traffic::full());
        let packets = trace.now().intersection(&Product::of(sources, anywhere));
        (!packets.is_empty()).then(|| {
            trace.further(Hop {
                kind: HopKind::Node,
                at: None,
                rule: Rule {
                    name: "loadBalancerSourceRanges".to_owned(),
                    resource: None,
                    origin: Some(list.origin()),
                },
                effect: effect.to_owned(),
                packets,
                outcome,
            })
        })
    };
    let others = allowed.complement();
    let passes = hop(allowed, "the node takes them in", Outcome::Allowed);
    let drops = hop(others, "the node drops other sources", Outcome::Denied);
    passes.into_iter().chain(drops).collect()
}

/// The addresses that the load balancer has, as the Service's status says, else as it asks for.
pub fn frontends(service: &Object<'_>) -> Result<Vec<IpAddr>, Unknown> {
    let given = service.get("status.loadBalancer.ingress");
    let given = given.into_iter().flat_map(Value::items);
    let given = given.filter_map(|ingress| ingress.get("ip"));
    let mut texts: Vec<_> = given.map(Value::scalar).collect();
    if texts.is_empty() {
        let asked = ["ipv4", "ipv6"].map(|family| {
            service.annotation(&format!(
                "service.beta.kubernetes.io/azure-load-balancer-{family}"
            ))
        });
        texts.extend(asked.into_iter().flatten().map(Value::scalar));
        texts.extend(service.get("spec.loadBalancerIP").map(Value::scalar));
    }
    let addresses: Vec<IpAddr> = texts.iter().filter_map(|text| text.parse().ok()).collect();
    match addresses.is_empty() {
        true => Err(Unknown::because(
            format!(
                "the address of the load balancer of `{}` isn't in the input",
                service.name()
            ),
            "kubectl get service -A -o json",
        )),
        false => Ok(addresses),
    }
}

fn traffic(service: &Object<'_>) -> Traffic {
    let ports = service.get("spec.ports").into_iter().flat_map(Value::items);
    let ports = ports.filter_map(|port| {
        let protocol = port.get("protocol").map_or("TCP", Value::scalar);
        let number = u16::try_from(port.get("port")?.as_i64()?).ok()?;
        Some(Traffic::to_ports(
            Transport::named(protocol)?,
            PortSet::one(number),
        ))
    });
    ports.fold(Traffic::empty(), |all, one| all.union(&one))
}

/// A frontend inside a network has no way to it from the internet.
fn at_load_balancer(service: &Object<'_>, packets: &PacketSet) -> Vec<Trace> {
    let from = |sources: AddressSet| -> PacketSet {
        let anywhere = Product::of(AddressSet::full(), Traffic::full());
        packets.intersection(&Product::of(sources, anywhere))
    };
    let hop = |packets: PacketSet, effect: &str, outcome| {
        Trace::of(packets.clone()).further(Hop {
            kind: HopKind::LoadBalancer,
            at: None,
            rule: named(service),
            effect: effect.to_owned(),
            packets,
            outcome,
        })
    };
    if !is_internal_load_balancer(service) {
        return vec![hop(
            packets.clone(),
            "the public frontend takes them in",
            Outcome::Allowed,
        )];
    }
    let (public, private) = (
        from(public_addresses()),
        from(public_addresses().complement()),
    );
    let mut traces = Vec::new();
    if !public.is_empty() {
        let effect = "the internet has no way to a frontend inside the network";
        traces.push(hop(public, effect, Outcome::Denied));
    }
    if !private.is_empty() {
        traces.push(hop(
            private,
            "the frontend inside the network takes them in",
            Outcome::Allowed,
        ));
    }
    traces
}

fn named(service: &Object<'_>) -> Rule {
    Rule {
        name: format!(
            "Service {}/{}",
            service.namespace().unwrap_or_default(),
            service.name()
        ),
        resource: None,
        origin: Some(service.anchor().origin()),
    }
}
