//! The truth cases of the rules that a Service makes, and of who reaches the API server.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

use std::net::IpAddr;

use palisade_corpus_tests::azure_path::{Case, cases};
use palisade_estate::azure::ManagedCluster;
use palisade_estate::{Estate, View};
use palisade_packet::{AddressSet, PacketSet, PortSet, Product, Set, Traffic, Transport};
use palisade_reach::azure::{
    Access, Outcome, PrivateWay, ServiceRule, api_server_access, api_server_endpoint, service_rules,
};
use palisade_sources::File;
use serde_json::{Value, json};

fn estate(content: &Value) -> Estate {
    let content = serde_json::to_vec(content).unwrap();
    let load = |_: &&str| {
        Ok(File {
            path: "estate.json".to_owned(),
            bytes: content.clone(),
        })
    };
    palisade_sources::read_all(&["estate.json"], load, true).estate
}

fn addresses(value: &Value) -> Vec<IpAddr> {
    let list = value.as_array().cloned().unwrap_or_default();
    list.iter()
        .map(|address| address.as_str().unwrap().parse().unwrap())
        .collect()
}

fn service(given: &Value) -> Value {
    let mut spec = given["service"].clone();
    let annotations = spec.as_object_mut().unwrap().remove("annotations");
    json!({"apiVersion": "v1", "kind": "Service", "spec": spec,
           "metadata": {"name": "s", "namespace": "n", "annotations": annotations}})
}

/// Whether a rule is what the case says, as far as it says it.
fn is_as_expected(rule: &ServiceRule, expected: &Value, given: &Value) -> bool {
    let access = match rule.access {
        Access::Allow => "Allow",
        Access::Deny => "Deny",
    };
    let destinations = addresses(match expected["destinations"].as_str() {
        Some("node IPs") => &given["nodeIPs"],
        _ => &given["lbIPs"],
    });
    let ports: Vec<_> = rule.ports.iter().map(u16::to_string).collect();
    let says = |name: &str, own: Value| expected[name].is_null() || expected[name] == own;
    says("access", json!(access))
        && says("protocol", json!(rule.protocol))
        && says("priority", json!(rule.priority))
        && says("namePrefix", json!(rule.name_prefix))
        && says("sourceAddressPrefix", json!(rule.sources.join(",")))
        && says("destinationPortRanges", json!(ports))
        && rule.destinations == destinations
}

#[test]
fn a_service_makes_the_rules_of_the_cloud_provider() {
    for Case {
        id, given, expect, ..
    } in cases("aks-nsg")
    {
        let estate = estate(&service(&given));
        let service = estate.objects().next().unwrap();
        let nodes = addresses(&given["nodeIPs"]);
        let made = service_rules(&service, &addresses(&given["lbIPs"]), &nodes);
        if let Some(error) = expect["error"].as_str() {
            assert_eq!(made.unwrap_err().cause, error, "{id}");
            continue;
        }
        let made = made.unwrap();
        if let Some(open) = expect["internet"].as_bool() {
            assert_eq!(made.is_open_to_internet, open, "{id}");
        }
        let expected = expect["rules"].as_array().unwrap();
        assert_eq!(
            made.rules.is_empty(),
            expected.is_empty(),
            "{id}: {:?}",
            made.rules
        );
        for rule in expected {
            let mut rules = made.rules.iter();
            assert!(
                rules.any(|made| is_as_expected(made, rule, &given)),
                "{id}: {rule} is not among {:?}",
                made.rules
            );
        }
    }
}

const CLUSTER: &str =
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c";
const OUTBOUND: &str =
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/publicIPAddresses/out";

/// A cluster with the access profile of a case and a known outbound address.
fn cluster(given: &Value) -> Estate {
    estate(&json!([
        {"id": CLUSTER, "name": "c", "type": "Microsoft.ContainerService/managedClusters",
         "location": "westeurope", "properties": {
            "apiServerAccessProfile": given,
            "networkProfile": {"loadBalancerProfile": {"effectiveOutboundIPs": [{"id": OUTBOUND}]}}}},
        {"id": OUTBOUND, "name": "out", "type": "Microsoft.Network/publicIPAddresses",
         "location": "westeurope", "properties": {"ipAddress": "20.1.1.1"}},
    ]))
}

fn from(source: &str) -> PacketSet {
    let source = AddressSet::from(source.parse::<IpAddr>().unwrap());
    let https = Traffic::to_ports(Transport::Tcp, PortSet::one(443));
    Product::of(source, Product::of(AddressSet::full(), https))
}

fn case(id: &str) -> Case {
    let mut cases = cases("aks").into_iter();
    cases.find(|case| case.id == id).unwrap()
}

fn outcomes(estate: &Estate, source: &str) -> Vec<Outcome> {
    let cluster = estate.all::<ManagedCluster<'_>>().next().unwrap();
    let parts = api_server_endpoint(&cluster, &from(source));
    parts.into_iter().map(|part| part.outcome).collect()
}

#[test]
fn the_public_endpoint_lets_in_whom_the_documents_say() {
    let open = case("aks-public-all-open");
    let estate = cluster(&open.given);
    assert_eq!(open.expect["reachable"], true);
    assert_eq!(outcomes(&estate, "203.0.113.9"), [Outcome::Allowed]);

    let closed = case("aks-authorized-0.0.0.0/32");
    let estate = cluster(&closed.given);
    assert_eq!(closed.expect["reachable"], false);
    let source = closed.flow["from"].as_str().unwrap();
    assert_eq!(outcomes(&estate, source), [Outcome::Denied]);
    assert_eq!(outcomes(&estate, "20.1.1.1"), [Outcome::Allowed]);
}

#[test]
fn a_private_cluster_has_no_public_endpoint_but_run_command() {
    let ignored = case("aks-private-authorized-ranges-ignored");
    let estate = cluster(&ignored.given);
    let range = ignored.given["authorizedIPRanges"][0].as_str().unwrap();
    let inside = range.split('/').next().unwrap();
    assert_eq!(outcomes(&estate, inside), [Outcome::Denied]);
    let managed = ManagedCluster::try_of(estate.resources().next().unwrap()).unwrap();
    let access = api_server_access(&managed);
    assert_eq!(access.private_way, Ok(PrivateWay::PrivateLink));
    assert_eq!(access.is_public, Ok(false));

    let run_command = case("aks-runcommand-bypass");
    let estate = cluster(&run_command.given);
    let managed = ManagedCluster::try_of(estate.resources().next().unwrap()).unwrap();
    assert_eq!(run_command.expect["reachable"], true);
    assert_eq!(api_server_access(&managed).run_command, Ok(true));
}
