//! The way of packets through an Azure Firewall.

use palisade_packet::AddressSet;
use palisade_reach::azure::firewall::{ApplicationProtocol, Carries, Question, Request};
use palisade_reach::path::Asked;
use serde_json::{Value, json};

use crate::estate::{id, resource};
use crate::spoke::{Spoke, spoke, to_appliance, told, told_of, walk};

/// A firewall in the hub with rules of a collection each; all of a spoke's routes lead to it.
fn behind_firewall(spoke: &mut Spoke, network_rules: &Value, application_rules: &Value) {
    let collection = |name: &str, priority: u16, rules: &Value| {
        json!({"name": name, "priority": priority, "action": {"type": "Allow"}, "rules": rules,
               "ruleCollectionType": "FirewallPolicyFilterRuleCollection"})
    };
    let mut group = resource(
        "firewallPolicies/ruleCollectionGroups",
        "firewallPolicies/p/ruleCollectionGroups/g",
        json!({"priority": 200, "ruleCollections": [
            collection("net", 200, network_rules), collection("web", 300, application_rules)]}),
    );
    group["id"] = json!(id("firewallPolicies/p/ruleCollectionGroups/g"));
    spoke.routes = vec![to_appliance("default", "0.0.0.0/0")];
    spoke.outbound = "userDefinedRouting";
    spoke.others = vec![
        group,
        resource(
            "firewallPolicies",
            "p",
            json!({"dnsSettings": {"enableProxy": true},
                   "ruleCollectionGroups": [{"id": id("firewallPolicies/p/ruleCollectionGroups/g")}]}),
        ),
        resource("publicIPAddresses", "out", json!({"ipAddress": "20.9.9.9"})),
        resource(
            "azureFirewalls",
            "fw",
            json!({"firewallPolicy": {"id": id("firewallPolicies/p")},
                   "ipConfigurations": [{"name": "c", "properties": {
                       "privateIPAddress": "10.9.0.4",
                       "publicIPAddress": {"id": id("publicIPAddresses/out")},
                       "subnet": {"id": id("virtualNetworks/hub/subnets/AzureFirewallSubnet")}}}]}),
        ),
    ];
}

fn to(name: &str, destination: &str) -> Value {
    json!({"ruleType": "NetworkRule", "name": name, "ipProtocols": ["TCP"],
           "sourceAddresses": ["10.1.0.0/24"], "destinationAddresses": [destination],
           "destinationPorts": ["443"]})
}

fn to_name(name: &str, target: &str) -> Value {
    json!({"ruleType": "ApplicationRule", "name": name, "sourceAddresses": ["10.1.0.0/24"],
           "protocols": [{"protocolType": "Https", "port": 443}], "targetFqdns": [target]})
}

fn https(name: &str) -> Asked {
    Asked {
        name: Some(name.to_owned()),
        question: Question {
            carries: Carries::Request(Request::to(ApplicationProtocol::Https, name)),
            ..Question::default()
        },
    }
}

#[test]
fn a_network_rule_lets_through_and_a_public_address_takes_the_place_of_the_source() {
    let estate = spoke(|spoke| {
        behind_firewall(spoke, &json!([to("partner", "203.0.113.9")]), &json!([]));
    });
    assert_eq!(
        told(&estate, "203.0.113.9")[3..],
        [
            "route: default: to the appliance at 10.9.0.4",
            "firewall: partner: network rule of collection `net` lets them through",
            "source address: fw: an address of the firewall takes the place of the source",
            "route: system route to the internet: to the internet",
            "way out: fw: leaves by a public address of the firewall",
            "allowed",
        ]
    );
    let traces = walk(&estate, "203.0.113.9", &Asked::default());
    let sources = traces[0].hops.last().unwrap().packets.parts()[0]
        .0
        .to_string();
    assert_eq!(sources, "20.9.9.9/32");
}

#[test]
fn what_no_rule_allows_ends_at_the_firewall() {
    let estate = spoke(|spoke| behind_firewall(spoke, &json!([]), &json!([])));
    let told = told_of(&walk(&estate, "203.0.113.9", &https("example.com")));
    assert_eq!(
        told[told.len() - 2..],
        ["firewall: default deny: drops them", "denied"]
    );
}

