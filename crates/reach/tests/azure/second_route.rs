//! A second evaluator of routing, one destination at a time and in the words of the documents:
//! every route that holds the address, the longest prefix, then who made it.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::Ipv4Net;
use palisade_estate::azure::Subnet;
use palisade_packet::{AddressSet, PacketSet, Product, Set};
use palisade_reach::azure::{Leads, Network, Routed, Vicinity, route};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use crate::estate::{TAGS, estate, find, id, resource, tags};

const NETWORKS: [&[&str]; 3] = [
    &["10.0.0.0/16"],
    &["10.0.0.0/17", "10.0.128.0/17"],
    &["10.0.0.0/16", "100.64.0.0/24"],
];
const PREFIXES: [&str; 12] = [
    "0.0.0.0/0",
    "10.0.0.0/16",
    "10.0.4.0/24",
    "10.0.4.4/32",
    "10.1.0.0/16",
    "10.1.5.0/24",
    "10.20.0.0/16",
    "10.20.0.0/15",
    "20.60.0.0/16",
    "20.0.0.0/8",
    "Storage",
    "Storage.WestUS",
];
const HOPS: [&str; 5] = [
    "VirtualAppliance",
    "VirtualNetworkGateway",
    "Internet",
    "None",
    "VnetLocal",
];
const POLICIES: [&str; 4] = [
    "Disabled",
    "Enabled",
    "RouteTableEnabled",
    "NetworkSecurityGroupEnabled",
];
const LEARNED: [&str; 6] = [
    "10.1.5.0/24",
    "10.20.0.0/16",
    "10.21.0.0/16",
    "20.60.1.0/24",
    "10.0.4.0/28",
    "192.168.0.0/16",
];
const DESTINATIONS: [&str; 16] = [
    "10.0.0.9",
    "10.0.4.4",
    "10.0.4.9",
    "10.0.200.1",
    "10.1.5.5",
    "10.1.9.9",
    "10.20.1.1",
    "10.21.1.1",
    "20.60.1.1",
    "20.60.9.9",
    "52.239.7.7",
    "20.61.0.1",
    "192.168.4.4",
    "100.64.0.7",
    "203.0.113.9",
    "168.63.129.16",
];

#[derive(Clone, Debug)]
struct World {
    network: &'static [&'static str],
    peers: Vec<&'static str>,
    learned: Vec<&'static str>,
    propagates: bool,
    routes: Vec<(&'static str, &'static str)>,
    endpoints: Vec<&'static str>,
    private: bool,
    policies: &'static str,
}

fn worlds() -> impl Strategy<Value = World> {
    let routes = subsequence(&PREFIXES[..], 0..5).prop_flat_map(|prefixes| {
        let hops = vec(select(&HOPS[..]), prefixes.len());
        (Just(prefixes), hops).prop_map(|(prefixes, hops)| prefixes.into_iter().zip(hops).collect())
    });
    (
        (
            select(&NETWORKS[..]),
            subsequence(&["10.1.0.0/16", "10.2.0.0/16"][..], 0..=2),
        ),
        (subsequence(&LEARNED[..], 0..4), any::<bool>()),
        routes,
        subsequence(&["Microsoft.Storage", "Microsoft.KeyVault"][..], 0..=2),
        (any::<bool>(), select(&POLICIES[..])),
    )
        .prop_map(
            |((network, peers), (learned, propagates), routes, endpoints, (private, policies))| {
                World {
                    network,
                    peers,
                    learned,
                    propagates,
                    routes,
                    endpoints,
                    private,
                    policies,
                }
            },
        )
}

impl World {
    fn written(&self) -> Vec<Value> {
        let routes: Vec<_> = self
            .routes
            .iter()
            .enumerate()
            .map(|(number, (prefix, hop))| {
                json!({"name": format!("r{number}"), "properties": {
                    "addressPrefix": prefix, "nextHopType": hop, "nextHopIpAddress": "10.0.9.4"}})
            })
            .collect();
        let table = json!({"routes": routes, "disableBgpRoutePropagation": !self.propagates});
        let there = id("virtualNetworks/v/subnets/GatewaySubnet");
        let endpoints: Vec<_> = self
            .endpoints
            .iter()
            .map(|service| json!({"service": service, "locations": ["*"]}))
            .collect();
        let subnets = json!([
            {"id": id("virtualNetworks/v/subnets/s"), "name": "s", "properties": {
                "addressPrefix": "10.0.4.0/24", "routeTable": {"id": id("routeTables/t")},
                "serviceEndpoints": endpoints, "privateEndpointNetworkPolicies": self.policies}},
            {"id": there, "name": "GatewaySubnet", "properties": {}},
        ]);
        let peerings: Vec<_> = self
            .peers
            .iter()
            .enumerate()
            .map(|(number, prefix)| {
                json!({"name": format!("p{number}"),
                       "id": id(&format!("virtualNetworks/v/virtualNetworkPeerings/p{number}")),
                       "properties": {
                    "peeringState": "Connected", "allowVirtualNetworkAccess": true,
                    "remoteVirtualNetwork": {"id": id(&format!("virtualNetworks/r{number}"))},
                    "remoteAddressSpace": {"addressPrefixes": [prefix]}}})
            })
            .collect();
        let mut resources = vec![
            resource("routeTables", "t", table),
            resource(
                "virtualNetworks",
                "v",
                json!({
                "addressSpace": {"addressPrefixes": self.network},
                "subnets": subnets, "virtualNetworkPeerings": peerings}),
            ),
            resource(
                "virtualNetworkGateways",
                "gw",
                json!({
                "gatewayType": "Vpn", "enableBgp": false,
                "ipConfigurations": [{"name": "c", "properties": {"subnet": {"id": there}}}]}),
            ),
            resource(
                "localNetworkGateways",
                "site",
                json!({
                "localNetworkAddressSpace": {"addressPrefixes": self.learned}}),
            ),
            resource(
                "connections",
                "c",
                json!({
                "virtualNetworkGateway1": {"id": id("virtualNetworkGateways/gw")},
                "localNetworkGateway2": {"id": id("localNetworkGateways/site")}}),
            ),
        ];
        if self.private {
            resources.push(resource("privateEndpoints", "pe", json!({
                "subnet": {"id": id("virtualNetworks/v/subnets/s")},
                "ipConfigurations": [{"name": "c", "properties": {"privateIPAddress": "10.0.4.4"}}]})));
        }
        resources
    }

