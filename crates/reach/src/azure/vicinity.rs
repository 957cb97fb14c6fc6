//! What a subnet is connected to, and what the tags of its rules mean there.

use std::net::IpAddr;

use ipnet::IpNet;
use palisade_estate::azure::{NextHop, Route, RouteTable, Subnet, VirtualNetwork};
use palisade_estate::{Field, Unknown};
use palisade_packet::{AddressSet, Set};

use super::address::{PLATFORM, prefix};
use super::gateway::{Learned, learned};
use super::peering::{Peer, network_of, peers};
use super::{Bounds, Network, Prefixes, ServiceTags};

/// A subnet with its network, peers, gateways and routes.
pub struct Vicinity<'e> {
    /// The subnet.
    pub subnet: Subnet<'e>,
    /// Its network.
    pub network: Result<VirtualNetwork<'e>, Unknown>,
    /// The network's own prefixes.
    pub own: Prefixes,
    /// The networks it is peered with.
    pub peers: Result<Vec<Peer<'e>>, Unknown>,
    /// What gateways announce to the network.
    pub learned: Vec<Learned>,
    /// The subnet's route table, if it has one.
    pub route_table: Result<Option<RouteTable<'e>>, Unknown>,
    /// The routes of that table.
    pub user_routes: Result<Vec<UserRoute<'e>>, Unknown>,
    /// What the tag `VirtualNetwork` stands for at the subnet.
    pub tag: Bounds<AddressSet>,
}

/// A route of a route table, read.
#[derive(Clone)]
pub struct UserRoute<'e> {
    /// The route.
    pub route: Route<'e>,
    /// The prefixes: one, or those of a service tag.
    pub prefixes: Result<Vec<IpNet>, Unknown>,
    /// Whether the prefixes are those of a service tag.
    pub is_tag: bool,
    /// Where it leads.
    pub next_hop: Result<NextHop<'e>, Unknown>,
    /// The appliance's address, for [`NextHop::VirtualAppliance`].
    pub appliance: Result<Option<IpAddr>, Unknown>,
}

impl<'e> Vicinity<'e> {
    /// What a subnet is connected to.
    pub fn of(network: &Network<'e>, subnet: Subnet<'e>) -> Self {
        let home = network_of(&subnet);
        let own = own_prefixes(&subnet, home.as_ref());
        let peers = match &home {
            Ok(home) => peers(home, Some(&subnet)),
            Err(unknown) => Err(unknown.clone()),
        };
        let learned = match (&home, &peers) {
            (Ok(home), Ok(peers)) => learned(home, peers),
            (Ok(home), Err(_)) => learned(home, &[]),
            (Err(_), _) => Vec::new(),
        };
        let region = home.as_ref().ok().and_then(|home| home.location());
        let tags = network.service_tags(region.as_deref());
        let route_table = route_table(&subnet);
        let user_routes = match &route_table {
            Ok(Some(table)) => user_routes(table, tags),
            Ok(None) => Ok(Vec::new()),
            Err(unknown) => Err(unknown.clone()),
        };
        let tag = tag(&own, &peers, &learned, &user_routes);
        Self {
            subnet,
            network: home,
            own,
            peers,
            learned,
            route_table,
            user_routes,
            tag,
        }
    }

    /// The region of the network, in Azure's short form.
    pub fn region(&self) -> Option<String> {
        self.network.as_ref().ok()?.location()
    }

    /// The subnet's own prefixes.
    pub fn subnet_prefixes(&self) -> Prefixes {
        Prefixes::read(self.subnet.address_prefixes())
    }
}

/// Those of the network. If they aren't known, those of the subnet are among them.
fn own_prefixes(subnet: &Subnet<'_>, network: Result<&VirtualNetwork<'_>, &Unknown>) -> Prefixes {
    let of_network = match network {
        Ok(network) => network
            .address_prefixes()
            .map(|texts| texts.into_iter().map(|(text, _)| text)),
        Err(unknown) => Err(unknown.clone()),
    };
    let of_network = Prefixes::read(of_network);
    match of_network.may_be_others {
        true => of_network.union(&Prefixes::read(subnet.address_prefixes())),
        false => of_network,
    }
}

fn route_table<'e>(subnet: &Subnet<'e>) -> Result<Option<RouteTable<'e>>, Unknown> {
    match subnet.route_table() {
        Field::Present(id, _) => subnet.estate().require(&id).map(Some),
        Field::Absent(_) => Ok(None),
        Field::Unknown(unknown) => Err(unknown),
    }
}

