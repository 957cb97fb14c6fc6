//! Routing out of a subnet.
//!
//! The route with the longest prefix decides; of equals a user-defined one before one of a
//! gateway before one of the system. Routes of the system for the network, its peers and service
//! endpoints are preferred even to longer ones of a gateway ("Virtual network traffic routing",
//! Microsoft Learn, virtual-networks-udr-overview).

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;
use palisade_estate::azure::NextHop;
use palisade_estate::{Field, ResourceId, Unknown};
use palisade_packet::{AddressSet, PacketSet, Product, Set, Traffic};

use super::address::{METADATA, PLATFORM};
use super::effective::{EffectiveRoute, beside, effective_routes, read_routes};
use super::private_endpoint::endpoints;
use super::service_endpoint::service_endpoints;
use super::vicinity::{UserRoute, Vicinity};
use super::{
    Bounds, Candidate, Decision, Leads, Network, Part, Prefixes, Routed, Rule, first_match,
};

/// Splits packets out of a subnet by the route that decides.
pub fn route(
    network: &Network<'_>,
    vicinity: &Vicinity<'_>,
    packets: &PacketSet,
) -> Vec<Part<PacketSet, Routed>> {
    let destinations = packets
        .parts()
        .iter()
        .fold(AddressSet::empty(), |all, (_, rest)| {
            all.union(&rest.lefts())
        });
    let computed = Table::of(network, vicinity).split(&destinations);
    let parts = by_azure(vicinity, &destinations, computed);
    let parts = parts.into_iter().map(|part| {
        let there = Product::of(part.packets, Traffic::full());
        Part {
            packets: packets.intersection(&Product::of(AddressSet::full(), there)),
            rule: part.rule,
            outcome: part.outcome,
        }
    });
    parts.collect()
}

/// Azure's own routes over IPv4 where the input holds them, else what was computed.
fn by_azure(
    vicinity: &Vicinity<'_>,
    destinations: &AddressSet,
    computed: Vec<Part<AddressSet, Routed>>,
) -> Vec<Part<AddressSet, Routed>> {
    let table = effective_routes(&vicinity.subnet);
    let Some(routes) = table.and_then(|table| read_routes(&table)) else {
        return computed;
    };
    let v4 = AddressSet::all_v4();
    let azure = Table::effective(routes, vicinity).split(&destinations.intersection(&v4));
    let mut parts = beside(azure, &computed, |own, other| match (own, other) {
        (Routed::To(own), Routed::To(other)) if !own.is_like(other) => Some(other.text()),
        _ => None,
    });
    let others = computed.into_iter().map(|part| Part {
        packets: part.packets.difference(&v4),
        ..part
    });
    parts.extend(others.filter(|part| !part.packets.is_empty()));
    parts
}

/// Who made a route; of equally long prefixes the first decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Maker {
    /// Nothing comes before it: the platform, an endpoint that doesn't heed routes.
    Platform,
    User,
    /// A user's routes to service tags come after those to the same prefix, and among them the
    /// tags of a region first, those of all of Azure last.
    RegionalTag,
    Tag,
    RegionalCloudTag,
    CloudTag,
    Gateway,
    System,
}

struct Entry {
    length: u8,
    maker: Maker,
    rule: Rule,
    matches: Bounds<AddressSet>,
    leads: usize,
}

/// The routes of a subnet.
struct Table {
    entries: Vec<Entry>,
    leads: Vec<Leads>,
}

/// Longer than any prefix: what may be of any length is asked first.
const ANY_LENGTH: u8 = 127;
const HOST: u8 = 128;

impl Table {
    fn of(network: &Network<'_>, vicinity: &Vicinity<'_>) -> Self {
        let mut table = Self {
            entries: Vec::new(),
            leads: Vec::new(),
        };
        table.platform();
        table.private_endpoints(vicinity);
        table.user(vicinity);
        let preferred = table.system(network, vicinity);
        table.gateways(vicinity, &preferred);
        table
            .entries
            .sort_by_key(|entry| (std::cmp::Reverse(entry.length), entry.maker));
        table
    }

