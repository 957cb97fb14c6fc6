//! A second evaluator of Azure Firewall, one packet at a time and in the words of the documents,
//! sharing nothing with the engine.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::Ipv4Net;
use palisade_estate::azure::AzureFirewall;
use palisade_packet::{AddressSet, PacketSet, PortSet, Product, Traffic, Transport};
use palisade_reach::azure::firewall::{
    ApplicationProtocol, Carries, Question, Request, Treatment, firewall,
};
use palisade_reach::azure::{Network, Outcome};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::estate::{TAGS, estate, find, id, resource, tags};

const SOURCES: [&str; 4] = ["*", "10.0.0.0/24", "10.0.1.4", "10.0.0.0-10.0.1.255"];
const DESTINATIONS: [&str; 6] = [
    "*",
    "20.60.0.0/16",
    "Storage",
    "azurekeyvault",
    "10.1.0.7",
    "20.1.1.1",
];
const PORTS: [&str; 4] = ["*", "443", "80-444", "8080"];
const PROTOCOLS: [&str; 4] = ["TCP", "UDP", "ICMP", "Any"];
const NAMES: [&str; 6] = [
    "*",
    "*.contoso.com",
    "*contoso.com",
    "contoso.com",
    "WWW.contoso.com",
    "other.example",
];
const ADDRESSES: [&str; 7] = [
    "10.0.0.4",
    "10.0.1.4",
    "10.1.0.7",
    "20.60.1.1",
    "20.61.0.9",
    "20.1.1.1",
    "52.239.200.1",
];
const ASKED: [&str; 6] = [
    "contoso.com",
    "www.contoso.com",
    "a.b.contoso.com",
    "badcontoso.com",
    "other.example",
    "contoso.com.example",
];

#[derive(Clone, Debug)]
enum Rule {
    Network {
        protocol: &'static str,
        /// In an IP group if it may be.
        source: &'static str,
        destination: &'static str,
        port: &'static str,
    },
    Application {
        source: &'static str,
        protocol: &'static str,
        port: u16,
        name: &'static str,
    },
    Nat {
        source: &'static str,
        destination: &'static str,
        port: &'static str,
    },
}

