//! Azure's own answers of recorded sessions, beside what is computed for the same interface.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

use std::fmt::Write as _;
use std::fs;

use palisade_corpus_tests::corpus;
use palisade_estate::azure::Subnet;
use palisade_packet::{AddressSet, PacketSet, Product, Set, Traffic};
use palisade_reach::azure::{Network, Routed, Vicinity, route};
use palisade_sources::File;
use serde_json::{Value, json};

const SESSION: &str = "estates/arm-resources/azcli-net--test_network_nic_convenience_commands";

/// The network of the session isn't recorded: 10.0.0.0/16, by its local route.
fn network(subnet: &str) -> Value {
    let (network, _) = subnet.split_once("/subnets/").unwrap();
    json!({"id": network, "name": "v", "type": "Microsoft.Network/virtualNetworks",
        "location": "westus",
        "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
            "virtualNetworkPeerings": [],
            "subnets": [{"id": subnet, "name": "s", "properties": {"addressPrefix": "10.0.0.0/24"}}]}})
}

#[test]
fn recorded_routes_differ_from_computed_ones_only_in_what_is_listed() {
    let folder = corpus(SESSION);
    let read = |path: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(folder.join(path)).unwrap()).unwrap()
    };
    let interface = read("resources/networkInterfaces__conveniencevm1VMNic.json");
    let subnet = interface.pointer("/properties/ipConfigurations/0/properties/subnet/id");
    let network = network(subnet.unwrap().as_str().unwrap());
    let routes = read("oracles/01-effectiveRouteTable.json")["response"].clone();
    let files = [
        ("interface.json", interface),
        ("network.json", network),
        ("conveniencevm1VMNic.json", routes),
    ];
    let load = |(path, content): &(&str, Value)| {
        Ok(File {
            path: (*path).to_owned(),
            bytes: content.to_string().into_bytes(),
        })
    };
    let input = palisade_sources::read_all(&files, load, true);
    assert!(
        input.not_understood.is_empty(),
        "{:?}",
        input.not_understood
    );
    let network = Network::new(&input.estate, Vec::new());
    let subnet = input.estate.all::<Subnet<'_>>().next().unwrap();
    let vicinity = Vicinity::of(&network, subnet);
    let there = Product::of(AddressSet::all_v4(), Traffic::full());
    let all: PacketSet = Product::of(AddressSet::full(), there);
    let mut told = String::new();
    for part in route(&network, &vicinity, &all) {
        let destinations = part.packets.rights().lefts();
        let destinations = destinations.prefixes();
        let Routed::To(leads) = part.outcome else {
            panic!("Azure's word is certain");
        };
        let shown: Vec<_> = destinations
            .iter()
            .take(4)
            .map(ToString::to_string)
            .collect();
        writeln!(
            told,
            "{leads:?}: {} [{} prefixes: {}]",
            part.rule.name,
            destinations.len(),
            shown.join(", ")
        )
        .unwrap();
    }
    insta::assert_snapshot!(told);
}