    /// The routes that Azure says act, and the private endpoints, whose routes it names without
    /// them.
    fn effective(routes: Vec<EffectiveRoute>, vicinity: &Vicinity<'_>) -> Self {
        let mut table = Self {
            entries: Vec::new(),
            leads: Vec::new(),
        };
        table.platform();
        table.private_endpoints(vicinity);
        for route in routes {
            let maker = match (route.is_users, route.is_gateways) {
                (true, _) => Maker::User,
                (false, true) => Maker::Gateway,
                (false, false) => Maker::System,
            };
            let leads = match route.leads {
                Leads::Peering(_) => Leads::Peering(peer_of(vicinity, route.prefix)),
                leads => leads,
            };
            table.add(maker, route.prefix, &route.rule, leads);
        }
        table
            .entries
            .sort_by_key(|entry| (std::cmp::Reverse(entry.length), entry.maker));
        table
    }

    fn split(&self, destinations: &AddressSet) -> Vec<Part<AddressSet, Routed>> {
        let candidates = self.entries.iter().map(|entry| Candidate {
            rule: entry.rule.clone(),
            matches: entry.matches.clone(),
            action: entry.leads,
        });
        let nowhere = self.leads.len();
        let end = (Rule::absent("no route"), nowhere);
        let leads = |number: usize| self.leads.get(number).cloned().unwrap_or(Leads::Nowhere);
        let parts = first_match(destinations, candidates, end).into_iter();
        parts
            .map(|part| {
                part.map(|decision| match decision {
                    Decision::Certain(number) => match leads(number) {
                        Leads::Unknown(unknown) => Routed::Uncertain {
                            leads: vec![Leads::Unknown(unknown.clone())],
                            causes: vec![unknown],
                        },
                        leads => Routed::To(leads),
                    },
                    Decision::Uncertain { actions, causes } => Routed::Uncertain {
                        leads: actions.into_iter().map(leads).collect(),
                        causes,
                    },
                })
            })
            .collect()
    }

    /// Ways that are the same are one, so that a doubt about which of two routes decides is none
    /// where both lead there.
    fn number(&mut self, leads: Leads) -> usize {
        match self.leads.iter().position(|known| *known == leads) {
            Some(number) => number,
            None => {
                self.leads.push(leads);
                self.leads.len() - 1
            }
        }
    }

    fn add(&mut self, maker: Maker, prefix: IpNet, rule: &Rule, leads: Leads) {
        let addresses = Bounds::exactly(AddressSet::from(prefix));
        self.add_where(maker, length(prefix), rule, addresses, leads);
    }

    fn add_where(
        &mut self,
        maker: Maker,
        length: u8,
        rule: &Rule,
        matches: Bounds<AddressSet>,
        leads: Leads,
    ) {
        let leads = self.number(leads);
        self.entries.push(Entry {
            length,
            maker,
            rule: rule.clone(),
            matches,
            leads,
        });
    }

    /// Routes to prefixes that are known as far as the input tells, but not to what `except`
    /// holds.
    fn add_all(
        &mut self,
        maker: Maker,
        prefixes: &Prefixes,
        except: &Bounds<AddressSet>,
        rule: &Rule,
        leads: &Leads,
    ) {
        for &prefix in &prefixes.certain {
            let addresses = Bounds::exactly(AddressSet::from(prefix)).difference(except);
            self.add_where(maker, length(prefix), rule, addresses, leads.clone());
        }
        let perhaps = |addresses: AddressSet| {
            let causes = prefixes.causes.clone();
            Bounds::between(AddressSet::empty(), addresses, causes).difference(except)
        };
        for &prefix in &prefixes.possible {
            let addresses = perhaps(AddressSet::from(prefix));
            self.add_where(maker, length(prefix), rule, addresses, leads.clone());
        }
        if prefixes.may_be_others {
            let addresses = perhaps(AddressSet::full());
            self.add_where(maker, ANY_LENGTH, rule, addresses, leads.clone());
        }
    }

    /// No route overrides the way to the platform.
    fn platform(&mut self) {
        for address in [PLATFORM, METADATA] {
            let rule = Rule::absent("platform");
            self.add(Maker::Platform, address.into(), &rule, Leads::Platform);
        }
    }