fn user_routes<'e>(
    table: &RouteTable<'e>,
    tags: &ServiceTags,
) -> Result<Vec<UserRoute<'e>>, Unknown> {
    let routes = table.routes()?;
    Ok(routes
        .into_iter()
        .map(|route| user_route(route, tags))
        .collect())
}

fn user_route<'e>(route: Route<'e>, tags: &ServiceTags) -> UserRoute<'e> {
    let (prefixes, is_tag) = match route.address_prefix() {
        Field::Present(text, _) => match prefix(text) {
            Some(prefix) => (Ok(vec![prefix]), false),
            None => (tags.prefixes(text).ok_or_else(|| no_tag(text, tags)), true),
        },
        Field::Absent(_) => {
            let cause = format!("route `{}` has no address prefix", route.name());
            (Err(Unknown::because(cause, "correct the route")), false)
        }
        Field::Unknown(unknown) => (Err(unknown), false),
    };
    let next_hop = match route.next_hop() {
        Field::Present(hop, _) => Ok(hop),
        Field::Absent(_) => Err(Unknown::because(
            format!("route `{}` has no next hop", route.name()),
            "correct the route",
        )),
        Field::Unknown(unknown) => Err(unknown),
    };
    let appliance = match route.next_hop_ip_address() {
        Field::Present(text, _) => match text.parse() {
            Ok(address) => Ok(Some(address)),
            Err(_) => Err(Unknown::because(
                format!("`{text}` is no address"),
                "correct the route",
            )),
        },
        Field::Absent(_) => Ok(None),
        Field::Unknown(unknown) => Err(unknown),
    };
    UserRoute {
        route,
        prefixes,
        is_tag,
        next_hop,
        appliance,
    }
}

/// Why a text that is no address can't be resolved.
pub(super) fn no_tag(text: &str, tags: &ServiceTags) -> Unknown {
    Unknown::because(
        format!("`{text}` is no service tag of {}", tags.edition()),
        "give a newer list of service tags",
    )
}

/// `VirtualNetwork`: the network, its peers, what gateways announce, the platform, and the
/// prefixes of user-defined routes ("Virtual network service tags", Microsoft Learn). That routes
/// to an appliance and to a gateway count is reported by users; of others it isn't known.
fn tag(
    own: &Prefixes,
    peers: &Result<Vec<Peer<'_>>, Unknown>,
    learned: &[Learned],
    user_routes: &Result<Vec<UserRoute<'_>>, Unknown>,
) -> Bounds<AddressSet> {
    let mut tag = own
        .addresses()
        .union(&Bounds::exactly(AddressSet::from(PLATFORM)));
    for gateway in learned {
        tag = tag.union(&gateway.prefixes.addresses());
    }
    match peers {
        Ok(peers) => {
            for peer in peers {
                tag = tag.union(&match &peer.is_in_tag {
                    Ok(true) => peer.prefixes.addresses(),
                    Ok(false) => continue,
                    Err(unknown) => peer.prefixes.clone().doubtful(unknown.clone()).addresses(),
                });
            }
        }
        Err(unknown) => tag = tag.union(&Bounds::unknown(unknown.clone())),
    }
    match user_routes {
        Ok(routes) => routes
            .iter()
            .fold(tag, |tag, route| tag.union(&in_tag(route))),
        Err(unknown) => tag.union(&Bounds::unknown(unknown.clone())),
    }
}

fn in_tag(route: &UserRoute<'_>) -> Bounds<AddressSet> {
    let prefixes: AddressSet = match &route.prefixes {
        Ok(prefixes) => prefixes.iter().copied().map(AddressSet::from).collect(),
        Err(unknown) => return Bounds::unknown(unknown.clone()),
    };
    match &route.next_hop {
        Ok(NextHop::VirtualAppliance | NextHop::VirtualNetworkGateway) => Bounds::exactly(prefixes),
        Ok(_) => perhaps(
            prefixes,
            Unknown::because(
                format!(
                    "whether the tag `VirtualNetwork` takes in the prefix of route `{}` isn't documented",
                    route.route.name()
                ),
                "az network nic list-effective-nsg for a machine of the subnet",
            ),
        ),
        Err(unknown) => perhaps(prefixes, unknown.clone()),
    }
}

fn perhaps(addresses: AddressSet, cause: Unknown) -> Bounds<AddressSet> {
    Bounds::between(AddressSet::empty(), addresses, vec![cause])
}
