//! Azure's own answers about interfaces, beside what is computed.

use palisade_estate::Estate;
use palisade_estate::azure::{Direction, NetworkSecurityGroup, Subnet};
use palisade_packet::{AddressSet, PacketSet, PortSet, Product, Traffic, Transport};
use palisade_reach::azure::{
    Leads, Network, Outcome, Routed, RuleAddresses, Vicinity, network_security_group, route,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::estate::{estate_of, find, id, resource};

fn network() -> Value {
    let subnet = id("virtualNetworks/v/subnets/nodes");
    let group = id("networkSecurityGroups/nsg");
    json!([
        resource(
            "virtualNetworks",
            "v",
            json!({
            "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
            "virtualNetworkPeerings": [],
            "subnets": [{"id": subnet, "name": "nodes", "properties": {
                "addressPrefix": "10.0.1.0/24", "networkSecurityGroup": {"id": group}}}]})
        ),
        resource(
            "networkSecurityGroups",
            "nsg",
            json!({"securityRules": [
            {"name": "web", "properties": {"priority": 100, "direction": "Inbound", "access": "Allow",
             "protocol": "Tcp", "sourceAddressPrefix": "*", "sourcePortRange": "*",
             "destinationAddressPrefix": "*", "destinationPortRange": "443"}}]})
        ),
        resource(
            "networkInterfaces",
            "jump-nic",
            json!({"ipConfigurations": [
            {"name": "i", "properties": {"subnet": {"id": subnet}}}]})
        ),
    ])
}

fn rule(name: &str, priority: u16, access: &str, sources: &[&str], port: &str) -> Value {
    json!({"name": name, "protocol": "All", "priority": priority, "access": access,
        "direction": "Inbound", "sourcePortRange": "0-65535", "destinationPortRange": port,
        "sourcePortRanges": ["0-65535"], "destinationPortRanges": [port],
        "sourceAddressPrefix": "VirtualNetwork", "expandedSourceAddressPrefix": sources,
        "destinationAddressPrefix": "0.0.0.0/0", "destinationAddressPrefixes": ["0.0.0.0/0", "0.0.0.0/0"]})
}

fn effective_rules() -> Value {
    json!({"value": [{
    "networkSecurityGroup": {"id": id("networkSecurityGroups/nsg")},
    "association": {"networkInterface": {"id": id("networkInterfaces/jump-nic")}},
    "effectiveSecurityRules": [
        rule("defaultSecurityRules/DenyAllInBound", 65500, "Deny", &["0.0.0.0/0"], "0-65535"),
        rule("securityRules/web", 100, "Allow", &["0.0.0.0/0"], "443-443"),
        rule("defaultSecurityRules/AllowVnetInBound", 65000, "Allow",
             &["10.0.0.0/16", "192.168.0.0/16"], "0-65535"),
    ]}]})
}

fn effective_routes(extra: Value) -> Value {
    let mut routes = vec![
        json!({"source": "Default", "state": "Active", "addressPrefix": ["10.0.0.0/16"],
               "nextHopType": "VnetLocal", "nextHopIpAddress": []}),
        json!({"source": "Default", "state": "Invalid", "addressPrefix": ["0.0.0.0/0"],
               "nextHopType": "Internet", "nextHopIpAddress": []}),
        json!({"name": "out", "source": "User", "state": "Active", "addressPrefix": ["0.0.0.0/0"],
               "nextHopType": "VirtualAppliance", "nextHopIpAddress": ["10.0.0.4"]}),
    ];
    if !extra.is_null() {
        routes.push(extra);
    }
    json!({"value": routes})
}

fn packets(from: &str, to: &str, port: u16) -> PacketSet {
    let address = |text: &str| AddressSet::from(text.parse::<std::net::IpAddr>().unwrap());
    let traffic = Traffic::to_ports(Transport::Tcp, PortSet::one(port));
    Product::of(address(from), Product::of(address(to), traffic))
}

fn inbound(estate: &Estate, packets: &PacketSet) -> (String, Outcome) {
    let network = Network::new(estate, Vec::new());
    let subnet: Subnet<'_> = find(estate, "virtualNetworks/v/subnets/nodes");
    let group: NetworkSecurityGroup<'_> = find(estate, "networkSecurityGroups/nsg");
    let vicinity = Vicinity::of(&network, subnet);
    let addresses = RuleAddresses::at(&network, &vicinity);
    let mut parts = network_security_group(&group, Direction::Inbound, &addresses, packets);
    assert_eq!(parts.len(), 1, "{parts:?}");
    let part = parts.remove(0);
    (part.rule.name, part.outcome)
}

fn routed(estate: &Estate, to: &str) -> (String, Routed) {
    let network = Network::new(estate, Vec::new());
    let subnet: Subnet<'_> = find(estate, "virtualNetworks/v/subnets/nodes");
    let vicinity = Vicinity::of(&network, subnet);
    let mut parts = route(&network, &vicinity, &packets("10.0.1.4", to, 443));
    assert_eq!(parts.len(), 1, "{parts:?}");
    let part = parts.remove(0);
    (part.rule.name, part.outcome)
}

#[test]
fn rules_act_as_azure_says_and_a_difference_is_told() {
    let computed = estate_of(&[("network.json", network())]);
    let own = estate_of(&[
        ("network.json", network()),
        ("rules.json", effective_rules()),
    ]);
    let web = packets("203.0.113.9", "10.0.1.4", 443);
    assert_eq!(inbound(&own, &web), ("web".to_owned(), Outcome::Allowed));
    assert_eq!(inbound(&own, &web), inbound(&computed, &web));
    let on_premises = packets("192.168.0.9", "10.0.1.4", 22);
    assert_eq!(inbound(&computed, &on_premises).1, Outcome::Denied);
    assert_eq!(
        inbound(&own, &on_premises),
        (
            "AllowVnetInBound (by Azure's word; computed: denied)".to_owned(),
            Outcome::Allowed
        )
    );
    let v6 = packets("2001:db8::1", "2001:db8::2", 22);
    assert_eq!(inbound(&own, &v6), inbound(&computed, &v6));
}

#[test]
fn routes_are_those_that_azure_says_by_the_name_of_the_file() {
    let appliance = Routed::To(Leads::Appliance("10.0.0.4".parse().unwrap()));
    for name in ["out/jump-nic.json", "v.nodes.routes.json"] {
        let estate = estate_of(&[
            ("network.json", network()),
            (name, effective_routes(Value::Null)),
        ]);
        assert_eq!(
            routed(&estate, "203.0.113.9"),
            (
                "out (by Azure's word; computed: to the internet)".to_owned(),
                appliance.clone()
            )
        );
        let (name, leads) = routed(&estate, "10.0.2.9");
        assert_eq!(name, "effective route to 10.0.0.0/16");
        assert_eq!(leads, Routed::To(Leads::Local));
    }
    let elsewhere = [
        ("network.json", network()),
        ("jump-nic-2.json", effective_routes(Value::Null)),
    ];
    let (_, leads) = routed(&estate_of(&elsewhere), "203.0.113.9");
    assert_eq!(leads, Routed::To(Leads::Internet));
}

#[test]
fn what_isnt_understood_whole_is_computed() {
    let strange = json!({"source": "Default", "state": "Active", "addressPrefix": ["10.9.0.0/16"],
        "nextHopType": "Wormhole", "nextHopIpAddress": []});
    let estate = estate_of(&[
        ("network.json", network()),
        ("jump-nic.json", effective_routes(strange)),
    ]);
    let (_, leads) = routed(&estate, "203.0.113.9");
    assert_eq!(leads, Routed::To(Leads::Internet));
}

#[test]
fn answers_of_unknown_interfaces_are_named() {
    let load = |(path, content): &(&str, Value)| {
        Ok(palisade_sources::File {
            path: (*path).to_owned(),
            bytes: content.to_string().into_bytes(),
        })
    };
    let files = [
        ("rules.json", effective_rules()),
        ("nobody.json", effective_routes(Value::Null)),
    ];
    let input = palisade_sources::read_all(&files, load, true);
    let left: Vec<_> = input.not_understood.iter().map(|left| &left.path).collect();
    assert_eq!(left, ["nobody.json", "rules.json"]);
}

/// Values that a setting may have, most of them none that it should.
fn setting() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        Just(""),
        Just("Tcp"),
        Just("All"),
        Just("Allow"),
        Just("Deny"),
        Just("Inbound"),
        Just("0-65535"),
        Just("65535-0"),
        Just("10.0.0.0/8"),
        Just("10.0.0.0/99"),
        Just("::/0"),
        Just("Active"),
        Just("User"),
        Just("VirtualAppliance"),
        Just("None"),
        Just("\u{1b}[2J"),
    ];
    let text = word.prop_map(|word| json!(word));
    let list = proptest::collection::vec(text.clone(), 0..3).prop_map(Value::Array);
    let number = any::<i64>().prop_map(|number| json!(number));
    prop_oneof![text, list, number, Just(Value::Null), Just(json!({}))]
}

fn object(names: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let settings = proptest::collection::vec(setting(), names.len());
    settings.prop_map(move |settings| {
        let members = names.iter().map(|name| (*name).to_owned()).zip(settings);
        Value::Object(members.collect())
    })
}

proptest! {
    #[test]
    fn whatever_stands_in_an_answer_every_packet_gets_one_answer(
        rule in object(&["name", "protocol", "priority", "access", "direction", "sourcePortRange",
            "destinationPortRanges", "sourceAddressPrefix", "expandedSourceAddressPrefix",
            "destinationAddressPrefixes"]),
        route in object(&["name", "source", "state", "nextHopType", "nextHopIpAddress"]),
        prefixes in proptest::collection::vec(setting(), 0..3),
    ) {
        let mut rules = effective_rules();
        rules["value"][0]["effectiveSecurityRules"].as_array_mut().unwrap().push(rule);
        let mut route = route;
        route["addressPrefix"] = json!(prefixes);
        let estate = estate_of(&[
            ("network.json", network()),
            ("rules.json", rules),
            ("jump-nic.json", effective_routes(route)),
        ]);
        let _ = inbound(&estate, &packets("203.0.113.9", "10.0.1.4", 443));
        let _ = routed(&estate, "203.0.113.9");
    }
}
