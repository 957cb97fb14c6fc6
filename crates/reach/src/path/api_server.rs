//! To the API server of a cluster.
//!
//! The public endpoint is reached from public addresses, by whom the authorized ranges let in. The
//! private endpoint of private link, or the address that VNet integration takes in a subnet, is
//! reached within networks, whatever the ranges say ("Private clusters", "API Server VNet
//! Integration", Microsoft Learn, 2026).

use std::net::IpAddr;

use palisade_estate::azure::{Direction, ManagedCluster, PrivateEndpoint, Subnet, VirtualNetwork};
use palisade_estate::{Field, Unknown};
use palisade_packet::{AddressSet, PacketSet, PortSet, Product, Set, Traffic, Transport};

use super::arrival::interface_group;
use super::cross::subnet_at;
use super::start::NodeSite;
use super::trace::{Hop, HopKind, Trace, led_on};
use super::walk::{Asked, Sender, Walk, effect, filtered, of_one_family, routed};
use crate::azure::address::public_addresses;
use crate::azure::{
    Filters, Group, Network, Prefixes, PrivateWay, Translation, Vicinity, api_server_access,
    api_server_endpoint, endpoints,
};

/// A way to an API server.
pub struct Doorway {
    /// What it is: `public endpoint`, `private endpoint`, `address in subnet …`.
    pub name: String,
    /// What becomes of packets there.
    pub traces: Vec<Trace>,
}

/// The ways to the API server of a cluster for packets from public addresses, or from one address
/// in a network or behind its gateway, and why others aren't known.
pub fn to_api_server<'e>(
    network: &Network<'e>,
    cluster: &ManagedCluster<'e>,
    sources: &AddressSet,
) -> (Vec<Doorway>, Vec<Unknown>) {
    let public = sources.intersection(&public_addresses());
    let mut doorways = Vec::new();
    if !public.is_empty() {
        let packets: PacketSet =
            Product::of(public.clone(), Product::of(public_addresses(), https()));
        let packets = packets.intersection(&of_one_family());
        doorways.push(Doorway {
            name: PUBLIC.to_owned(),
            traces: at_public_endpoint(cluster, &Trace::of(packets)),
        });
    }
    let mut ranges = sources
        .difference(&public)
        .ranges()
        .collect::<Vec<_>>()
        .into_iter();
    let (Some((first, last)), None) = (ranges.next(), ranges.next()) else {
        return (doorways, Vec::new());
    };
    if first != last {
        return (doorways, Vec::new());
    }
    let (private, unknown) = from_within(network, cluster, first);
    doorways.extend(private);
    (doorways, unknown)
}

const PUBLIC: &str = "public endpoint";

fn https() -> Traffic {
    Traffic::to_ports(Transport::Tcp, PortSet::one(443))
}

/// What the public endpoint lets in of the packets that come to it.
pub fn at_public_endpoint(cluster: &ManagedCluster<'_>, trace: &Trace) -> Vec<Trace> {
    // What leaves by an address that isn't known has any public one.
    let public = public_addresses();
    let hidden = Translation {
        source: Some(public.clone()),
        ..Translation::default()
    };
    let packets = match trace.now().lefts().is_subset(&public) {
        true => trace.now().clone(),
        false => hidden.apply(trace.now()),
    };
    let parts = api_server_endpoint(cluster, &packets).into_iter();
    let hops = parts.map(|part| {
        trace.further(Hop {
            kind: HopKind::ApiServer,
            at: Some(cluster.id().clone()),
            rule: part.rule,
            effect: effect(&part.outcome).to_owned(),
            packets: part.packets,
            outcome: part.outcome,
        })
    });
    hops.collect()
}

/// Where packets from an address begin in Azure's network.
struct Origin<'e> {
    subnet: Subnet<'e>,
    sender: Sender<'e>,
}

fn from_within<'e>(
    network: &Network<'e>,
    cluster: &ManagedCluster<'e>,
    from: IpAddr,
) -> (Vec<Doorway>, Vec<Unknown>) {
    let origin = match origin(network, cluster, from) {
        Ok(origin) => origin,
        Err(unknown) => return (Vec::new(), vec![unknown]),
    };
    let access = api_server_access(cluster);
    let (mut doorways, mut unknown) = (Vec::new(), Vec::new());
    match inside(network, cluster, &access.private_way) {
        Ok(Some(inside)) => {
            let packets = Product::of(from.into(), Product::of(inside.addresses, https()));
            doorways.push(Doorway {
                name: inside.name,
                traces: lead(network, &origin, from, inside.subnet, packets),
            });
        }
        Ok(None) => {}
        Err(cause) => unknown.push(cause),
    }
    let is_machine = matches!(origin.sender, Sender::Machine);
    match access.is_public {
        Ok(false) => {}
        Ok(true) if is_machine => {
            let packets = Product::of(from.into(), Product::of(public_addresses(), https()));
            let traces = lead(network, &origin, from, None, packets);
            doorways.push(Doorway {
                name: PUBLIC.to_owned(),
                traces: led_on(traces, |trace| at_public_endpoint(cluster, trace)),
            });
        }
        Ok(true) => unknown.push(Unknown::because(
            "who is behind a gateway reaches the public endpoint by a way of its own",
            "ask about the public address that it has there",
        )),
        Err(cause) => unknown.push(cause),
    }
    (doorways, unknown)
}