    fn private_endpoints(&mut self, vicinity: &Vicinity<'_>) {
        for endpoint in endpoints(vicinity) {
            let rule = Rule::written(
                endpoint.resource.name(),
                endpoint.resource.id(),
                &endpoint.resource,
            );
            let leads = Leads::PrivateEndpoint(endpoint.resource.id().clone());
            match &endpoint.addresses {
                Ok(addresses) => {
                    for &address in addresses {
                        let matches = endpoint.reached(address, vicinity);
                        self.add_where(Maker::Platform, HOST, &rule, matches, leads.clone());
                    }
                }
                Err(unknown) => {
                    let subnet = match &endpoint.subnet {
                        Ok(subnet) => Prefixes::read(subnet.address_prefixes()),
                        Err(unknown) => Prefixes::unknown(unknown.clone()),
                    };
                    let somewhere = subnet.addresses().most;
                    let causes = vec![unknown.clone()];
                    let matches = Bounds::between(AddressSet::empty(), somewhere, causes);
                    self.add_where(Maker::Platform, HOST, &rule, matches, leads);
                }
            }
        }
    }

    fn user(&mut self, vicinity: &Vicinity<'_>) {
        let routes = match &vicinity.user_routes {
            Ok(routes) => routes,
            Err(unknown) => {
                let matches = Bounds::unknown(unknown.clone());
                let rule = Rule::absent("unknown route table");
                let leads = Leads::Unknown(unknown.clone());
                return self.add_where(Maker::User, ANY_LENGTH, &rule, matches, leads);
            }
        };
        for route in routes {
            let table = route.route.id().parent();
            let table = table.as_ref().unwrap_or(route.route.id());
            let rule = Rule::written(route.route.name(), table, &route.route);
            let maker = maker(route);
            let leads = leads(route);
            match &route.prefixes {
                Ok(prefixes) => {
                    for (length, addresses) in by_length(prefixes) {
                        let matches = Bounds::exactly(addresses);
                        self.add_where(maker, length, &rule, matches, leads.clone());
                    }
                }
                Err(unknown) => {
                    let matches = Bounds::unknown(unknown.clone());
                    self.add_where(maker, ANY_LENGTH, &rule, matches, leads);
                }
            }
        }
    }

    /// The routes of the system, and the addresses that those hold which no gateway overrides.
    fn system(&mut self, network: &Network<'_>, vicinity: &Vicinity<'_>) -> Bounds<AddressSet> {
        let none = Bounds::exactly(AddressSet::empty());
        let rule = match &vicinity.network {
            Ok(home) => Rule::implied("system route of the network", home.id()),
            Err(_) => Rule::absent("system route of the network"),
        };
        self.add_all(Maker::System, &vicinity.own, &none, &rule, &Leads::Local);
        let mut preferred = vicinity.own.addresses();
        preferred = preferred.union(&self.peerings(vicinity));
        preferred = preferred.union(&self.service_endpoints(network, vicinity));
        let rule = Rule::absent("system route to the internet");
        for all in [IpAddr::from([0; 4]), IpAddr::from([0; 16])] {
            if let Ok(prefix) = IpNet::new(all, 0) {
                self.add(Maker::System, prefix, &rule, Leads::Internet);
            }
        }
        self.dropped(vicinity);
        preferred
    }

    fn peerings(&mut self, vicinity: &Vicinity<'_>) -> Bounds<AddressSet> {
        let none = Bounds::exactly(AddressSet::empty());
        let peers = match &vicinity.peers {
            Ok(peers) => peers,
            Err(unknown) => {
                let hidden = Prefixes::unknown(unknown.clone());
                let rule = Rule::absent("unknown peering");
                self.add_all(Maker::System, &hidden, &none, &rule, &Leads::Peering(None));
                return hidden.addresses();
            }
        };
        let mut all = none.clone();
        for peer in peers {
            let mut prefixes = peer.prefixes.clone();
            if let Some(unknown) = peering_disabled(vicinity) {
                prefixes = prefixes.doubtful(unknown);
            }
            let remote = match &peer.remote {
                Field::Present(remote, _) => Some(remote.clone()),
                _ => None,
            };
            let name = format!("system route of peering `{}`", peer.peering.name());
            let rule = Rule::written(name, peer.peering.id(), &peer.peering);
            self.add_all(
                Maker::System,
                &prefixes,
                &none,
                &rule,
                &Leads::Peering(remote),
            );
            all = all.union(&prefixes.addresses());
        }
        all
    }

