//! A second evaluator of network security groups, one packet at a time and in the words of the
//! documents, sharing nothing with the engine. What isn't documented may go either way: it tries
//! all ways and says which outcomes come about.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use palisade_estate::azure::{Direction, Subnet};
use palisade_packet::{AddressSet, PacketSet, PortSet, Product, Set, Traffic, Transport};
use palisade_reach::azure::{Filters, Group, Network, Outcome, RuleAddresses, Vicinity, security};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::estate::{TAGS, estate, find, id, resource, tags};

const SIDES: [&str; 14] = [
    "*",
    "VirtualNetwork",
    "VirtualNetwork",
    "Internet",
    "Internet",
    "AzureLoadBalancer",
    "AzurePlatformIMDS",
    "10.0.0.0/24",
    "10.0.1.7",
    "10.1.0.0/16",
    "203.0.113.0/24",
    "Storage",
    "storage.westus",
    "168.63.129.16",
];
const ROUTES: [&str; 4] = [
    "0.0.0.0/0",
    "10.2.0.0/16",
    "203.0.113.0/24",
    "Storage.WestUS",
];
const HOPS: [&str; 4] = [
    "VirtualAppliance",
    "VirtualNetworkGateway",
    "Internet",
    "None",
];
const PORTS: [&str; 5] = ["*", "80", "443", "79-90", "1024-65535"];
const PROTOCOLS: [&str; 6] = ["*", "*", "Tcp", "Udp", "Icmp", "Esp"];
const ADDRESSES: [&str; 14] = [
    "10.0.0.4",
    "10.0.1.7",
    "10.1.0.9",
    "10.2.0.9",
    "10.9.9.9",
    "172.16.3.3",
    "203.0.113.9",
    "198.51.100.1",
    "20.60.1.1",
    "52.239.200.1",
    "168.63.129.16",
    "169.254.169.254",
    "192.168.1.1",
    "100.64.0.1",
];

#[derive(Clone, Debug)]
struct Rule {
    priority: usize,
    inbound: bool,
    allow: bool,
    protocol: &'static str,
    sources: Vec<&'static str>,
    destinations: Vec<&'static str>,
    source_port: &'static str,
    destination_port: &'static str,
}

#[derive(Clone, Debug)]
struct Peer {
    prefix: &'static str,
    connected: bool,
    access: bool,
}

#[derive(Clone, Debug)]
struct World {
    peers: Vec<Peer>,
    routes: Vec<(&'static str, &'static str)>,
    subnet: Option<Vec<Rule>>,
    interface: Option<Vec<Rule>>,
}

#[derive(Clone, Debug)]
struct Packet {
    inbound: bool,
    source: Ipv4Addr,
    destination: Ipv4Addr,
    protocol: u8,
    source_port: u16,
    destination_port: u16,
}

fn rules() -> impl Strategy<Value = Vec<Rule>> {
    let sides = || vec(select(&SIDES[..]), 1..3);
    let rule = (
        (any::<bool>(), any::<bool>(), select(&PROTOCOLS[..])),
        (sides(), sides()),
        (select(&PORTS[..]), select(&PORTS[..])),
    );
    let rule = rule.prop_map(
        |((inbound, allow, protocol), (sources, destinations), ports)| Rule {
            priority: 0,
            inbound,
            allow,
            protocol,
            sources,
            destinations,
            source_port: if protocol == "Tcp" { ports.0 } else { "*" },
            destination_port: ports.1,
        },
    );
    vec(rule, 0..5).prop_map(|mut rules| {
        for (number, rule) in rules.iter_mut().enumerate() {
            // The order in the body says nothing.
            rule.priority = 4000 - number * 10;
        }
        rules
    })
}

