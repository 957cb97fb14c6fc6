//! The truth cases of clusters, asked of the engine as whole estates.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

use std::net::IpAddr;

use palisade_corpus_tests::azure_path::{Case, cases};
use palisade_estate::Estate;
use palisade_estate::azure::ManagedCluster;
use palisade_packet::{AddressSet, PacketSet, PortSet, Product, Set, Traffic, Transport};
use palisade_reach::azure::outbound::{Destination, Table, built_in, needs};
use palisade_reach::azure::{Network, Outcome, refusals};
use palisade_reach::path::{
    Asked, HopKind, Resident, Trace, cross, leave, starts, to_api_server, verdict,
};
use palisade_sources::File;
use serde_json::{Value, json};

fn id(path: &str) -> String {
    format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/{path}")
}

fn resource(kind: &str, name: &str, properties: Value) -> Value {
    json!({"id": id(&format!("{kind}/{name}")), "name": name, "location": "westeurope",
           "type": format!("Microsoft.Network/{kind}"), "properties": properties})
}

/// A cluster with nodes in 10.0.0.0/24 of a network of its own; everything else is as Azure has it
/// where nothing is said.
fn estate(cluster: &Value, nodes: &Value, others: Vec<Value>) -> Estate {
    let subnet = id("virtualNetworks/v/subnets/nodes");
    let mut properties = cluster.clone();
    properties["nodeResourceGroup"] = json!("mc");
    let count = cluster.get("count").cloned().unwrap_or_else(|| json!(3));
    properties["agentPoolProfiles"] =
        json!([{"name": "p", "count": count, "vnetSubnetID": subnet}]);
    let mut node_subnet = json!({"addressPrefix": "10.0.0.0/24"});
    for (key, value) in nodes.as_object().into_iter().flatten() {
        node_subnet[key] = value.clone();
    }
    let mut resources = vec![
        json!({"id": CLUSTER, "name": "c", "location": "westeurope", "properties": properties,
               "type": "Microsoft.ContainerService/managedClusters"}),
        resource(
            "virtualNetworks",
            "v",
            json!({"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
                   "virtualNetworkPeerings": [],
                   "subnets": [
                       {"id": subnet, "name": "nodes", "properties": node_subnet},
                       {"id": id("virtualNetworks/v/subnets/api"), "name": "api", "properties": {
                           "addressPrefix": "10.0.9.0/24",
                           "networkSecurityGroup": {"id": id("networkSecurityGroups/api")}}}]}),
        ),
        json!({"id": "/subscriptions/s/resourceGroups/mc/providers/Microsoft.Network/networkSecurityGroups/n",
               "name": "n", "type": "Microsoft.Network/networkSecurityGroups",
               "location": "westeurope", "properties": {"securityRules": []}}),
    ];
    resources.extend(others);
    let content = serde_json::to_vec(&resources).unwrap();
    let load = |_: &&str| {
        Ok(File {
            path: "estate.json".to_owned(),
            bytes: content.clone(),
        })
    };
    palisade_sources::read_all(&["estate.json"], load, true).estate
}

const CLUSTER: &str =
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c";

fn group(rules: &Value) -> Value {
    resource(
        "networkSecurityGroups",
        "api",
        json!({"securityRules": rules}),
    )
}

fn one(text: &Value) -> AddressSet {
    AddressSet::from(text.as_str().unwrap().parse::<IpAddr>().unwrap())
}

fn tcp(port: u16) -> Traffic {
    Traffic::to_ports(Transport::Tcp, PortSet::one(port))
}

fn managed(estate: &Estate) -> ManagedCluster<'_> {
    estate.all::<ManagedCluster<'_>>().next().unwrap()
}

fn leaving(estate: &Estate, to: &AddressSet, traffic: Traffic) -> Vec<Trace> {
    let network = Network::new(estate, Vec::new());
    let cluster = managed(estate);
    let there = Product::of(to.clone(), traffic);
    let packets: PacketSet = Product::of(AddressSet::full(), there);
    let starts = starts(&cluster).unwrap();
    let asked = Asked::default();
    let traces = starts
        .iter()
        .flat_map(|start| leave(&network, &cluster, start, &asked, &packets));
    traces.collect()
}