    fn service_endpoints(
        &mut self,
        network: &Network<'_>,
        vicinity: &Vicinity<'_>,
    ) -> Bounds<AddressSet> {
        let none = Bounds::exactly(AddressSet::empty());
        let tags = network.service_tags(vicinity.region().as_deref());
        let endpoints = match service_endpoints(&vicinity.subnet, tags) {
            Ok(endpoints) => endpoints,
            Err(unknown) => {
                let hidden = Prefixes::unknown(unknown);
                let rule = Rule::absent("unknown service endpoint");
                let leads = Leads::ServiceEndpoint("unknown".to_owned());
                self.add_all(Maker::System, &hidden, &none, &rule, &leads);
                return hidden.addresses();
            }
        };
        let mut all = none.clone();
        for endpoint in endpoints {
            let name = format!("service endpoint {}", endpoint.service);
            let rule = Rule::written(name, vicinity.subnet.id(), &endpoint.entry);
            let leads = Leads::ServiceEndpoint(endpoint.service.to_owned());
            for (length, addresses) in by_length(&endpoint.prefixes.certain) {
                let matches = Bounds::exactly(addresses);
                self.add_where(Maker::System, length, &rule, matches, leads.clone());
            }
            let doubtful = Prefixes {
                certain: Vec::new(),
                ..endpoint.prefixes.clone()
            };
            for (length, addresses) in by_length(&doubtful.possible) {
                let causes = doubtful.causes.clone();
                let matches = Bounds::between(AddressSet::empty(), addresses, causes);
                self.add_where(Maker::System, length, &rule, matches, leads.clone());
            }
            if doubtful.may_be_others {
                let hidden = Prefixes {
                    possible: Vec::new(),
                    ..doubtful
                };
                self.add_all(Maker::System, &hidden, &none, &rule, &leads);
            }
            all = all.union(&endpoint.prefixes.addresses());
        }
        all
    }

    /// Private and shared ranges outside the network are dropped, until a user-defined route for
    /// everything is there.
    fn dropped(&mut self, vicinity: &Vicinity<'_>) {
        const RANGES: [([u8; 4], u8); 4] = [
            ([10, 0, 0, 0], 8),
            ([172, 16, 0, 0], 12),
            ([192, 168, 0, 0], 16),
            ([100, 64, 0, 0], 10),
        ];
        let is_default = |route: &UserRoute<'_>| {
            let mut prefixes = route.prefixes.iter().flatten();
            prefixes.any(|prefix| matches!(prefix, IpNet::V4(prefix) if prefix.prefix_len() == 0))
        };
        let has_default = match &vicinity.user_routes {
            Ok(routes) => routes.iter().any(is_default),
            // A table that isn't known is asked first, and leaves all of this in doubt.
            Err(_) => false,
        };
        if has_default {
            return;
        }
        let rule = Rule::absent("system route for private ranges");
        for (octets, length) in RANGES {
            if let Ok(prefix) = IpNet::new(Ipv4Addr::from(octets).into(), length) {
                self.add(Maker::System, prefix, &rule, Leads::Nowhere);
            }
        }
    }

    fn gateways(&mut self, vicinity: &Vicinity<'_>, preferred: &Bounds<AddressSet>) {
        let propagates = match &vicinity.route_table {
            Ok(Some(table)) => table.bgp_propagation_disabled().or_default(false),
            Ok(None) => return self.learned(vicinity, preferred, None),
            Err(unknown) => Err(unknown.clone()),
        };
        match propagates {
            Ok((true, _)) => {}
            Ok((false, _)) => self.learned(vicinity, preferred, None),
            Err(unknown) => self.learned(vicinity, preferred, Some(unknown)),
        }
    }

    fn learned(
        &mut self,
        vicinity: &Vicinity<'_>,
        preferred: &Bounds<AddressSet>,
        doubt: Option<Unknown>,
    ) {
        for gateway in &vicinity.learned {
            let mut prefixes = gateway.prefixes.clone();
            if let Some(unknown) = &doubt {
                prefixes = prefixes.doubtful(unknown.clone());
            }
            self.add_all(
                Maker::Gateway,
                &prefixes,
                preferred,
                &gateway.rule,
                &Leads::Gateway,
            );
        }
    }
}

