//! The way of packets from pods through Azure's network.

use std::net::IpAddr;

use palisade_estate::azure::ManagedCluster;
use palisade_packet::AddressSet;
use palisade_reach::azure::{Network, Outcome};
use palisade_reach::path::{Asked, come_in, starts, verdict};
use serde_json::{Value, json};

use crate::estate::{estate, estate_of, resource, tags};
use crate::spoke::{SOURCE, Spoke, rule, spoke, to_appliance, told, told_of, walk};

#[test]
fn to_the_internet_by_the_load_balancer() {
    let estate = spoke(|_| {});
    assert_eq!(
        told(&estate, "203.0.113.9"),
        [
            SOURCE,
            "interface NSG: AllowInternetOutBound: allows",
            "subnet NSG: AllowInternetOutBound: allows",
            "route: system route to the internet: to the internet",
            "way out: outboundType: leaves by the cluster's load balancer",
            "allowed",
        ]
    );
}

#[test]
fn a_default_route_leads_to_the_appliance_and_into_the_tag() {
    let estate = spoke(|spoke| {
        spoke.routes = vec![to_appliance("default", "0.0.0.0/0")];
        spoke.outbound = "userDefinedRouting";
    });
    // Under forced tunnelling the internet is part of `VirtualNetwork`.
    assert_eq!(
        told(&estate, "203.0.113.9"),
        [
            SOURCE,
            "interface NSG: AllowVnetOutBound: allows",
            "subnet NSG: AllowVnetOutBound: allows",
            "route: default: to the appliance at 10.9.0.4",
            "appliance: 10.9.0.4: may let through",
            "uncertain: what the appliance at 10.9.0.4 lets through isn't known",
        ]
    );
}

#[test]
fn what_a_group_denies_goes_no_further() {
    let estate = spoke(|spoke| {
        spoke.node_rules = vec![rule("no-internet", 200, "Outbound", "Deny", "Internet")];
    });
    assert_eq!(
        told(&estate, "203.0.113.9"),
        [
            SOURCE,
            "interface NSG: AllowInternetOutBound: allows",
            "subnet NSG: no-internet: denies",
            "denied",
        ]
    );
}

#[test]
fn a_peered_network_is_reached_past_the_default_route_and_filters_for_itself() {
    let open = spoke(|spoke| spoke.routes = vec![to_appliance("default", "0.0.0.0/0")]);
    assert_eq!(
        told(&open, "10.9.5.7")[3..],
        [
            "route: system route of peering `p`: over the peering to `hub`",
            "subnet NSG: AllowVnetInBound: allows",
            "allowed",
        ]
    );
    let closed = spoke(|spoke| {
        spoke.data_rules = vec![rule("nobody", 100, "Inbound", "Deny", "*")];
    });
    assert_eq!(told(&closed, "10.9.5.7").last().unwrap(), "denied");
}

#[test]
fn a_reply_that_takes_another_way_is_found() {
    let estate = spoke(|spoke| spoke.data_routes = vec![to_appliance("back", "10.1.0.0/16")]);
    let told = told(&estate, "10.9.5.7");
    assert_eq!(
        told[told.len() - 2],
        "reply: back: to the appliance at 10.9.0.4"
    );
    assert!(
        told.last()
            .unwrap()
            .starts_with("uncertain: the reply takes another way")
    );
    let dropped = spoke(|spoke| {
        spoke.data_routes = vec![json!({"name": "drop", "properties": {
            "addressPrefix": "10.1.0.0/16", "nextHopType": "None"}})];
    });
    assert_eq!(
        verdict(&walk(&dropped, "10.9.5.7", &Asked::default())),
        Some(Outcome::Denied)
    );
}

#[test]
fn nodes_without_ipv6_reach_nothing_by_it() {
    let estate = spoke(|_| {});
    assert_eq!(
        told(&estate, "2a00::1"),
        [
            "source address: networkPluginMode overlay: has no address of the destination's family",
            "denied",
        ]
    );
}

#[test]
fn private_ranges_outside_the_network_are_dropped() {
    let estate = spoke(|_| {});
    let told = told(&estate, "10.20.0.1");
    assert_eq!(told.last().unwrap(), "denied");
}