/// The sources that the first network security group on the way sees.
fn seen(traces: &[Trace]) -> AddressSet {
    let hops = traces.iter().flat_map(|trace| &trace.hops);
    let mut groups =
        hops.filter(|hop| matches!(hop.kind, HopKind::InterfaceGroup | HopKind::SubnetGroup));
    groups.next().unwrap().packets.lefts()
}

fn profile(given: &Value) -> Value {
    let plugin = given["networkPlugin"].as_str().unwrap_or("azure");
    json!({"networkProfile": {"networkPlugin": plugin,
        "networkPluginMode": given["networkPluginMode"], "podCidr": given["podCidr"],
        "outboundType": given["outboundType"]},
        "count": given["nodes"], "apiServerAccessProfile": given})
}

/// The source seen outside is the node's, and not the pod's.
fn leaves_as_its_node(case: &Case, expected: &str) {
    let estate = estate(&profile(&case.given), &json!({}), Vec::new());
    let seen = seen(&leaving(&estate, &one(&case.flow["dst"]), tcp(443)));
    assert!(
        one(&case.expect[expected]).is_subset(&seen),
        "{}: {seen}",
        case.id
    );
    assert!(
        one(&case.given["pod"]).is_disjoint(&seen),
        "{}: {seen}",
        case.id
    );
}