/// What a route table that turns peering routes off does isn't documented.
fn peering_disabled(vicinity: &Vicinity<'_>) -> Option<Unknown> {
    let table = vicinity.route_table.as_ref().ok()?.as_ref()?;
    match table.text("disablePeeringRoute") {
        Field::Present(text, _) if text.eq_ignore_ascii_case("none") => None,
        Field::Absent(_) => None,
        Field::Present(..) => Some(Unknown::because(
            format!(
                "what `disablePeeringRoute` of `{}` does isn't documented",
                table.name()
            ),
            "az network nic show-effective-route-table for a machine of the subnet",
        )),
        Field::Unknown(unknown) => Some(unknown),
    }
}

fn maker(route: &UserRoute<'_>) -> Maker {
    let tag = route.route.address_prefix().present().unwrap_or_default();
    let (is_regional, tag) = (tag.contains('.'), tag.to_ascii_lowercase());
    match (route.is_tag, tag.starts_with("azurecloud"), is_regional) {
        (false, ..) => Maker::User,
        (true, false, true) => Maker::RegionalTag,
        (true, false, false) => Maker::Tag,
        (true, true, true) => Maker::RegionalCloudTag,
        (true, true, false) => Maker::CloudTag,
    }
}

/// Where a user-defined route leads.
fn leads(route: &UserRoute<'_>) -> Leads {
    let undocumented = |what: &str| {
        Leads::Unknown(Unknown::because(
            format!(
                "what {what} of route `{}` does isn't documented",
                route.route.name()
            ),
            "az network nic show-effective-route-table for a machine of the subnet",
        ))
    };
    if route.route.flag("hasBgpOverride").present() == Some(true) {
        return undocumented("`hasBgpOverride`");
    }
    match &route.next_hop {
        Ok(NextHop::VirtualAppliance) => match &route.appliance {
            Ok(Some(address)) => Leads::Appliance(*address),
            Ok(None) => Leads::Unknown(Unknown::because(
                format!("route `{}` names no appliance", route.route.name()),
                "set nextHopIpAddress",
            )),
            Err(unknown) => Leads::Unknown(unknown.clone()),
        },
        Ok(NextHop::VirtualNetworkGateway) => Leads::Gateway,
        Ok(NextHop::VnetLocal) => Leads::Local,
        Ok(NextHop::Internet) => Leads::Internet,
        Ok(NextHop::None) => Leads::Nowhere,
        Ok(NextHop::Other(name)) => undocumented(&format!("next hop type `{name}`")),
        Err(unknown) => Leads::Unknown(unknown.clone()),
    }
}

/// A prefix's length as one scale for both families, so that host routes are alike.
fn length(prefix: IpNet) -> u8 {
    match prefix {
        IpNet::V4(prefix) if prefix.prefix_len() == 32 => HOST,
        IpNet::V4(prefix) => prefix.prefix_len(),
        IpNet::V6(prefix) => prefix.prefix_len(),
    }
}

fn by_length(prefixes: &[IpNet]) -> Vec<(u8, AddressSet)> {
    let mut lengths: Vec<(u8, Vec<AddressSet>)> = Vec::new();
    for &prefix in prefixes {
        let length = length(prefix);
        match lengths.iter_mut().find(|(known, _)| *known == length) {
            Some((_, alike)) => alike.push(AddressSet::from(prefix)),
            None => lengths.push((length, vec![AddressSet::from(prefix)])),
        }
    }
    let sets = lengths.into_iter();
    sets.map(|(length, alike)| (length, alike.into_iter().collect()))
        .collect()
}

/// The network on the other side of the peering that connects a prefix.
fn peer_of(vicinity: &Vicinity<'_>, prefix: IpNet) -> Option<ResourceId> {
    let mut peers = vicinity.peers.as_deref().unwrap_or_default().iter();
    let peer = peers.find(|peer| peer.prefixes.certain.contains(&prefix))?;
    match &peer.remote {
        Field::Present(remote, _) => Some(remote.clone()),
        _ => None,
    }
}
