//! The way of packets from node to node of a cluster.

use std::net::IpAddr;

use palisade_estate::Estate;
use palisade_estate::azure::ManagedCluster;
use palisade_packet::{AddressSet, PortSet, Traffic, Transport};
use palisade_reach::azure::{Network, Outcome};
use palisade_reach::path::{Resident, approach, cross, verdict};
use serde_json::{Value, json};

use crate::estate::tags;
use crate::spoke::{Spoke, rule, spoke, to_appliance, told_of};

fn resident(address: Option<&str>, is_host: bool) -> Resident {
    let addresses = address.map(|text| AddressSet::from(text.parse::<IpAddr>().unwrap()));
    Resident { is_host, addresses }
}

fn pod(address: &str) -> Resident {
    resident(Some(address), false)
}

fn https() -> Traffic {
    Traffic::to_ports(Transport::Tcp, PortSet::one(443))
}

fn told(estate: &Estate, from: &Resident, to: &Resident) -> Vec<String> {
    let network = Network::new(estate, tags());
    let cluster = estate.all::<ManagedCluster<'_>>().next().unwrap();
    let crossings = cross(&network, &cluster, from, to, &https()).unwrap();
    let [crossing] = crossings.as_slice() else {
        panic!("{} subnets", crossings.len());
    };
    told_of(&crossing.traces)
}

fn inbound(name: &str, access: &str, from: &str) -> Value {
    let mut rule = rule(name, 100, "Inbound", access, "*");
    rule["properties"]["sourceAddressPrefix"] = json!(from);
    rule
}

const POD: &str = "192.168.1.5";
const OTHER: &str = "192.168.2.7";

#[test]
fn pods_of_an_overlay_pass_every_group_with_their_own_addresses_and_no_route() {
    let estate = spoke(|spoke| spoke.routes = vec![to_appliance("default", "0.0.0.0/0")]);
    assert_eq!(
        told(&estate, &pod(POD), &pod(OTHER)),
        [
            "interface NSG: AllowVnetOutBound: allows",
            "subnet NSG: AllowVnetOutBound: allows",
            "route: networkPluginMode overlay: in the routing domain of the cluster's pods",
            "subnet NSG: AllowVnetInBound: allows",
            "interface NSG: AllowVnetInBound: allows",
            "allowed",
        ]
    );
    // Without any routes the range of the pods is part of the tag all the same.
    let plain = spoke(|_| {});
    assert_eq!(
        told(&plain, &pod(POD), &pod(OTHER)).last().unwrap(),
        "allowed"
    );
}

#[test]
fn a_group_that_knows_nodes_alone_parts_the_pods_of_an_overlay() {
    let estate = spoke(|spoke| {
        spoke.node_rules = vec![inbound("nodes", "Allow", "10.1.0.0/24"), {
            let mut others = inbound("others", "Deny", "*");
            others["properties"]["priority"] = json!(200);
            others
        }];
    });
    let told_pods = told(&estate, &pod(POD), &pod(OTHER));
    assert_eq!(told_pods[3..], ["subnet NSG: others: denies", "denied"]);
    // To a node a pod goes with the address of its own.
    let node = resident(Some("10.1.0.9"), true);
    let told_node = told(&estate, &pod(POD), &node);
    assert_eq!(told_node[3], "subnet NSG: nodes: allows");
    assert_eq!(told_node.last().unwrap(), "allowed");
}

const RANGE: &str = "10.244.0.0/16";

fn kubenet(routes: Vec<Value>) -> impl FnOnce(&mut Spoke) {
    move |spoke| {
        spoke.plugin = ("kubenet", None, Some(RANGE));
        spoke.routes = routes;
    }
}

#[test]
fn pods_of_kubenet_need_a_route_to_the_node() {
    let to_node = json!({"name": "aks-node", "properties": {"addressPrefix": "10.244.2.0/24",
        "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.1.0.6"}});
    let back = json!({"name": "aks-other", "properties": {"addressPrefix": "10.244.1.0/24",
        "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.1.0.5"}});
    let estate = spoke(kubenet(vec![to_node.clone(), back]));
    let (from, to) = (pod("10.244.1.5"), pod("10.244.2.7"));
    assert_eq!(
        told(&estate, &from, &to),
        [
            "interface NSG: AllowVnetOutBound: allows",
            "subnet NSG: AllowVnetOutBound: allows",
            "route: aks-node: to the appliance at 10.1.0.6",
            "node: 10.1.0.6: is a node, which has the range of the pods",
            "subnet NSG: AllowVnetInBound: allows",
            "interface NSG: AllowVnetInBound: allows",
            "allowed",
        ]
    );
    let no_reply = spoke(kubenet(vec![to_node, to_appliance("default", "0.0.0.0/0")]));
    let told_of_reply = told(&no_reply, &from, &to);
    assert!(
        told_of_reply
            .last()
            .unwrap()
            .starts_with("uncertain: the reply"),
        "{told_of_reply:?}"
    );
    let estate = spoke(kubenet(Vec::new()));
    assert_eq!(told(&estate, &from, &to).last().unwrap(), "denied");
}

#[test]
fn pods_with_addresses_of_the_network_are_machines_of_their_subnet() {
    let flat = |spoke: &mut Spoke| spoke.plugin = ("azure", None, None);
    let (from, to) = (pod("10.1.0.20"), pod("10.1.0.30"));
    let open = spoke(flat);
    let told_open = told(&open, &from, &to);
    assert_eq!(
        told_open[2..4],
        [
            "route: system route of the network: stays in the network",
            "subnet NSG: AllowVnetInBound: allows",
        ]
    );
    assert_eq!(told_open.last().unwrap(), "allowed");
    let closed = spoke(|spoke| {
        flat(spoke);
        spoke.node_rules = vec![inbound("apart", "Deny", "10.1.0.0/24")];
    });
    assert_eq!(told(&closed, &from, &to).last().unwrap(), "denied");
}

#[test]
fn addresses_that_no_pod_can_have_are_told() {
    let estate = spoke(|_| {});
    let network = Network::new(&estate, tags());
    let cluster = estate.all::<ManagedCluster<'_>>().next().unwrap();
    let stray = cross(
        &network,
        &cluster,
        &pod("172.20.0.1"),
        &pod(OTHER),
        &https(),
    );
    assert!(stray.is_err());
}

#[test]
fn a_machine_reaches_pods_by_their_addresses_only_where_the_network_knows_these() {
    let to_pod = |estate: &Estate, to: &str| {
        let network = Network::new(estate, tags());
        let cluster = estate.all::<ManagedCluster<'_>>().next().unwrap();
        let from = "10.9.5.7".parse().unwrap();
        let crossing = approach(&network, &cluster, from, &pod(to), &https()).unwrap();
        assert_eq!(crossing.subnet.name(), "data");
        verdict(&crossing.traces)
    };
    let flat = spoke(|spoke| spoke.plugin = ("azure", None, None));
    assert_eq!(to_pod(&flat, "10.1.0.20"), Some(Outcome::Allowed));
    let overlay = spoke(|_| {});
    assert_eq!(to_pod(&overlay, POD), Some(Outcome::Denied));
}
