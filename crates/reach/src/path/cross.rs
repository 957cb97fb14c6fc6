//! Between the nodes of a cluster.
//!
//! What Azure's network sees of packets between pods hangs on the network plugin. With overlay
//! they keep their addresses and aren't encapsulated: network security groups act on them, routes
//! don't, since they travel in a routing domain of the cluster's own ("Azure CNI Overlay
//! networking", Microsoft Learn, 2026-08). With kubenet a route leads to the node that has the
//! range of the pod ("Use kubenet networking", Microsoft Learn, 2026). Else pods are machines of
//! their subnet like others. Packets between pods on one node never reach Azure's network.

use std::net::IpAddr;

use palisade_estate::azure::{Direction, ManagedCluster, Subnet, VirtualNetwork};
use palisade_estate::{Estate, Field, Unknown};
use palisade_packet::{AddressSet, PacketSet, Product, Set, Traffic};

use super::arrival::interface_group;
use super::start::{NodeSite, node_sites, pod_sites, translation};
use super::trace::{Hop, HopKind, Trace, led_on};
use super::walk::{Asked, Sender, Walk, filtered, of_one_family, routed};
use crate::azure::{Bounds, Filters, Network, Outcome, Prefixes, Rule, Vicinity, endpoints};

/// Packets that cross from the nodes of one subnet to other nodes.
pub struct Crossing<'e> {
    /// The agent pools whose nodes stand there.
    pub pools: Vec<&'e str>,
    /// The subnet that they come out of.
    pub subnet: Subnet<'e>,
    /// What becomes of them.
    pub traces: Vec<Trace>,
}

/// Who sends or receives in a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resident {
    /// Whether they are nodes, or pods on the networks of their nodes.
    pub is_host: bool,
    /// Their addresses, where they are known.
    pub addresses: Option<AddressSet>,
}

/// How pods are connected.
enum PodNetwork {
    /// By a routing domain of their own.
    Overlay(Rule, AddressSet),
    /// By a route to each node.
    Kubenet(AddressSet),
    /// As machines of a subnet.
    Flat,
}

/// Leads packets from some nodes of a cluster to other nodes, from each subnet by itself.
pub fn cross<'e>(
    network: &Network<'e>,
    cluster: &ManagedCluster<'e>,
    from: &Resident,
    to: &Resident,
    traffic: &Traffic,
) -> Result<Vec<Crossing<'e>>, Unknown> {
    let plan = PodNetwork::of(cluster)?;
    let receivers = plan.sites(cluster, to)?;
    let targets = receivers
        .iter()
        .map(|site| plan.addresses(network, to, site));
    let targets = targets.fold(AddressSet::empty(), |all, one| all.union(&one));
    // What goes to a node has its own node's address where pods have none of the network's.
    let is_translated = to.is_host && !from.is_host && !matches!(plan, PodNetwork::Flat);
    let sender = match is_translated {
        true => &Resident {
            is_host: true,
            addresses: None,
        },
        false => from,
    };
    let mut crossings = Vec::new();
    for site in plan.sites(cluster, from)? {
        let sources = plan.addresses(network, sender, &site);
        let there = Product::of(targets.clone(), traffic.clone());
        let packets: PacketSet = Product::of(sources, there);
        let packets = packets.intersection(&of_one_family());
        if packets.is_empty() {
            continue;
        }
        let traces = match &plan {
            PodNetwork::Overlay(rule, range) if !to.is_host => {
                in_overlay(network, (rule, range), &site, &receivers, packets)
            }
            _ => by_routes(network, Sender::Nodes(*cluster), &site, &receivers, packets),
        };
        crossings.push(Crossing {
            pools: site.pools,
            subnet: site.subnet,
            traces,
        });
    }
    match crossings.is_empty() {
        true => Err(Unknown::because(
            "the addresses lie in none of the ranges of the cluster's pods and nodes",
            "az aks show with the subnets of its agent pools",
        )),
        false => Ok(crossings),
    }
}

impl PodNetwork {
    fn of(cluster: &ManagedCluster<'_>) -> Result<Self, Unknown> {
        let Some(rule) = translation(cluster)? else {
            return Ok(Self::Flat);
        };
        let range = pod_range(cluster)?;
        let is_overlay = !matches!(cluster.network_plugin_mode(), Field::Absent(_));
        Ok(match is_overlay {
            true => Self::Overlay(rule, range),
            false => Self::Kubenet(range),
        })
    }

    fn sites<'e>(
        &self,
        cluster: &ManagedCluster<'e>,
        who: &Resident,
    ) -> Result<Vec<NodeSite<'e>>, Unknown> {
        match self {
            Self::Flat if !who.is_host => pod_sites(cluster),
            _ => node_sites(cluster),
        }
    }

    /// The addresses that somebody may have at a subnet.
    fn addresses<'e>(
        &self,
        network: &Network<'e>,
        who: &Resident,
        site: &NodeSite<'e>,
    ) -> AddressSet {
        let possible = match self {
            Self::Overlay(_, range) | Self::Kubenet(range) if !who.is_host => range.clone(),
            _ => {
                let own = Prefixes::read(site.subnet.address_prefixes()).addresses();
                own.most.difference(&of_endpoints(network, site))
            }
        };
        match &who.addresses {
            Some(known) => possible.intersection(known),
            None => possible,
        }
    }
}