fn worlds() -> impl Strategy<Value = World> {
    let peer = (
        select(&["10.1.0.0/16", "172.16.0.0/16"][..]),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(prefix, connected, access)| Peer {
            prefix,
            connected,
            access,
        });
    let routes = vec((0..ROUTES.len(), select(&HOPS[..])), 0..3);
    let routes = routes.prop_map(|mut routes: Vec<(usize, &'static str)>| {
        routes.sort_unstable();
        routes.dedup_by_key(|(prefix, _)| *prefix);
        let routes = routes
            .into_iter()
            .map(|(prefix, hop)| (ROUTES[prefix], hop));
        routes.collect()
    });
    let group = || proptest::option::weighted(0.8, rules());
    (vec(peer, 0..3), routes, group(), group()).prop_map(|(peers, routes, subnet, interface)| {
        World {
            peers,
            routes,
            subnet,
            interface,
        }
    })
}

fn packets() -> impl Strategy<Value = Packet> {
    let address = || select(&ADDRESSES[..]).prop_map(|text| text.parse().unwrap());
    let protocol = select(&[6_u8, 6, 17, 1, 50, 47][..]);
    let ports = (
        select(&[80_u16, 500, 50000][..]),
        select(&[80_u16, 443, 22][..]),
    );
    (any::<bool>(), address(), address(), protocol, ports).prop_map(
        |(inbound, source, destination, protocol, (source_port, destination_port))| Packet {
            inbound,
            source,
            destination,
            protocol,
            source_port,
            destination_port,
        },
    )
}

impl World {
    fn written(&self) -> Vec<Value> {
        let mut resources = Vec::new();
        let mut subnet = json!({"addressPrefix": "10.0.0.0/24"});
        for (name, rules) in [("subnet", &self.subnet), ("nic", &self.interface)] {
            if let Some(rules) = rules {
                let rules: Vec<_> = rules.iter().map(Rule::written).collect();
                let body = json!({"securityRules": rules});
                resources.push(resource("networkSecurityGroups", name, body));
            }
        }
        if self.subnet.is_some() {
            subnet["networkSecurityGroup"] = json!({"id": id("networkSecurityGroups/subnet")});
        }
        let routes: Vec<_> = self
            .routes
            .iter()
            .enumerate()
            .map(|(number, (prefix, hop))| {
                json!({"name": format!("r{number}"), "properties": {
                    "addressPrefix": prefix, "nextHopType": hop, "nextHopIpAddress": "10.0.0.9"}})
            })
            .collect();
        resources.push(resource("routeTables", "t", json!({"routes": routes})));
        subnet["routeTable"] = json!({"id": id("routeTables/t")});
        let peerings: Vec<_> = self
            .peers
            .iter()
            .enumerate()
            .map(|(number, peer)| {
                json!({"name": format!("p{number}"),
                       "id": id(&format!("virtualNetworks/v/virtualNetworkPeerings/p{number}")),
                       "properties": {
                    "peeringState": if peer.connected { "Connected" } else { "Initiated" },
                    "allowVirtualNetworkAccess": peer.access,
                    "remoteAddressSpace": {"addressPrefixes": [peer.prefix]},
                    "remoteVirtualNetwork": {"id": id(&format!("virtualNetworks/r{number}"))}}})
            })
            .collect();
        let subnet =
            json!({"id": id("virtualNetworks/v/subnets/s"), "name": "s", "properties": subnet});
        resources.push(resource(
            "virtualNetworks",
            "v",
            json!({"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
                   "subnets": [subnet], "virtualNetworkPeerings": peerings}),
        ));
        resources
    }

    /// Whether an address is in `VirtualNetwork`: the ways that aren't ruled out.
    fn in_network(&self, address: Ipv4Addr) -> Vec<bool> {
        let lies_in = |prefix: &str| {
            prefix
                .parse::<Ipv4Net>()
                .is_ok_and(|net| net.contains(&address))
        };
        let is_peer = |peer: &Peer| peer.connected && peer.access && lies_in(peer.prefix);
        if lies_in("10.0.0.0/16")
            || address == Ipv4Addr::new(168, 63, 129, 16)
            || self.peers.iter().any(is_peer)
        {
            return vec![true];
        }
        let routed = |prefix: &str| lies_in(prefix) || in_tag(prefix, address);
        let mut hops = self
            .routes
            .iter()
            .filter(|(prefix, _)| routed(prefix))
            .map(|(_, hop)| *hop);
        match (
            hops.clone().any(|hop| hop.starts_with("Virtual")),
            hops.next(),
        ) {
            (true, _) => vec![true],
            (false, Some(_)) => vec![true, false],
            (false, None) => vec![false],
        }
    }

