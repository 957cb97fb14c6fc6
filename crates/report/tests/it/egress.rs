//! What clusters need outbound, as it is printed.

use std::fs;

use palisade_estate::azure::{AzureFirewall, ManagedCluster};
use palisade_packet::{AddressSet, Set};
use palisade_reach::azure::Network;
use palisade_reach::azure::firewall::RuleBook;
use palisade_reach::azure::outbound::{built_in, needs};
use palisade_reach::egress::{User, answers, plan, review, sites};
use palisade_remedy::egress::{Group, prove};
use palisade_report::egress::{
    ClusterEgress, EgressReport, FirewallEgress, PlanEntry, WayOut, schema, write_json,
    write_terminal,
};

use crate::{input, root};

/// A cluster behind a firewall whose policy allows one name by a rule of a hostile name.
const ESTATE: &str = r#"[
{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/aks-1",
 "name": "aks-1", "type": "Microsoft.ContainerService/managedClusters", "location": "westeurope",
 "properties": {"apiServerAccessProfile": {"enablePrivateCluster": true},
  "agentPoolProfiles": [{"name": "a", "orchestratorVersion": "1.33.1",
   "vnetSubnetID": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/nodes"}]}},
{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v", "name": "v",
 "type": "Microsoft.Network/virtualNetworks", "location": "westeurope",
 "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "virtualNetworkPeerings": [], "subnets": [
  {"name": "nodes", "properties": {"addressPrefix": "10.0.1.0/24",
   "routeTable": {"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/routeTables/rt"}}},
  {"name": "AzureFirewallSubnet", "properties": {"addressPrefix": "10.0.0.0/26"}}]}},
{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/routeTables/rt", "name": "rt",
 "type": "Microsoft.Network/routeTables", "location": "westeurope",
 "properties": {"disableBgpRoutePropagation": true, "routes": [{"name": "out", "properties":
  {"addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.0.4"}}]}},
{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/azureFirewalls/fw", "name": "fw",
 "type": "Microsoft.Network/azureFirewalls", "location": "westeurope",
 "properties": {"ipConfigurations": [{"name": "i", "properties": {"privateIPAddress": "10.0.0.4",
   "subnet": {"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/AzureFirewallSubnet"}}}],
  "applicationRuleCollections": [{"name": "c", "properties": {"priority": 100, "action": {"type": "Allow"},
   "rules": [
    {"name": "registry", "sourceAddresses": ["10.0.0.0/8"], "targetFqdns": ["mcr.microsoft.com"],
     "protocols": [{"protocolType": "Https", "port": 443}]},
    {"name": "\u001b[2Jevil", "sourceAddresses": ["10.0.1.0/24"], "targetFqdns": ["*.example"],
     "protocols": [{"protocolType": "Https", "port": 443}]},
    {"name": "others", "sourceAddresses": ["10.9.0.0/24"], "targetFqdns": ["*.example"],
     "protocols": [{"protocolType": "Https", "port": 443}]}]}}]}}
]"#;

fn report() -> EgressReport {
    let input = input(&[("estate.json".to_owned(), ESTATE.as_bytes().to_vec())]);
    let network = Network::new(&input.estate, Vec::new());
    let cluster = input.estate.all::<ManagedCluster<'_>>().next().unwrap();
    let device = input.estate.all::<AzureFirewall<'_>>().next().unwrap();
    let needs = needs(&cluster, built_in(), &[], &[]).unwrap();
    let sites = sites(&network, &cluster).unwrap();
    assert_eq!(sites[0].firewall.as_ref().unwrap().id(), device.id());
    let sources = sites
        .iter()
        .fold(AddressSet::empty(), |all, site| all.union(&site.sources));
    let rules = RuleBook::of(&network, &device);
    let answers = answers(&rules, &sources, &needs);
    let group = Group::of_cluster("aks-1", 200, plan(&needs, &sources, false));
    let proof = prove(&group, &needs, &sources, Vec::new()).unwrap();
    let user = User {
        sources,
        needs: &needs,
        servers: Vec::new(),
    };
    let review = review(&rules, &[user]);
    let mut entry = ClusterEgress::new(&cluster, &needs);
    let way = WayOut::by(&input.estate, &device, &sites, &answers);
    entry.ways.push(way);
    entry.plan = Some(PlanEntry::new(&group, &needs, &proof));
    EgressReport {
        version: 1,
        endpoints_as_of: built_in().date.clone(),
        clusters: vec![entry],
        firewalls: vec![FirewallEgress::new(
            &device,
            vec!["aks-1".to_owned()],
            &review,
        )],
    }
}

#[test]
fn what_is_denied_is_told_with_the_plan_that_lets_it_pass() {
    let report = report();
    assert!(report.is_refuted());
    assert!(report.clusters[0].plan.as_ref().unwrap().proof.holds());
    let mut out = Vec::new();
    write_terminal(&report, true, &mut out).unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap());
}

#[test]
fn the_schema_of_egress_is_the_one_of_the_code() {
    let path = root().join("schemas/egress.v1.schema.json");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, schema()).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, schema(), "run UPDATE=1 cargo test -p palisade-report");
    let schema = serde_json::from_str(&schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut out = Vec::new();
    write_json(&report(), &mut out).unwrap();
    let value = serde_json::from_slice(&out).unwrap();
    assert!(validator.is_valid(&value), "{value:#}");
}
