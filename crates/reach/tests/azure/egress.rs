//! Where packets of clusters leave, and the rules of a firewall by who needs them.

use palisade_estate::azure::{AzureFirewall, ManagedCluster};
use palisade_packet::AddressSet;
use palisade_reach::azure::firewall::RuleBook;
use palisade_reach::azure::outbound::{built_in, needs};
use palisade_reach::azure::{Network, Outcome};
use palisade_reach::egress::{Standing, User, answers, review, sites};
use serde_json::{Value, json};

use crate::estate::{estate, id, resource};

const CLUSTER: &str =
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/aks-1";

fn rule(name: &str, sources: &str, target: Value) -> Value {
    let mut rule = json!({"name": name, "sourceAddresses": [sources],
        "protocols": [{"protocolType": "Https", "port": 443}]});
    let members = target.as_object().unwrap().clone();
    rule.as_object_mut().unwrap().extend(members);
    rule
}

fn behind_a_firewall(rules: Value) -> Vec<Value> {
    let nodes = id("virtualNetworks/v/subnets/nodes");
    let own = id("virtualNetworks/v/subnets/AzureFirewallSubnet");
    let table = id("routeTables/rt");
    vec![
        json!({"id": CLUSTER, "name": "aks-1", "location": "westeurope",
               "type": "Microsoft.ContainerService/managedClusters",
               "properties": {"apiServerAccessProfile": {"enablePrivateCluster": true},
                   "agentPoolProfiles": [{"name": "a", "orchestratorVersion": "1.33.1",
                                          "vnetSubnetID": nodes}]}}),
        resource(
            "virtualNetworks",
            "v",
            json!({
            "addressSpace": {"addressPrefixes": ["10.0.0.0/16", "fd00::/48"]},
            "virtualNetworkPeerings": [],
            "subnets": [
                {"id": nodes, "name": "nodes", "properties": {
                    "addressPrefixes": ["10.0.1.0/24", "fd00::/64"], "routeTable": {"id": table}}},
                {"id": own, "name": "AzureFirewallSubnet",
                 "properties": {"addressPrefix": "10.0.0.0/26"}}]}),
        ),
        resource(
            "routeTables",
            "rt",
            json!({"disableBgpRoutePropagation": true, "routes": [
            {"name": "out", "properties": {"addressPrefix": "0.0.0.0/0",
             "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.0.4"}}]}),
        ),
        resource(
            "azureFirewalls",
            "fw",
            json!({
            "ipConfigurations": [{"name": "i", "properties": {
                "privateIPAddress": "10.0.0.4", "subnet": {"id": own}}}],
            "applicationRuleCollections": [{"name": "c", "properties": {
                "priority": 100, "action": {"type": "Allow"}, "rules": rules}}]}),
        ),
    ]
}

#[test]
fn rules_stand_as_the_clusters_behind_the_firewall_need_them() {
    let estate = estate(&behind_a_firewall(json!([
        rule(
            "exact",
            "10.0.1.0/24",
            json!({"targetFqdns": ["mcr.microsoft.com"]})
        ),
        rule("again", "*", json!({"targetFqdns": ["mcr.microsoft.com"]})),
        rule(
            "wide",
            "10.0.0.0/8",
            json!({"targetFqdns": ["*.microsoft.com"]})
        ),
        rule(
            "tag",
            "10.0.1.0/24",
            json!({"fqdnTags": ["AzureKubernetesService"]})
        ),
        rule(
            "registry",
            "10.0.1.0/24",
            json!({"targetFqdns": ["shop.azurecr.io"]})
        ),
        rule(
            "payments",
            "10.0.1.0/24",
            json!({"targetFqdns": ["pay.example"]})
        ),
        rule(
            "others",
            "10.9.0.0/24",
            json!({"targetFqdns": ["pay.example"]})
        ),
        rule(
            "category",
            "10.0.1.0/24",
            json!({"webCategories": ["news"]})
        ),
    ])));
    let network = Network::new(&estate, Vec::new());
    let cluster = estate.all::<ManagedCluster<'_>>().next().unwrap();
    let device = estate.all::<AzureFirewall<'_>>().next().unwrap();
    let sites = sites(&network, &cluster).unwrap();
    assert_eq!(sites.len(), 1);
    assert_eq!(sites[0].firewall.as_ref().unwrap().id(), device.id());
    let expected: AddressSet = "10.0.1.0/24".parse::<ipnet::IpNet>().unwrap().into();
    assert_eq!(sites[0].sources, expected, "without IPv6");

    let needs = needs(&cluster, built_in(), &[], &[]).unwrap();
    let book = RuleBook::of(&network, &device);
    let user = User {
        sources: expected,
        needs: &needs,
        servers: vec!["shop.azurecr.io".to_owned()],
    };
    let review = review(&book, &[user]);
    let standings: Vec<_> = review
        .rules
        .iter()
        .map(|reviewed| (reviewed.rule.name.as_str(), reviewed.standing.clone()))
        .collect();
    let needed = |and_more| Standing::Needed { and_more };
    assert_eq!(
        standings[..7],
        [
            ("exact", needed(false)),
            ("again", needed(false)),
            ("wide", needed(true)),
            ("tag", needed(true)),
            (
                "registry",
                Standing::Used(vec!["shop.azurecr.io".to_owned()])
            ),
            ("payments", Standing::NotNeeded),
            ("others", Standing::OfOthers),
        ]
    );
    assert!(matches!(standings[7], ("category", Standing::Unknown(_))));
    assert_eq!(review.gaps, []);

    let answers = answers(&book, &sites[0].sources, &needs);
    for (need, answer) in needs.needs.iter().zip(answers) {
        if need.doubt.is_none() {
            assert_eq!(answer.outcome, Outcome::Allowed, "{need:?}");
        }
    }
}