fn keeps_its_address_between_pods(case: &Case) {
    let deny = json!([{"name": "apart", "properties": {"priority": 100, "direction": "Inbound",
        "access": "Deny", "protocol": "*", "sourceAddressPrefix": case.given["podCidr"],
        "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "*"}}]);
    let nodes = json!({"networkSecurityGroup": {"id": id("networkSecurityGroups/api")}});
    let estate = estate(&profile(&case.given), &nodes, vec![group(&deny)]);
    let network = Network::new(&estate, Vec::new());
    let pod = |address: &Value| Resident {
        is_host: false,
        addresses: Some(one(address)),
    };
    let (from, to) = (pod(&case.given["pod"]), pod(&case.flow["dst"]));
    let crossings = cross(&network, &managed(&estate), &from, &to, &tcp(443)).unwrap();
    let traces = &crossings[0].traces;
    assert_eq!(
        seen(traces),
        one(&case.expect["sourceSeenBySubnetNsg"]),
        "{}",
        case.id
    );
    assert_eq!(case.expect["subnetNsgApplies"], true);
    assert_eq!(verdict(traces), Some(Outcome::Denied), "{}", case.id);
}

fn is_refused(case: &Case) {
    let given = &case.given;
    let estate = estate(&profile(given), &json!({}), Vec::new());
    assert_eq!(case.expect["valid"], false, "{}", case.id);
    assert_eq!(refusals(&managed(&estate)).len(), 1, "{}", case.id);
}

fn reaches_the_api_server_by_its_outbound_type(case: &Case) {
    let route = json!({"routes": [{"name": "default", "properties": {
        "addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance",
        "nextHopIpAddress": "10.0.200.4"}}]});
    let nodes = json!({"routeTable": {"id": id("routeTables/t")}});
    let others = vec![resource("routeTables", "t", route)];
    let estate = estate(&profile(&case.given), &nodes, others);
    let public = one(&json!("20.50.60.70"));
    let traces = leaving(&estate, &public, tcp(443));
    let mut hops = traces.iter().flat_map(|trace| &trace.hops);
    assert!(
        hops.any(|hop| hop.kind == HopKind::Appliance),
        "{}",
        case.id
    );
    let table: &Table = built_in();
    let needs = needs(&managed(&estate), table, &[], &[]).unwrap();
    for name in case.expect["needs"].as_array().unwrap() {
        let name = name.as_str().unwrap().replace("<location>", "westeurope");
        let (name, port) = name.rsplit_once(':').unwrap();
        let wanted = Destination::Name(name.to_owned());
        let mut needs = needs.certain();
        assert!(
            needs.any(|need| need.destination == wanted && need.port.to_string() == port),
            "{}: {name}",
            case.id
        );
    }
    assert!(refusals(&managed(&estate)).is_empty());
}

/// The rules of the subnet decide about the ports that nodes need, one by one.
fn is_filtered_at_its_subnet(case: &Case) {
    let deny = json!([{"name": "no-tunnel", "properties": {"priority": 100, "direction": "Inbound",
        "access": "Deny", "protocol": "Tcp", "sourceAddressPrefix": "10.0.0.0/24",
        "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "4443"}}]);
    let mut cluster = profile(&case.given);
    cluster["apiServerAccessProfile"]["subnetId"] = json!(id("virtualNetworks/v/subnets/api"));
    let estate = estate(&cluster, &json!({}), vec![group(&deny)]);
    let server = one(&json!("10.0.9.4"));
    let tunnel = leaving(&estate, &server, tcp(4443));
    assert_eq!(verdict(&tunnel), Some(Outcome::Denied), "{}", case.id);
    let https = leaving(&estate, &server, tcp(443));
    assert_ne!(verdict(&https), Some(Outcome::Denied), "{}", case.id);
}

/// Its private endpoint isn't guarded by ranges: a machine outside them reaches it.
fn is_reached_past_its_ranges(case: &Case) {
    let endpoint = resource(
        "privateEndpoints",
        "kube-apiserver",
        json!({"subnet": {"id": id("virtualNetworks/v/subnets/nodes")},
               "privateLinkServiceConnections": [
                   {"name": "c", "properties": {"privateLinkServiceId": CLUSTER}}],
               "customDnsConfigs": [{"fqdn": "k", "ipAddresses": ["10.0.0.200"]}]}),
    );
    let machine = resource(
        "networkInterfaces",
        "m",
        json!({"ipConfigurations": [{"name": "c", "properties": {"privateIPAddress": "10.0.9.7",
               "subnet": {"id": id("virtualNetworks/v/subnets/api")}}}]}),
    );
    let others = vec![endpoint, machine, group(&json!([]))];
    let estate = estate(&profile(&case.given), &json!({}), others);
    let network = Network::new(&estate, Vec::new());
    let from = one(&json!("10.0.9.7"));
    let (doorways, unknown) = to_api_server(&network, &managed(&estate), &from);
    assert!(unknown.is_empty(), "{}: {unknown:?}", case.id);
    let [doorway] = doorways.as_slice() else {
        panic!("{}: {} ways", case.id, doorways.len());
    };
    assert_eq!(
        verdict(&doorway.traces),
        Some(Outcome::Allowed),
        "{}",
        case.id
    );
}

#[test]
fn clusters_are_what_the_documents_say() {
    for case in cases("aks") {
        match case.id.as_str() {
            "aks-overlay-snat-outside" => leaves_as_its_node(&case, "sourceSeenBySubnetNsg"),
            "aks-kubenet-snat" => leaves_as_its_node(&case, "sourceSeen"),
            "aks-overlay-pod-to-pod-no-snat" => keeps_its_address_between_pods(&case),
            "aks-kubenet-400"
            | "aks-udr-needs-default-route"
            | "aks-block-byo-invalid"
            | "aks-private-dns-none-and-no-public-fqdn" => is_refused(&case),
            "aks-nonprivate-api-via-outbound" => {
                reaches_the_api_server_by_its_outbound_type(&case);
            }
            "aks-vnetintegration-nsg" => is_filtered_at_its_subnet(&case),
            "aks-private-authorized-ranges-ignored" => is_reached_past_its_ranges(&case),
            // In `azure_path_aks`.
            "aks-runcommand-bypass" | "aks-public-all-open" | "aks-authorized-0.0.0.0/32" => {}
            other => panic!("nobody asks about {other}"),
        }
    }
}
