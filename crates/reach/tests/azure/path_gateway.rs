//! The way of requests by an Application Gateway.

use std::net::IpAddr;

use palisade_estate::Estate;
use palisade_estate::azure::{ApplicationGateway, ManagedCluster};
use palisade_packet::AddressSet;
use palisade_reach::azure::Network;
use palisade_reach::path::{come_in_by_gateway, gateway_routes};
use serde_json::{Value, json};

use crate::estate::{estate, id, resource, tags};
use crate::spoke::{Spoke, rule, to_appliance, told_of};

/// The spoke with a gateway in a subnet of its own.
struct Front {
    frontend: Value,
    rules: Vec<Value>,
    routes: Vec<Value>,
    mode: &'static str,
}

impl Default for Front {
    fn default() -> Self {
        let mut web = rule("web", 100, "Inbound", "Allow", "*");
        web["properties"]["sourceAddressPrefix"] = json!("Internet");
        Self {
            frontend: json!({"publicIPAddress": {"id": id("publicIPAddresses/front")}}),
            rules: vec![web],
            routes: Vec::new(),
            mode: "Prevention",
        }
    }
}

fn written(front: Front) -> Estate {
    let mut resources = Spoke::default().written();
    let subnets = resources[1]["properties"]["subnets"]
        .as_array_mut()
        .unwrap();
    subnets.push(
        json!({"id": id("virtualNetworks/spoke/subnets/front"), "name": "front",
        "properties": {"addressPrefix": "10.1.4.0/24",
                       "routeTable": {"id": id("routeTables/front")},
                       "networkSecurityGroup": {"id": id("networkSecurityGroups/front")}}}),
    );
    let part = |kind: &str, name: &str| json!({"id": id(&format!("applicationGateways/agw/{kind}/{name}"))});
    resources.extend([
        resource(
            "networkSecurityGroups",
            "front",
            json!({"securityRules": front.rules}),
        ),
        resource("routeTables", "front", json!({"routes": front.routes})),
        resource(
            "azureFirewalls",
            "fw",
            json!({"ipConfigurations": [
            {"name": "c", "properties": {"privateIPAddress": "10.9.0.4"}}]}),
        ),
        resource(
            "ApplicationGatewayWebApplicationFirewallPolicies",
            "waf",
            json!({"policySettings": {"state": "Enabled", "mode": front.mode}}),
        ),
        resource(
            "applicationGateways",
            "agw",
            json!({
            "firewallPolicy": {"id": id("ApplicationGatewayWebApplicationFirewallPolicies/waf")},
            "gatewayIPConfigurations": [{"name": "c", "properties": {
                "subnet": {"id": id("virtualNetworks/spoke/subnets/front")}}}],
            "frontendIPConfigurations": [{"name": "f", "properties": front.frontend}],
            "frontendPorts": [{"name": "p", "properties": {"port": 443}}],
            "backendAddressPools": [{"name": "b", "properties": {
                "backendAddresses": [{"ipAddress": "10.1.0.240"}, {"fqdn": "elsewhere.example"}]}}],
            "backendHttpSettingsCollection": [{"name": "s", "properties": {"port": 8443}}],
            "httpListeners": [{"name": "l", "properties": {
                "frontendIPConfiguration": part("frontendIPConfigurations", "f"),
                "frontendPort": part("frontendPorts", "p")}}],
            "requestRoutingRules": [{"name": "r", "properties": {
                "httpListener": part("httpListeners", "l"),
                "backendAddressPool": part("backendAddressPools", "b"),
                "backendHttpSettings": part("backendHttpSettingsCollection", "s")}}]}),
        ),
    ]);
    estate(&resources)
}

fn told(front: Front) -> Vec<String> {
    let estate = written(front);
    let network = Network::new(&estate, tags());
    let cluster = estate.all::<ManagedCluster<'_>>().next().unwrap();
    let gateway = estate.all::<ApplicationGateway<'_>>().next().unwrap();
    let (routes, unknown) = gateway_routes(&gateway);
    assert!(unknown.is_empty(), "{unknown:?}");
    assert_eq!(routes.len(), 1);
    let from = AddressSet::from("203.0.113.9".parse::<IpAddr>().unwrap());
    told_of(&come_in_by_gateway(&network, &cluster, &gateway, &routes[0], &from).unwrap())
}

#[test]
fn requests_go_on_as_the_gateways_own() {
    assert_eq!(
        told(Front::default()),
        [
            "gateway: l: listens at a public address",
            "subnet NSG: web: allows",
            "gateway: r: sends requests on to 10.1.0.240 port 8443, but for those that firewall policy `waf` stops",
            "subnet NSG: AllowVnetOutBound: allows",
            "route: system route of the network: stays in the network",
            "subnet NSG: AllowVnetInBound: allows",
            "interface NSG: AllowVnetInBound: allows",
            "allowed",
        ]
    );
    let detecting = told(Front {
        mode: "Detection",
        ..Front::default()
    });
    assert!(detecting[2].ends_with("read by firewall policy `waf` in mode detection"));
}

#[test]
fn the_group_of_the_gateways_subnet_sees_the_client() {
    let told = told(Front {
        rules: Vec::new(),
        ..Front::default()
    });
    assert_eq!(told[1..], ["subnet NSG: DenyAllInBound: denies", "denied"]);
}

#[test]
fn a_gateway_behind_a_default_route_loses_its_replies() {
    let told = told(Front {
        routes: vec![to_appliance("default", "0.0.0.0/0")],
        ..Front::default()
    });
    assert_eq!(
        told[2..],
        [
            "reply: default: to the appliance at 10.9.0.4, which loses it",
            "denied"
        ]
    );
}

#[test]
fn a_listener_inside_the_network_keeps_the_internet_out() {
    let told = told(Front {
        frontend: json!({"privateIPAddress": "10.1.4.10"}),
        ..Front::default()
    });
    assert_eq!(
        told,
        ["gateway: l: listens inside the network alone", "denied"]
    );
}