    fn outcomes(&self, packet: &Packet) -> BTreeSet<bool> {
        let mut outcomes = BTreeSet::new();
        for source in self.in_network(packet.source) {
            for destination in self.in_network(packet.destination) {
                let verdict = |rules: &Option<Vec<Rule>>| match rules {
                    Some(rules) => ask(rules, packet, (source, destination)),
                    None => BTreeSet::from([true]),
                };
                for subnet in verdict(&self.subnet) {
                    for interface in verdict(&self.interface) {
                        outcomes.insert(subnet && interface);
                    }
                }
            }
        }
        outcomes
    }
}

impl Rule {
    fn written(&self) -> Value {
        let mut properties = json!({
            "priority": self.priority,
            "direction": if self.inbound { "Inbound" } else { "outbound" },
            "access": if self.allow { "Allow" } else { "Deny" },
            "protocol": self.protocol,
            "sourcePortRange": self.source_port,
            "destinationPortRanges": [self.destination_port],
            "destinationPortRange": "",
        });
        for (side, texts) in [
            ("source", &self.sources),
            ("destination", &self.destinations),
        ] {
            match texts.as_slice() {
                [one] => properties[format!("{side}AddressPrefix")] = json!(one),
                many => properties[format!("{side}AddressPrefixes")] = json!(many),
            }
        }
        json!({"name": format!("rule{}", self.priority), "properties": properties})
    }
}

fn in_tag(name: &str, address: Ipv4Addr) -> bool {
    let tag = TAGS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    tag.is_some_and(|(_, prefixes)| {
        let mut prefixes = prefixes
            .iter()
            .map(|prefix| prefix.parse::<Ipv4Net>().unwrap());
        prefixes.any(|prefix| prefix.contains(&address))
    })
}

fn is_private(address: Ipv4Addr) -> bool {
    let ranges = [
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
    ];
    ranges
        .iter()
        .any(|range| range.parse::<Ipv4Net>().unwrap().contains(&address))
}

fn is_platform(address: Ipv4Addr) -> bool {
    ["168.63.129.16", "169.254.169.254"].contains(&address.to_string().as_str())
}

fn side(text: &str, address: Ipv4Addr, in_network: bool) -> bool {
    match text {
        "*" => true,
        "VirtualNetwork" => in_network,
        "Internet" => !in_network && !is_private(address),
        "AzureLoadBalancer" => address == Ipv4Addr::new(168, 63, 129, 16),
        "AzurePlatformIMDS" => address == Ipv4Addr::new(169, 254, 169, 254),
        text => match (text.parse::<Ipv4Net>(), text.parse::<Ipv4Addr>()) {
            (Ok(net), _) => net.contains(&address),
            (_, Ok(one)) => one == address,
            _ => in_tag(text, address),
        },
    }
}

fn port(text: &str, port: u16) -> bool {
    match text.split_once('-') {
        _ if text == "*" => true,
        Some((first, last)) => (first.parse().unwrap()..=last.parse().unwrap()).contains(&port),
        None => text.parse() == Ok(port),
    }
}