#[test]
fn an_application_rule_goes_by_the_name() {
    let estate = spoke(|spoke| {
        behind_firewall(
            spoke,
            &json!([]),
            &json!([to_name("shop", "*.example.com")]),
        );
    });
    let told_to = |name: &str| told_of(&walk(&estate, "203.0.113.9", &https(name)));
    let told = told_to("api.example.com");
    assert_eq!(
        told[4],
        "firewall: shop: application rule of collection `web` lets them through"
    );
    assert_eq!(told.last().unwrap(), "allowed");
    assert_eq!(told_to("example.com").last().unwrap(), "denied");
    // Without a name it isn't known whether the rule is for it.
    let told = crate::spoke::told(&estate, "203.0.113.9");
    assert!(told.last().unwrap().starts_with("uncertain: "), "{told:?}");
}

#[test]
fn a_network_rule_for_a_name_needs_both_to_resolve_it_alike() {
    let rules = json!([{"ruleType": "NetworkRule", "name": "db", "ipProtocols": ["TCP"],
        "sourceAddresses": ["*"], "destinationFqdns": ["db.example.com"], "destinationPorts": ["443"]}]);
    let by_proxy = spoke(|spoke| {
        behind_firewall(spoke, &rules, &json!([]));
        spoke.dns_servers = vec!["10.9.0.4"];
    });
    let told_of =
        |estate, asked: &Asked| told_of(&walk(estate, "203.0.113.9", asked)).pop().unwrap();
    assert_eq!(told_of(&by_proxy, &https("db.example.com")), "allowed");
    let by_others = spoke(|spoke| behind_firewall(spoke, &rules, &json!([])));
    let told = told_of(&by_others, &https("db.example.com"));
    assert!(told.starts_with("uncertain: the addresses that"), "{told}");
    let mut resolved = https("db.example.com");
    let address: std::net::IpAddr = "203.0.113.9".parse().unwrap();
    let name = "db.example.com".to_owned();
    resolved
        .question
        .resolved
        .insert(name, AddressSet::from(address));
    assert_eq!(told_of(&by_others, &resolved), "allowed");
}

#[test]
fn packets_to_private_addresses_keep_their_source_and_replies_must_come_the_same_way() {
    let to_data = |spoke: &mut Spoke| {
        behind_firewall(spoke, &json!([to("data", "10.9.5.0/24")]), &json!([]));
        spoke.routes = vec![to_appliance("data", "10.9.5.0/24")];
    };
    let past = spoke(to_data);
    let told_past = told(&past, "10.9.5.7");
    assert_eq!(
        told_past[told_past.len() - 2],
        "reply: system route of peering `p`: over the peering to `spoke`"
    );
    assert!(
        told_past
            .last()
            .unwrap()
            .contains("past the appliance at 10.9.0.4")
    );
    let both_ways = spoke(|spoke| {
        to_data(spoke);
        spoke.data_routes = vec![to_appliance("back", "10.1.0.0/24")];
    });
    assert_eq!(told(&both_ways, "10.9.5.7").last().unwrap(), "allowed");
}

#[test]
fn the_firewall_must_find_the_way_back_to_the_sender() {
    let estate = spoke(|spoke| {
        behind_firewall(spoke, &json!([to("partner", "203.0.113.9")]), &json!([]));
        spoke.firewall_routes = vec![json!({"name": "lost", "properties": {
            "addressPrefix": "10.1.0.0/16", "nextHopType": "None"}})];
    });
    let told = told(&estate, "203.0.113.9");
    assert_eq!(
        told[told.len() - 2..],
        ["reply: lost: nowhere: dropped, which loses it", "denied"]
    );
}

#[test]
fn firewalls_that_lead_to_themselves_are_a_circle() {
    let estate = spoke(|spoke| {
        behind_firewall(spoke, &json!([to("partner", "203.0.113.9")]), &json!([]));
        spoke.firewall_routes = vec![to_appliance("again", "0.0.0.0/0")];
    });
    let told = told(&estate, "203.0.113.9");
    assert_eq!(
        told[told.len() - 2..],
        [
            "appliance: 10.9.0.4: has passed them before: they go in a circle",
            "denied"
        ]
    );
}

#[test]
fn an_appliance_in_no_connected_network_gets_nothing() {
    let estate = spoke(|spoke| {
        spoke.routes = vec![
            json!({"name": "default", "properties": {"addressPrefix": "0.0.0.0/0",
            "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.77.0.4"}}),
        ];
    });
    let told = told(&estate, "203.0.113.9");
    assert_eq!(
        told[told.len() - 2..],
        [
            "appliance: 10.77.0.4: is in no network that the subnet is connected to",
            "denied"
        ]
    );
}