#[derive(Clone, Debug)]
struct Collection {
    priority: usize,
    allow: bool,
    rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct World {
    /// Groups of the base policy and of the own one, with their priorities.
    levels: [Vec<(usize, Vec<Collection>)>; 2],
    threat_modes: [&'static str; 2],
}

#[derive(Clone, Debug)]
struct Packet {
    source: Ipv4Addr,
    destination: Ipv4Addr,
    protocol: &'static str,
    port: u16,
    request: Option<(&'static str, &'static str)>,
    is_known_threat: bool,
}

fn collections() -> impl Strategy<Value = Vec<Collection>> {
    let network = (
        select(&PROTOCOLS[..]),
        select(&SOURCES[..]),
        select(&DESTINATIONS[..]),
        select(&PORTS[..]),
    )
        .prop_map(|(protocol, source, destination, port)| Rule::Network {
            protocol,
            source,
            destination,
            port,
        });
    let application = (
        select(&SOURCES[..]),
        select(&["Http", "Https"][..]),
        select(&[80, 443, 8080][..]),
        select(&NAMES[..]),
    )
        .prop_map(|(source, protocol, port, name)| Rule::Application {
            source,
            protocol,
            port,
            name,
        });
    let nat = (select(&SOURCES[..]), select(&PORTS[1..])).prop_map(|(source, port)| Rule::Nat {
        source,
        destination: "20.1.1.1",
        port,
    });
    let rules = prop_oneof![
        3 => vec(network, 1..3),
        3 => vec(application, 1..3),
        1 => vec(nat, 1..2),
    ];
    let collection = (any::<bool>(), rules).prop_map(|(allow, rules)| Collection {
        priority: 0,
        allow,
        rules,
    });
    vec(collection, 1..4).prop_perturb(|mut collections, mut rng| {
        for (number, collection) in collections.iter_mut().enumerate() {
            let step = usize::try_from(rng.next_u32() % 9).unwrap();
            collection.priority = 100 + step * 10 + number;
        }
        collections
    })
}

fn worlds() -> impl Strategy<Value = World> {
    let level = || {
        vec(collections(), 0..3).prop_perturb(|groups, mut rng| {
            let place = |(number, group)| {
                let step = usize::try_from(rng.next_u32() % 9).unwrap();
                (100 + step * 10 + number, group)
            };
            groups
                .into_iter()
                .enumerate()
                .map(place)
                .collect::<Vec<_>>()
        })
    };
    let mode = || select(&["Off", "Alert", "Deny"][..]);
    (level(), level(), mode(), mode()).prop_map(|(base, own, first, second)| World {
        levels: [base, own],
        threat_modes: [first, second],
    })
}

fn sent() -> impl Strategy<Value = Packet> {
    let request = (select(&["Http", "Https"][..]), select(&ASKED[..]));
    (
        select(&ADDRESSES[..]),
        select(&ADDRESSES[..]),
        select(&["TCP", "TCP", "TCP", "UDP", "ICMP"][..]),
        select(&[80, 443, 8080, 22][..]),
        proptest::option::weighted(0.8, request),
        proptest::bool::weighted(0.2),
    )
        .prop_map(
            |(source, destination, protocol, port, request, threat)| Packet {
                source: source.parse().unwrap(),
                destination: destination.parse().unwrap(),
                protocol,
                port,
                request: request.filter(|_| protocol == "TCP"),
                is_known_threat: threat,
            },
        )
}

/// Numbers name rules: level, group, collection, rule.
fn name_of(place: [usize; 4]) -> String {
    place.map(|number| number.to_string()).join("-")
}

fn body(rule: &Rule, place: [usize; 4]) -> Value {
    let mut body = match rule {
        Rule::Network {
            protocol,
            source,
            destination,
            port,
        } => {
            let mut body = json!({"ruleType": "NetworkRule", "ipProtocols": [protocol],
                "destinationAddresses": [destination], "destinationPorts": [port]});
            match *source {
                "10.0.0.0/24" => body["sourceIpGroups"] = json!([id("ipGroups/near")]),
                source => body["sourceAddresses"] = json!([source]),
            }
            body
        }
        Rule::Application {
            source,
            protocol,
            port,
            name,
        } => json!({
            "ruleType": "ApplicationRule", "sourceAddresses": [source], "targetFqdns": [name],
            "protocols": [{"protocolType": protocol, "port": port}]}),
        Rule::Nat {
            source,
            destination,
            port,
        } => json!({
            "ruleType": "NatRule", "ipProtocols": ["TCP"], "sourceAddresses": [source],
            "destinationAddresses": [destination], "destinationPorts": [port],
            "translatedAddress": "10.1.0.7", "translatedPort": "8443"}),
    };
    body["name"] = json!(name_of(place));
    body
}

fn resources(world: &World) -> Vec<Value> {
    let near = json!({"ipAddresses": ["10.0.0.0/24"]});
    let mut resources = vec![
        resource("ipGroups", "near", near),
        resource(
            "azureFirewalls",
            "fw",
            json!({"firewallPolicy": {"id": id("firewallPolicies/p1")}}),
        ),
    ];
    for (level, groups) in world.levels.iter().enumerate() {
        let mut ids = Vec::new();
        for (number, (priority, collections)) in groups.iter().enumerate() {
            let path = id(&format!(
                "firewallPolicies/p{level}/ruleCollectionGroups/g{number}"
            ));
            let collections: Vec<_> = collections
                .iter()
                .enumerate()
                .map(|(place, collection)| {
                    let rules = collection.rules.iter().enumerate();
                    let rules: Vec<_> = rules
                        .map(|(last, rule)| body(rule, [level, number, place, last]))
                        .collect();
                    let action = if collection.allow { "Allow" } else { "Deny" };
                    json!({"name": format!("c{place}"), "priority": collection.priority,
                           "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
                           "action": {"type": action}, "rules": rules})
                })
                .collect();
            resources.push(json!({"id": path, "name": format!("g{number}"),
                "type": "Microsoft.Network/firewallPolicies/ruleCollectionGroups",
                "properties": {"priority": priority, "ruleCollections": collections}}));
            ids.push(json!({"id": path}));
        }
        let mut properties = json!({"ruleCollectionGroups": ids,
                                    "threatIntelMode": world.threat_modes[level]});
        if level == 1 {
            properties["basePolicy"] = json!({"id": id("firewallPolicies/p0")});
        }
        resources.push(resource(
            "firewallPolicies",
            &format!("p{level}"),
            properties,
        ));
    }
    resources
}

fn is_within(text: &str, address: Ipv4Addr) -> bool {
    if let Some((_, prefixes)) = TAGS.iter().find(|(tag, _)| tag.eq_ignore_ascii_case(text)) {
        return prefixes.iter().any(|prefix| is_within(prefix, address));
    }
    if let Some((first, last)) = text.split_once('-') {
        let range = first.parse::<Ipv4Addr>().unwrap()..=last.parse().unwrap();
        return range.contains(&address);
    }
    text == "*"
        || text.parse() == Ok(address)
        || text
            .parse::<Ipv4Net>()
            .is_ok_and(|net| net.contains(&address))
}

fn is_port(text: &str, port: u16) -> bool {
    match text.split_once('-') {
        Some((first, last)) => (first.parse().unwrap()..=last.parse().unwrap()).contains(&port),
        None => text == "*" || text == port.to_string(),
    }
}

fn is_name(pattern: &str, name: &str) -> bool {
    let pattern = pattern.to_ascii_lowercase();
    match pattern.strip_prefix('*') {
        Some(end) => name.ends_with(end),
        None => name == pattern,
    }
}

/// Whether a rule of the pass with this number matches.
fn matches(rule: &Rule, pass: usize, packet: &Packet) -> bool {
    match rule {
        Rule::Nat {
            source,
            destination,
            port,
        } => {
            pass == 0
                && packet.protocol == "TCP"
                && is_within(source, packet.source)
                && is_within(destination, packet.destination)
                && is_port(port, packet.port)
        }
        Rule::Network {
            protocol,
            source,
            destination,
            port,
        } => {
            let is_protocol = match (*protocol, packet.protocol) {
                ("Any", "ICMP") => *port == "*",
                ("Any", _) => is_port(port, packet.port),
                ("ICMP", own) => own == "ICMP",
                (protocol, own) => protocol == own && is_port(port, packet.port),
            };
            pass == 1
                && is_protocol
                && is_within(source, packet.source)
                && is_within(destination, packet.destination)
        }
        Rule::Application {
            source,
            protocol,
            port,
            name,
        } => {
            let is_asked = |(own, asked): (&str, &str)| own == *protocol && is_name(name, asked);
            pass == 2
                && packet.request.is_some_and(is_asked)
                && *port == packet.port
                && is_within(source, packet.source)
        }
    }
}

/// Whether the packet passes, and the rule that decides.
fn decide(world: &World, packet: &Packet) -> (bool, String) {
    for pass in 0..3 {
        if pass == 1 && packet.is_known_threat && world.threat_modes.contains(&"Deny") {
            return (false, "threat intelligence".to_owned());
        }
        for (level, groups) in world.levels.iter().enumerate() {
            let mut groups: Vec<_> = groups.iter().enumerate().collect();
            groups.sort_by_key(|(_, (priority, _))| *priority);
            for (group, (_, collections)) in groups {
                let mut collections: Vec<_> = collections.iter().enumerate().collect();
                collections.sort_by_key(|(_, collection)| collection.priority);
                for (place, collection) in collections {
                    let mut rules = collection.rules.iter().enumerate();
                    if let Some((last, _)) = rules.find(|(_, rule)| matches(rule, pass, packet)) {
                        let passes = pass == 0 || collection.allow;
                        return (passes, name_of([level, group, place, last]));
                    }
                }
            }
        }
    }
    (false, "default deny".to_owned())
}

fn packets(packet: &Packet) -> PacketSet {
    let traffic = match packet.protocol {
        "TCP" => Traffic::to_ports(Transport::Tcp, PortSet::one(packet.port)),
        "UDP" => Traffic::to_ports(Transport::Udp, PortSet::one(packet.port)),
        _ => Traffic::protocol(1),
    };
    let address = |address: Ipv4Addr| AddressSet::from(IpAddr::from(address));
    Product::of(
        address(packet.source),
        Product::of(address(packet.destination), traffic),
    )
}

fn question(packet: &Packet) -> Question {
    let request = packet.request.map(|(protocol, name)| {
        Carries::Request(Request::to(
            ApplicationProtocol::named(protocol).unwrap(),
            name,
        ))
    });
    Question {
        carries: request.unwrap_or(Carries::Other),
        is_known_threat: packet.is_known_threat,
        ..Question::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn both_evaluators_of_firewalls_agree(world in worlds(), sent in vec(sent(), 8)) {
        let estate = estate(&resources(&world));
        let network = Network::new(&estate, tags());
        let device: AzureFirewall<'_> = find(&estate, "azureFirewalls/fw");
        for packet in sent {
            let parts = firewall(&network, &device, &question(&packet), &packets(&packet));
            prop_assert_eq!(parts.len(), 1, "{:?}", parts);
            let (passes, rule) = decide(&world, &packet);
            let outcome = if passes { Outcome::Allowed } else { Outcome::Denied };
            prop_assert_eq!(&parts[0].outcome.outcome, &outcome, "{:?} by {}", packet, rule);
            prop_assert_eq!(&parts[0].rule.name, &rule, "{:?}", packet);
            let is_dropped = parts[0].outcome.treatments == [Treatment::Dropped];
            prop_assert_eq!(is_dropped, !passes);
        }
    }
}
