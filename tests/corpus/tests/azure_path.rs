//! The truth cases of network security groups and routes, asked of the engine as whole estates:
//! each case is written out as ARM bodies, read, and answered.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

use std::net::IpAddr;

use palisade_corpus_tests::azure_path::{Case, cases};
use palisade_document::{Notation, Text, parse};
use palisade_estate::azure::{Direction, NetworkSecurityGroup, Subnet};
use palisade_estate::{Estate, ResourceId};
use palisade_packet::{AddressSet, PacketSet, PortSet, Product, Traffic, Transport};
use palisade_reach::azure::{
    AdminRule, Filters, Group, Layer, Leads, Network, Outcome, Routed, RuleAddresses, ServiceTags,
    Vicinity, route, security,
};
use palisade_sources::File;
use serde_json::{Value, json};

const GROUP: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network";

fn id(path: &str) -> String {
    format!("{GROUP}/{path}")
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn estate(resources: &[Value]) -> Estate {
    let content = serde_json::to_vec(resources).unwrap();
    let load = |_: &&str| {
        Ok(File {
            path: "estate.json".to_owned(),
            bytes: content.clone(),
        })
    };
    let input = palisade_sources::read_all(&["estate.json"], load, true);
    assert!(input.diagnostics.is_empty(), "{:?}", input.diagnostics);
    input.estate
}

fn resource(kind: &str, name: &str, properties: Value) -> Value {
    json!({
        "id": id(&format!("{kind}/{name}")),
        "name": name,
        "type": format!("Microsoft.Network/{kind}"),
        "location": "westus",
        "properties": properties,
    })
}

/// The service tags of a case as the user's own list.
fn tags(named: &Value) -> Vec<ServiceTags> {
    let Some(named) = named.as_object() else {
        return Vec::new();
    };
    let values: Vec<_> = named
        .iter()
        .map(|(name, prefixes)| json!({"name": name, "properties": {"addressPrefixes": prefixes}}))
        .collect();
    let content = json!({"cloud": "Public", "changeNumber": 1, "values": values}).to_string();
    let (document, _) = parse(Text::new("tags.json", content), Notation::Json);
    ServiceTags::read(&document).0.into_iter().collect()
}

/// A network with one subnet, its peers, gateway and whatever else the case has.
fn network(vnet: &Value, subnet: &Value, gateway: &Value, others: Vec<Value>) -> Vec<Value> {
    let mut subnets = vec![json!({
        "id": id("virtualNetworks/v/subnets/s"), "name": "s", "properties": subnet
    })];
    let mut resources = others;
    if let Some(sites) = gateway.as_array().filter(|sites| !sites.is_empty()) {
        let there = id("virtualNetworks/v/subnets/GatewaySubnet");
        subnets.push(json!({"id": there, "name": "GatewaySubnet", "properties": {}}));
        resources.extend([
            resource(
                "virtualNetworkGateways",
                "gw",
                json!({"gatewayType": "Vpn", "enableBgp": false,
                       "ipConfigurations": [{"name": "c", "properties": {"subnet": {"id": there}}}]}),
            ),
            resource(
                "localNetworkGateways",
                "site",
                json!({"localNetworkAddressSpace": {"addressPrefixes": sites}}),
            ),
            resource(
                "connections",
                "c",
                json!({"connectionType": "IPsec",
                       "virtualNetworkGateway1": {"id": id("virtualNetworkGateways/gw")},
                       "localNetworkGateway2": {"id": id("localNetworkGateways/site")}}),
            ),
        ]);
    }
    let peerings: Vec<_> = list(&vnet["peeredAddressSpaces"])
        .iter()
        .enumerate()
        .map(|(number, prefix)| {
            json!({
                "id": id(&format!("virtualNetworks/v/virtualNetworkPeerings/p{number}")),
                "name": format!("p{number}"),
                "properties": {
                    "peeringState": "Connected", "allowVirtualNetworkAccess": true,
                    "remoteVirtualNetwork": {"id": id(&format!("virtualNetworks/r{number}"))},
                    "remoteAddressSpace": {"addressPrefixes": [prefix]}
                }
            })
        })
        .collect();
    resources.push(resource(
        "virtualNetworks",
        "v",
        json!({"addressSpace": {"addressPrefixes": vnet["addressSpace"]},
               "subnets": subnets, "virtualNetworkPeerings": peerings}),
    ));
    resources
}

fn find<'e, V: palisade_estate::View<'e>>(estate: &'e Estate, path: &str) -> Option<V> {
    estate.require(&ResourceId::parse(&id(path)).unwrap()).ok()
}

fn security_estate(given: &Value) -> Estate {
    let vnet = &given["vnet"];
    let mut others = Vec::new();
    let mut subnet = json!({"addressPrefix": vnet["addressSpace"][0]});
    for (name, rules) in [("subnet", &given["subnetNsg"]), ("nic", &given["nicNsg"])] {
        if !rules.is_null() {
            others.push(resource("networkSecurityGroups", name, rules.clone()));
        }
    }
    if !given["subnetNsg"].is_null() {
        subnet["networkSecurityGroup"] = json!({"id": id("networkSecurityGroups/subnet")});
    }
    let prefixes = list(&vnet["subnetUdrPrefixes"]);
    if !prefixes.is_empty() {
        let routes: Vec<_> = prefixes
            .iter()
            .enumerate()
            .map(|(number, prefix)| {
                json!({"name": format!("r{number}"), "properties": {
                    "addressPrefix": prefix, "nextHopType": vnet["subnetUdrNextHopType"],
                    "nextHopIpAddress": "10.0.9.4"}})
            })
            .collect();
        others.push(resource("routeTables", "t", json!({"routes": routes})));
        subnet["routeTable"] = json!({"id": id("routeTables/t")});
    }
    if let Some(groups) = given["applicationSecurityGroups"].as_object() {
        for (name, members) in groups {
            for (number, member) in list(members).iter().enumerate() {
                let group = id(&format!("applicationSecurityGroups/{name}"));
                let configuration = json!({"name": "c", "properties": {
                    "privateIPAddress": member, "applicationSecurityGroups": [{"id": group}]}});
                let interface = json!({"ipConfigurations": [configuration]});
                others.push(resource(
                    "networkInterfaces",
                    &format!("{name}{number}"),
                    interface,
                ));
            }
        }
    }
    let collection = "networkManagers/m/securityAdminConfigurations/c/ruleCollections/a/rules";
    for rule in list(&given["adminRules"]) {
        let name = rule["name"].as_str().unwrap();
        others.push(resource(collection, name, rule["properties"].clone()));
        let last = others.last_mut().unwrap();
        last["type"] = json!(
            "Microsoft.Network/networkManagers/securityAdminConfigurations/ruleCollections/rules"
        );
    }
    estate(&network(
        vnet,
        &subnet,
        &vnet["onPremAddressSpaces"],
        others,
    ))
}

fn address(value: &Value) -> AddressSet {
    AddressSet::from(value.as_str().unwrap().parse::<IpAddr>().unwrap())
}

fn packet(flow: &Value) -> PacketSet {
    let port = |value: &Value| PortSet::one(u16::try_from(value.as_i64().unwrap()).unwrap());
    let ports =
        |transport| Traffic::ports(transport, port(&flow["srcPort"]), port(&flow["dstPort"]));
    let traffic = match flow["protocol"].as_str().unwrap() {
        "Tcp" => ports(Transport::Tcp),
        "Udp" => ports(Transport::Udp),
        "Icmp" => Traffic::protocol(1),
        other => panic!("{other}"),
    };
    Product::of(
        address(&flow["src"]),
        Product::of(address(&flow["dst"]), traffic),
    )
}

fn security_answer(case: &Case) -> (String, String) {
    let estate = security_estate(&case.given);
    let network = Network::new(&estate, tags(&case.given["serviceTags"]));
    let subnet: Subnet<'_> = find(&estate, "virtualNetworks/v/subnets/s").unwrap();
    let vicinity = Vicinity::of(&network, subnet);
    let interface = find::<NetworkSecurityGroup<'_>>(&estate, "networkSecurityGroups/nic");
    // The cases are about rules that act.
    let admin_rules = estate
        .of_type(
            "microsoft.network/networkmanagers/securityadminconfigurations/rulecollections/rules",
        )
        .map(|rule| AdminRule {
            rule,
            doubts: Vec::new(),
        });
    let filters = Filters {
        admin_rules: admin_rules.collect(),
        subnet: Group::of_subnet(&subnet),
        interface: interface.map_or(Group::None, Group::Present),
    };
    let direction = match case.flow["direction"].as_str().unwrap() {
        "Inbound" => Direction::Inbound,
        _ => Direction::Outbound,
    };
    let addresses = RuleAddresses::at(&network, &vicinity);
    let passages = security(&filters, direction, &addresses, &packet(&case.flow));
    let [passage] = passages.as_slice() else {
        panic!("{}: one packet has {} fates", case.id, passages.len());
    };
    let verdict = match &passage.outcome {
        Outcome::Allowed => "Allow",
        Outcome::Denied => "Deny",
        Outcome::Uncertain(_) => "Uncertain",
    };
    let decided = passage.steps.last().map_or("none".to_owned(), |step| {
        let layer = match step.layer {
            Layer::AdminRules => "admin",
            Layer::Subnet => "subnet",
            Layer::Interface => "nic",
        };
        format!("{layer}:{}", step.rule.name)
    });
    (verdict.to_owned(), decided)
}

#[test]
fn network_security_groups_answer_as_the_documents_say() {
    for case in cases("nsg") {
        let (verdict, decided) = security_answer(&case);
        assert_eq!(
            (verdict.as_str(), decided.as_str()),
            (
                case.expect["verdict"].as_str().unwrap(),
                case.expect["decided_by"].as_str().unwrap()
            ),
            "{}",
            case.id
        );
    }
}

fn route_estate(given: &Value) -> Estate {
    let mut others = vec![resource("routeTables", "t", given["routeTable"].clone())];
    let mut subnet = json!({
        "addressPrefix": "10.0.0.0/24",
        "routeTable": {"id": id("routeTables/t")},
    });
    if !list(&given["serviceEndpointPrefixes"]).is_empty() {
        subnet["serviceEndpoints"] = json!([{"service": "Microsoft.Storage", "locations": ["*"]}]);
    }
    if let Some(policies) = given["privateEndpointNetworkPolicies"].as_str() {
        subnet["privateEndpointNetworkPolicies"] = json!(policies);
    }
    for (number, address) in list(&given["privateEndpoints"]).iter().enumerate() {
        others.push(resource(
            "privateEndpoints",
            &format!("pe{number}"),
            json!({"subnet": {"id": id("virtualNetworks/v/subnets/s")},
                   "ipConfigurations": [{"name": "c", "properties": {"privateIPAddress": address}}]}),
        ));
    }
    let vnet = json!({
        "addressSpace": given["vnetAddressSpace"],
        "peeredAddressSpaces": given["peeredAddressSpaces"],
    });
    estate(&network(&vnet, &subnet, &given["bgpRoutes"], others))
}

fn route_answer(case: &Case) -> (String, String) {
    let estate = route_estate(&case.given);
    let endpoints = json!({"Storage": case.given["serviceEndpointPrefixes"]});
    let network = Network::new(&estate, tags(&endpoints));
    let subnet: Subnet<'_> = find(&estate, "virtualNetworks/v/subnets/s").unwrap();
    let vicinity = Vicinity::of(&network, subnet);
    let there = Product::of(address(&case.flow["dst"]), palisade_packet::Set::full());
    let packets = Product::of(palisade_packet::Set::full(), there);
    let parts = route(&network, &vicinity, &packets);
    let [part] = parts.as_slice() else {
        panic!("{}: one destination has {} routes", case.id, parts.len());
    };
    let Routed::To(leads) = &part.outcome else {
        panic!("{}: {:?}", case.id, part.outcome);
    };
    let name = part.rule.name.clone();
    let is_user = part
        .rule
        .resource
        .as_ref()
        .is_some_and(|table| table.key().contains("/routetables/"));
    let (kind, maker) = match leads {
        Leads::Platform | Leads::Local => ("VnetLocal", "system"),
        Leads::Peering(_) => ("VNetPeering", "system"),
        Leads::Gateway => ("VirtualNetworkGateway", "bgp"),
        Leads::Internet => ("Internet", "system"),
        Leads::ServiceEndpoint(_) => ("VirtualNetworkServiceEndpoint", "service-endpoint"),
        Leads::PrivateEndpoint(_) => ("InterfaceEndpoint", "private-endpoint"),
        Leads::Appliance(_) => ("VirtualAppliance", "system"),
        Leads::Nowhere => ("None", "system"),
        Leads::Unknown(unknown) => panic!("{}: {unknown:?}", case.id),
    };
    let maker = if is_user { name } else { maker.to_owned() };
    (kind.to_owned(), maker)
}

#[test]
fn routes_lead_where_the_documents_say() {
    for case in cases("route") {
        let (leads, decided) = route_answer(&case);
        assert_eq!(
            (leads.as_str(), decided.as_str()),
            (
                case.expect["nextHopType"].as_str().unwrap(),
                case.expect["decided_by"].as_str().unwrap()
            ),
            "{}",
            case.id
        );
    }
}
