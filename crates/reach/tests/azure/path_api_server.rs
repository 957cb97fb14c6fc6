//! The ways to the API server of a cluster.

use std::net::IpAddr;

use palisade_estate::Estate;
use palisade_estate::azure::ManagedCluster;
use palisade_packet::AddressSet;
use palisade_reach::azure::{Network, Outcome};
use palisade_reach::path::{to_api_server, verdict};
use serde_json::{Value, json};

use crate::estate::{estate, id, resource, tags};
use crate::spoke::{Spoke, rule};

const CLUSTER: &str =
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c";

/// The spoke with a cluster that has this access profile, and a subnet for an API server.
fn with_profile(profile: &Value, change: impl FnOnce(&mut Spoke)) -> Estate {
    let mut spoke = Spoke::default();
    change(&mut spoke);
    let mut resources = spoke.written();
    resources[0]["properties"]["apiServerAccessProfile"] = profile.clone();
    let subnets = resources[1]["properties"]["subnets"]
        .as_array_mut()
        .unwrap();
    subnets.push(
        json!({"id": id("virtualNetworks/spoke/subnets/api"), "name": "api",
        "properties": {"addressPrefix": "10.1.9.0/28",
                       "networkSecurityGroup": {"id": id("networkSecurityGroups/api")}}}),
    );
    estate(&resources)
}

fn group(rules: &[Value]) -> Value {
    resource(
        "networkSecurityGroups",
        "api",
        json!({"securityRules": rules}),
    )
}

/// The ways from an address with what becomes of packets there, and how many aren't known.
fn ways(estate: &Estate, from: &str) -> (Vec<(String, Outcome)>, usize) {
    let network = Network::new(estate, tags());
    let cluster = estate.all::<ManagedCluster<'_>>().next().unwrap();
    let from = AddressSet::from(from.parse::<IpAddr>().unwrap());
    let (doorways, unknown) = to_api_server(&network, &cluster, &from);
    let ways = doorways.into_iter().map(|doorway| {
        let outcome = verdict(&doorway.traces).unwrap();
        (doorway.name, outcome)
    });
    (ways.collect(), unknown.len())
}

const PUBLIC: &str = "public endpoint";
const PRIVATE: &str = "private endpoint";
const HUB: &str = "10.9.5.7";
const INTERNET: &str = "203.0.113.9";

#[test]
fn ranges_guard_the_public_endpoint() {
    let open = with_profile(&json!({}), |_| {});
    assert_eq!(
        ways(&open, INTERNET).0,
        [(PUBLIC.to_owned(), Outcome::Allowed)]
    );
    // The outbound addresses of the cluster aren't in the input, and these are let in, too.
    let ranges = json!({"authorizedIPRanges": ["203.0.113.0/24"]});
    let guarded = with_profile(&ranges, |_| {});
    assert_eq!(ways(&guarded, INTERNET).0[0].1, Outcome::Allowed);
    let outcome = &ways(&guarded, "198.51.100.9").0[0].1;
    assert!(matches!(outcome, Outcome::Uncertain(_)), "{outcome:?}");
}

fn private() -> Value {
    json!({"enablePrivateCluster": true})
}

fn private_endpoint(spoke: &mut Spoke) {
    spoke.others.push(resource(
        "privateEndpoints",
        "kube",
        json!({"subnet": {"id": id("virtualNetworks/spoke/subnets/nodes")},
               "privateLinkServiceConnections": [
                   {"name": "c", "properties": {"privateLinkServiceId": CLUSTER}}],
               "customDnsConfigs": [{"fqdn": "k", "ipAddresses": ["10.1.0.200"]}]}),
    ));
}

#[test]
fn a_private_cluster_is_reached_from_a_peered_network_and_not_from_the_internet() {
    let estate = with_profile(&private(), private_endpoint);
    assert_eq!(
        ways(&estate, INTERNET).0,
        [(PUBLIC.to_owned(), Outcome::Denied)]
    );
    assert_eq!(
        ways(&estate, HUB),
        (vec![(PRIVATE.to_owned(), Outcome::Allowed)], 0)
    );
    let kept_in = with_profile(&private(), |spoke| {
        private_endpoint(spoke);
        spoke.data_rules = vec![rule("stay", 100, "Outbound", "Deny", "10.1.0.0/16")];
    });
    assert_eq!(ways(&kept_in, HUB).0[0].1, Outcome::Denied);
}

#[test]
fn without_the_private_endpoint_in_the_input_its_way_is_unknown() {
    let estate = with_profile(&private(), |_| {});
    assert_eq!(ways(&estate, HUB), (Vec::new(), 1));
}

#[test]
fn vnet_integration_is_guarded_by_the_group_of_its_subnet() {
    let profile = json!({"enablePrivateCluster": true, "enableVnetIntegration": true,
                         "subnetId": id("virtualNetworks/spoke/subnets/api")});
    let open = with_profile(&profile, |spoke| spoke.others.push(group(&[])));
    let name = "address in subnet `api`".to_owned();
    assert_eq!(ways(&open, HUB).0, [(name.clone(), Outcome::Allowed)]);
    let deny = rule("nobody", 100, "Inbound", "Deny", "*");
    let closed = with_profile(&profile, |spoke| spoke.others.push(group(&[deny])));
    assert_eq!(ways(&closed, HUB).0, [(name, Outcome::Denied)]);
}

#[test]
fn who_is_in_no_known_network_may_reach_it() {
    let estate = with_profile(&private(), private_endpoint);
    assert_eq!(ways(&estate, "172.30.1.1"), (Vec::new(), 1));
}

#[test]
fn from_behind_a_gateway_the_private_endpoint_is_reached_through_the_peering() {
    let beyond = |spoke: &mut Spoke| {
        private_endpoint(spoke);
        let gateway = id("virtualNetworkGateways/vgw");
        let site = id("localNetworkGateways/site");
        spoke.others.extend([
            resource(
                "virtualNetworkGateways",
                "vgw",
                json!({"gatewayType": "Vpn", "enableBgp": false, "ipConfigurations": [{"name": "c",
                    "properties": {"subnet": {"id": id("virtualNetworks/hub/subnets/GatewaySubnet")}}}]}),
            ),
            resource(
                "localNetworkGateways",
                "site",
                json!({"localNetworkAddressSpace": {"addressPrefixes": ["172.30.0.0/16"]}}),
            ),
            resource(
                "connections",
                "site",
                json!({"virtualNetworkGateway1": {"id": gateway}, "localNetworkGateway2": {"id": site}}),
            ),
        ]);
    };
    let mut spoke = Spoke::default();
    beyond(&mut spoke);
    let mut resources = spoke.written();
    resources[0]["properties"]["apiServerAccessProfile"] = private();
    let peering = "/properties/virtualNetworkPeerings/0/properties";
    resources[1].pointer_mut(peering).unwrap()["useRemoteGateways"] = json!(true);
    resources[2].pointer_mut(peering).unwrap()["allowGatewayTransit"] = json!(true);
    let subnets = resources[2]["properties"]["subnets"]
        .as_array_mut()
        .unwrap();
    subnets.push(
        json!({"id": id("virtualNetworks/hub/subnets/GatewaySubnet"),
        "name": "GatewaySubnet", "properties": {"addressPrefix": "10.9.1.0/27"}}),
    );
    let estate = estate(&resources);
    assert_eq!(
        ways(&estate, "172.30.1.1"),
        (vec![(PRIVATE.to_owned(), Outcome::Allowed)], 0)
    );
    assert_eq!(ways(&estate, "172.31.1.1"), (Vec::new(), 1));
}