/// Whether a rule matches; nothing where the documents don't say.
fn matches(rule: &Rule, packet: &Packet, in_network: (bool, bool)) -> Option<bool> {
    let to_platform = !packet.inbound && is_platform(packet.destination);
    let source = rule
        .sources
        .iter()
        .any(|text| side(text, packet.source, in_network.0));
    let destination = rule.destinations.iter().any(|text| {
        side(text, packet.destination, in_network.1)
            && (!to_platform || text.starts_with("AzurePlatform"))
    });
    if rule.inbound != packet.inbound || !source || !destination {
        return Some(false);
    }
    let has_ports = [6, 17].contains(&packet.protocol);
    let ports = port(rule.source_port, packet.source_port)
        && port(rule.destination_port, packet.destination_port);
    match rule.protocol {
        "Tcp" => Some(packet.protocol == 6 && ports),
        "Udp" => Some(packet.protocol == 17 && ports),
        "Icmp" => Some(packet.protocol == 1),
        "Esp" => Some(packet.protocol == 50),
        _ if has_ports => Some(ports),
        _ if rule.source_port == "*" && rule.destination_port == "*" => Some(true),
        _ => None,
    }
}

/// Whether the packet may be allowed, and whether it may be denied.
fn ask(rules: &[Rule], packet: &Packet, in_network: (bool, bool)) -> BTreeSet<bool> {
    let mut outcomes = BTreeSet::new();
    let mut ordered: Vec<_> = rules.iter().collect();
    ordered.sort_by_key(|rule| rule.priority);
    for rule in ordered {
        match matches(rule, packet, in_network) {
            Some(true) => {
                outcomes.insert(rule.allow);
                return outcomes;
            }
            Some(false) => {}
            None => {
                outcomes.insert(rule.allow);
            }
        }
    }
    let probe = packet.source == Ipv4Addr::new(168, 63, 129, 16);
    let to_internet = !in_network.1 && !is_private(packet.destination);
    let by_default = match packet.inbound {
        true => (in_network.0 && in_network.1) || probe,
        false => (in_network.0 && in_network.1) || to_internet || is_platform(packet.destination),
    };
    outcomes.insert(by_default);
    outcomes
}

fn set(packet: &Packet) -> PacketSet {
    let ports = |transport| {
        Traffic::ports(
            transport,
            PortSet::one(packet.source_port),
            PortSet::one(packet.destination_port),
        )
    };
    let traffic = match packet.protocol {
        6 => ports(Transport::Tcp),
        17 => ports(Transport::Udp),
        other => Traffic::protocol(other),
    };
    let address = |address: Ipv4Addr| AddressSet::from(std::net::IpAddr::V4(address));
    Product::of(
        address(packet.source),
        Product::of(address(packet.destination), traffic),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn both_evaluators_agree(world in worlds(), packets in vec(packets(), 24)) {
        let estate = estate(&world.written());
        let network = Network::new(&estate, tags());
        let subnet: Subnet<'_> = find(&estate, "virtualNetworks/v/subnets/s");
        let vicinity = Vicinity::of(&network, subnet);
        let addresses = RuleAddresses::at(&network, &vicinity);
        let interface = match world.interface {
            Some(_) => Group::Present(find(&estate, "networkSecurityGroups/nic")),
            None => Group::None,
        };
        let filters = Filters {
            admin_rules: Vec::new(),
            subnet: Group::of_subnet(&subnet),
            interface,
        };
        for inbound in [true, false] {
            let direction = if inbound { Direction::Inbound } else { Direction::Outbound };
            let asked: Vec<_> = packets.iter().filter(|packet| packet.inbound == inbound).collect();
            // All packets at once: the answer about a set is that about each of them.
            let all = asked.iter().fold(PacketSet::empty(), |all, packet| all.union(&set(packet)));
            let passages = security(&filters, direction, &addresses, &all);
            for packet in asked {
                let fates: Vec<_> = passages
                    .iter()
                    .filter(|passage| !passage.packets.is_disjoint(&set(packet)))
                    .collect();
                prop_assert_eq!(fates.len(), 1, "{:?}", packet);
                let said = match &fates[0].outcome {
                    Outcome::Allowed => BTreeSet::from([true]),
                    Outcome::Denied => BTreeSet::from([false]),
                    Outcome::Uncertain(causes) => {
                        prop_assert!(!causes.is_empty());
                        BTreeSet::from([false, true])
                    }
                };
                prop_assert_eq!(&said, &world.outcomes(packet), "{:?} by {:?}", packet, fates[0].steps);
            }
        }
    }
}