/// The addresses of private endpoints, which neither pods nor nodes have.
fn of_endpoints<'e>(network: &Network<'e>, site: &NodeSite<'e>) -> AddressSet {
    let vicinity = Vicinity::of(network, site.subnet);
    let known = endpoints(&vicinity).into_iter();
    let addresses = known.flat_map(|endpoint| endpoint.addresses.unwrap_or_default());
    addresses.map(AddressSet::from).collect()
}

/// `networkProfile.podCidrs`, or the one of `podCidr`.
fn pod_range(cluster: &ManagedCluster<'_>) -> Result<AddressSet, Unknown> {
    let mut texts = cluster.texts("networkProfile.podCidrs")?;
    if texts.is_empty() {
        texts.extend(cluster.text("networkProfile.podCidr").found());
    }
    let texts = texts.into_iter().map(|(text, _)| text);
    let prefixes = Prefixes::read(Ok(texts));
    match prefixes.certain.is_empty() {
        true => Err(Unknown::because(
            format!(
                "the range of the pods of `{}` isn't in the input",
                cluster.name()
            ),
            "az aks show",
        )),
        false => Ok(prefixes.addresses().most),
    }
}

/// Network security groups see the addresses of pods. That these are part of the tag
/// `VirtualNetwork` isn't written down, but follows: with no rules but Azure's own ones, pods
/// reach each other.
fn in_overlay<'e>(
    network: &Network<'e>,
    (rule, range): (&Rule, &AddressSet),
    site: &NodeSite<'e>,
    receivers: &[NodeSite<'e>],
    packets: PacketSet,
) -> Vec<Trace> {
    let at = |site: &NodeSite<'e>, direction, trace: &Trace| {
        let mut vicinity = Vicinity::of(network, site.subnet);
        vicinity.tag = vicinity.tag.union(&Bounds::exactly(range.clone()));
        let filters = Filters::at(&vicinity, site.interface.clone());
        filtered(network, &vicinity, &filters, direction, trace)
    };
    let left = at(site, Direction::Outbound, &Trace::of(packets));
    led_on(left, |trace| {
        let across = trace.further(Hop {
            kind: HopKind::Route,
            at: Some(site.subnet.id().clone()),
            rule: rule.clone(),
            effect: "in the routing domain of the cluster's pods".to_owned(),
            packets: trace.now().clone(),
            outcome: Outcome::Allowed,
        });
        let arrived = receivers.iter();
        arrived
            .flat_map(|site| at(site, Direction::Inbound, &across))
            .collect()
    })
}

fn by_routes<'e>(
    network: &Network<'e>,
    sender: Sender<'e>,
    site: &NodeSite<'e>,
    receivers: &[NodeSite<'e>],
    packets: PacketSet,
) -> Vec<Trace> {
    let asked = Asked::default();
    let mut walk = Walk::from(network, &asked, sender);
    walk.receivers = receivers.to_vec();
    let vicinity = Vicinity::of(network, site.subnet);
    let filters = Filters::at(&vicinity, site.interface.clone());
    let trace = Trace::of(packets);
    let left = filtered(network, &vicinity, &filters, Direction::Outbound, &trace);
    led_on(left, |trace| routed(&walk, &vicinity, trace))
}

/// Leads packets from a machine in a network of the estate to pods or nodes of a cluster, by their
/// own addresses.
pub fn approach<'e>(
    network: &Network<'e>,
    cluster: &ManagedCluster<'e>,
    from: IpAddr,
    to: &Resident,
    traffic: &Traffic,
) -> Result<Crossing<'e>, Unknown> {
    let plan = PodNetwork::of(cluster)?;
    let receivers = plan.sites(cluster, to)?;
    let targets = receivers
        .iter()
        .map(|site| plan.addresses(network, to, site));
    let targets = targets.fold(AddressSet::empty(), |all, one| all.union(&one));
    let subnet = subnet_at(network.estate(), from)?;
    let from = AddressSet::from(from);
    let site = NodeSite {
        pools: Vec::new(),
        subnet,
        interface: interface_group(network, &subnet, &from),
    };
    let packets: PacketSet = Product::of(from, Product::of(targets, traffic.clone()));
    let packets = packets.intersection(&of_one_family());
    Ok(Crossing {
        traces: by_routes(network, Sender::Machine, &site, &receivers, packets),
        pools: site.pools,
        subnet,
    })
}

/// The subnet that holds an address.
pub(super) fn subnet_at(estate: &Estate, address: IpAddr) -> Result<Subnet<'_>, Unknown> {
    let set = AddressSet::from(address);
    let networks = estate.all::<VirtualNetwork<'_>>();
    let holds = |subnet: &Subnet<'_>| {
        let own = Prefixes::read(subnet.address_prefixes()).addresses();
        set.is_subset(&own.least)
    };
    let mut found = networks.flat_map(|network| network.subnets()).filter(holds);
    match (found.next(), found.next()) {
        (Some(subnet), None) => Ok(subnet),
        (Some(one), Some(other)) => Err(Unknown::because(
            format!("both `{}` and `{}` hold {address}", one.id(), other.id()),
            "ask with one of the networks alone",
        )),
        (None, _) => Err(Unknown::because(
            format!("no subnet in the input holds {address}"),
            "az network vnet list",
        )),
    }
}