#[test]
fn what_the_input_lacks_is_uncertain() {
    let mut resources = Spoke::default().written();
    // Every resource but the cluster and its network, one at a time: never more certain.
    for left_out in [3, 5, 9] {
        let mut fewer = resources.clone();
        fewer.remove(left_out);
        let outcome = verdict(&walk(&estate(&fewer), "203.0.113.9", &Asked::default()));
        assert!(
            matches!(outcome, Some(Outcome::Uncertain(_))),
            "{left_out}: {outcome:?}"
        );
    }
    resources.remove(1);
    let estate = estate(&resources);
    let cluster = estate.all::<ManagedCluster<'_>>().next().unwrap();
    assert!(starts(&cluster).is_err());
}

fn allow_web(to: &str) -> Value {
    let mut rule = rule("web", 100, "Inbound", "Allow", to);
    rule["properties"]["sourceAddressPrefix"] = json!("Internet");
    rule
}

/// What becomes of packets from the internet to the load balancer of a Service.
fn come_in_told(annotations: &Value, spec: &Value, change: impl FnOnce(&mut Spoke)) -> Vec<String> {
    let mut spec = spec.clone();
    spec["type"] = json!("LoadBalancer");
    spec["ports"] = json!([{"port": 443, "nodePort": 30443, "protocol": "TCP"}]);
    let service = json!({"apiVersion": "v1", "kind": "Service", "spec": spec,
        "metadata": {"name": "web", "namespace": "shop", "annotations": annotations},
        "status": {"loadBalancer": {"ingress": [{"ip": "20.1.2.3"}]}}});
    let mut spoke = Spoke::default();
    change(&mut spoke);
    let mut resources = spoke.written();
    // Without the group of the nodes the rules that the cloud provider writes are asked.
    resources.retain(|resource| resource["name"] != "aks-agentpool-nsg");
    let estate = estate_of(&[("azure.json", json!(resources)), ("service.json", service)]);
    let network = Network::new(&estate, tags());
    let cluster = estate.all::<ManagedCluster<'_>>().next().unwrap();
    let service = estate.objects().next().unwrap();
    let from = AddressSet::from("203.0.113.9".parse::<IpAddr>().unwrap());
    let entrances = come_in(&network, &cluster, &service, &from).unwrap();
    let [entrance] = entrances.as_slice() else {
        panic!("{} subnets", entrances.len());
    };
    told_of(&entrance.traces)
}

#[test]
fn the_subnet_must_let_a_service_in_by_itself() {
    let told = come_in_told(&json!({}), &json!({}), |_| {});
    assert_eq!(
        told,
        [
            "load balancer: Service shop/web: the public frontend takes them in",
            "subnet NSG: DenyAllInBound: denies",
            "denied",
        ]
    );
    let told = come_in_told(&json!({}), &json!({}), |spoke| {
        spoke.node_rules = vec![allow_web("20.1.2.3")];
    });
    assert_eq!(
        told[1..],
        [
            "subnet NSG: web: allows",
            "interface NSG: rule k8s-azure-lb_allow_IPv4_… of the Service: allows",
            "allowed",
        ]
    );
}

#[test]
fn a_public_load_balancer_behind_a_default_route_loses_its_replies() {
    let told = come_in_told(&json!({}), &json!({}), |spoke| {
        spoke.node_rules = vec![allow_web("20.1.2.3")];
        spoke.routes = vec![to_appliance("default", "0.0.0.0/0")];
        spoke.others = vec![resource(
            "azureFirewalls",
            "fw",
            json!({
            "ipConfigurations": [{"name": "c", "properties": {"privateIPAddress": "10.9.0.4"}}]}),
        )];
    });
    assert_eq!(
        told[told.len() - 2..],
        [
            "reply: default: to the appliance at 10.9.0.4, which loses it",
            "denied",
        ]
    );
}

#[test]
fn source_ranges_and_internal_frontends_keep_the_internet_out() {
    let open = |spoke: &mut Spoke| spoke.node_rules = vec![allow_web("*")];
    let ranges = json!({"loadBalancerSourceRanges": ["198.51.100.0/24"]});
    let told = come_in_told(&json!({}), &ranges, open);
    assert_eq!(told.last().unwrap(), "denied");
    let internal = json!({"service.beta.kubernetes.io/azure-load-balancer-internal": "true"});
    let told = come_in_told(&internal, &json!({}), open);
    assert_eq!(
        told,
        [
            "load balancer: Service shop/web: the internet has no way to a frontend inside the network",
            "denied",
        ]
    );
}