/// The subnet that holds the address, or else that of the gateway by which it comes.
fn origin<'e>(
    network: &Network<'e>,
    cluster: &ManagedCluster<'e>,
    from: IpAddr,
) -> Result<Origin<'e>, Unknown> {
    let outside = match subnet_at(network.estate(), from) {
        Ok(subnet) => {
            return Ok(Origin {
                subnet,
                sender: Sender::Machine,
            });
        }
        Err(unknown) => unknown,
    };
    for subnet in cluster.subnets()? {
        let vicinity = Vicinity::of(network, subnet?);
        let address = AddressSet::from(from);
        let mut learned = vicinity.learned.iter();
        if !learned.any(|gateway| !gateway.prefixes.addresses().most.is_disjoint(&address)) {
            continue;
        }
        let own = vicinity.network.as_ref().ok().map(|home| home.id().clone());
        let peers = vicinity.peers.as_deref().unwrap_or_default().iter();
        let remotes = peers.filter_map(|peer| peer.remote.clone().present());
        for id in own.into_iter().chain(remotes) {
            let home = network.estate().require::<VirtualNetwork<'e>>(&id);
            let subnets = home.map(|home| home.subnets()).unwrap_or_default();
            let mut gateways = subnets.into_iter();
            if let Some(subnet) = gateways.find(|subnet| subnet.is_called(&["GatewaySubnet"])) {
                return Ok(Origin {
                    subnet,
                    sender: Sender::Gateway,
                });
            }
        }
    }
    Err(outside)
}

/// The API server within networks.
struct Inside<'e> {
    name: String,
    addresses: AddressSet,
    /// Its subnet, where it isn't a private endpoint. No network interface there has a network
    /// security group of its own.
    subnet: Option<Subnet<'e>>,
}

fn inside<'e>(
    network: &Network<'e>,
    cluster: &ManagedCluster<'e>,
    way: &Result<PrivateWay, Unknown>,
) -> Result<Option<Inside<'e>>, Unknown> {
    match way {
        Err(unknown) => Err(unknown.clone()),
        Ok(PrivateWay::None) => Ok(None),
        Ok(PrivateWay::PrivateLink) => {
            let addresses = private_endpoint_address(network, cluster)?;
            Ok(Some(Inside {
                name: "private endpoint".to_owned(),
                addresses,
                subnet: None,
            }))
        }
        Ok(PrivateWay::VnetIntegration) => match cluster.api_server_subnet() {
            Field::Present(id, _) => {
                let subnet = network.estate().require::<Subnet<'e>>(&id)?;
                let prefixes = Prefixes::read(Ok(subnet.address_prefixes()?));
                Ok(Some(Inside {
                    name: format!("address in subnet `{}`", id.name()),
                    addresses: prefixes.addresses().least,
                    subnet: Some(subnet),
                }))
            }
            Field::Absent(_) => Err(Unknown::because(
                format!(
                    "the subnet of the API server of `{}` isn't in the input",
                    cluster.name()
                ),
                "az aks show",
            )),
            Field::Unknown(unknown) => Err(unknown),
        },
    }
}

/// The address of the private endpoint that AKS makes in the subnet of the first nodes, or that
/// somebody has made for the cluster.
pub fn private_endpoint_address(
    network: &Network<'_>,
    cluster: &ManagedCluster<'_>,
) -> Result<AddressSet, Unknown> {
    let group = cluster.node_resource_group().present();
    let group = group.map(str::to_ascii_lowercase);
    let is_own = |endpoint: &PrivateEndpoint<'_>| {
        let connections = endpoint.connections().unwrap_or_default();
        let mut services = connections
            .iter()
            .filter_map(|connection| connection.reference("privateLinkServiceId").present());
        let is_in_group = group.is_some() && group.as_deref() == endpoint.id().resource_group();
        services.any(|service| service == *cluster.id())
            || (is_in_group && endpoint.name().eq_ignore_ascii_case("kube-apiserver"))
    };
    let mut all = network.estate().all::<PrivateEndpoint<'_>>();
    let unknown = || {
        Unknown::because(
            format!(
                "the private endpoint of `{}` isn't in the input",
                cluster.name()
            ),
            "az network private-endpoint list and az network nic list for the node resource group",
        )
    };
    let own = all.find(is_own).ok_or_else(unknown)?;
    let subnet = own.reference("subnet").present().ok_or_else(unknown)?;
    let subnet = network.estate().require::<Subnet<'_>>(&subnet)?;
    let vicinity = Vicinity::of(network, subnet);
    let mut near = endpoints(&vicinity).into_iter();
    let endpoint = near.find(|endpoint| endpoint.resource.id() == own.id());
    let addresses = endpoint.ok_or_else(unknown)?.addresses?;
    Ok(addresses.into_iter().map(AddressSet::from).collect())
}

/// Out of the subnet where packets begin; what comes from a gateway isn't filtered there.
fn lead<'e>(
    network: &Network<'e>,
    origin: &Origin<'e>,
    from: IpAddr,
    to: Option<Subnet<'e>>,
    packets: PacketSet,
) -> Vec<Trace> {
    let asked = Asked::default();
    let mut walk = Walk::from(network, &asked, origin.sender.clone());
    walk.receivers.extend(to.map(|subnet| NodeSite {
        pools: Vec::new(),
        subnet,
        interface: Group::None,
    }));
    let vicinity = Vicinity::of(network, origin.subnet);
    let trace = Trace::of(packets.intersection(&of_one_family()));
    let left = match origin.sender {
        Sender::Gateway => vec![trace],
        _ => {
            let interface = interface_group(network, &origin.subnet, &AddressSet::from(from));
            let filters = Filters::at(&vicinity, interface);
            filtered(network, &vicinity, &filters, Direction::Outbound, &trace)
        }
    };
    led_on(left, |trace| routed(&walk, &vicinity, trace))
}