    /// Where the documents say that a destination is sent.
    fn leads(&self, to: Ipv4Addr) -> String {
        if ["168.63.129.16", "169.254.169.254"].contains(&to.to_string().as_str()) {
            return "VnetLocal".to_owned();
        }
        let holds = |prefix: &str| -> Option<u8> {
            let net = prefix.parse::<Ipv4Net>().unwrap();
            net.contains(&to).then_some(net.prefix_len())
        };
        let user: Vec<(u8, u8, &str)> = self
            .routes
            .iter()
            .flat_map(|(prefix, hop)| match tag(prefix) {
                None => holds(prefix)
                    .map(|length| (length, 4, *hop))
                    .into_iter()
                    .collect::<Vec<_>>(),
                // An explicit prefix beats the same one of a tag, and a tag of a region one of all.
                Some(prefixes) => prefixes
                    .iter()
                    .filter_map(|p| {
                        Some((holds(p)?, if prefix.contains('.') { 3 } else { 2 }, *hop))
                    })
                    .collect(),
            })
            .collect();
        if self.private && to == Ipv4Addr::new(10, 0, 4, 4) {
            let heeds = ["Enabled", "RouteTableEnabled"].contains(&self.policies);
            let around = self.network.iter().filter_map(|prefix| holds(prefix)).max();
            let replaced = user
                .iter()
                .any(|(length, ..)| around.is_some_and(|around| *length >= around));
            if !(heeds && replaced) {
                return "InterfaceEndpoint".to_owned();
            }
        }
        let mut routes = user;
        let mut preferred = Vec::new();
        for prefix in self.network {
            preferred.extend(holds(prefix).map(|length| (length, 0, "VnetLocal")));
        }
        for prefix in &self.peers {
            preferred.extend(holds(prefix).map(|length| (length, 0, "VNetPeering")));
        }
        for service in &self.endpoints {
            let name = if *service == "Microsoft.Storage" {
                "Storage"
            } else {
                "AzureKeyVault"
            };
            let prefixes = tag(name).unwrap();
            preferred.extend(
                prefixes.iter().filter_map(|prefix| {
                    Some((holds(prefix)?, 0, "VirtualNetworkServiceEndpoint"))
                }),
            );
        }
        if preferred.is_empty() && self.propagates {
            let learned = self.learned.iter().filter_map(|prefix| holds(prefix));
            routes.extend(learned.map(|length| (length, 1, "VirtualNetworkGateway")));
        }
        routes.extend(preferred);
        routes.push((0, 0, "Internet"));
        if !self.routes.iter().any(|(prefix, _)| *prefix == "0.0.0.0/0") {
            for prefix in [
                "10.0.0.0/8",
                "172.16.0.0/12",
                "192.168.0.0/16",
                "100.64.0.0/10",
            ] {
                routes.extend(holds(prefix).map(|length| (length, 0, "None")));
            }
        }
        let best = routes
            .iter()
            .max_by_key(|(length, maker, _)| (*length, *maker));
        best.unwrap().2.to_owned()
    }
}

fn tag(name: &str) -> Option<&'static [&'static str]> {
    let tag = TAGS.iter().find(|(known, _)| *known == name);
    tag.map(|(_, prefixes)| *prefixes)
}

fn kind(leads: &Leads) -> &'static str {
    match leads {
        Leads::Platform | Leads::Local => "VnetLocal",
        Leads::Peering(_) => "VNetPeering",
        Leads::Gateway => "VirtualNetworkGateway",
        Leads::Internet => "Internet",
        Leads::ServiceEndpoint(_) => "VirtualNetworkServiceEndpoint",
        Leads::PrivateEndpoint(_) => "InterfaceEndpoint",
        Leads::Appliance(_) => "VirtualAppliance",
        Leads::Nowhere => "None",
        Leads::Unknown(_) => "unknown",
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn both_evaluators_agree(world in worlds()) {
        let estate = estate(&world.written());
        let network = Network::new(&estate, tags());
        let subnet: Subnet<'_> = find(&estate, "virtualNetworks/v/subnets/s");
        let vicinity = Vicinity::of(&network, subnet);
        let parts = route(&network, &vicinity, &PacketSet::full());
        let mut seen = PacketSet::empty();
        for part in &parts {
            prop_assert!(part.packets.is_disjoint(&seen));
            seen = seen.union(&part.packets);
        }
        prop_assert!(seen.is_full());
        for destination in DESTINATIONS {
            let to: Ipv4Addr = destination.parse().unwrap();
            let there = Product::of(AddressSet::from(IpAddr::V4(to)), Set::full());
            let packets = Product::of(Set::full(), there);
            let found: Vec<_> = parts.iter().filter(|part| !part.packets.is_disjoint(&packets)).collect();
            prop_assert_eq!(found.len(), 1);
            let Routed::To(leads) = &found[0].outcome else {
                panic!("{destination}: {:?}", found[0]);
            };
            prop_assert_eq!(kind(leads), world.leads(to), "{} by {:?}", destination, found[0].rule);
        }
    }
}
