//! The way of packets through an appliance of another maker, as it is declared.

use std::net::IpAddr;

use palisade_estate::azure::ManagedCluster;
use palisade_packet::{AddressSet, PacketSet, PortSet, Product, Set, Traffic, Transport};
use palisade_reach::azure::{Appliance, Network, parse_packets};
use palisade_reach::path::{Asked, leave, starts};
use serde_json::{Value, json};

use crate::estate::tags;
use crate::spoke::{Spoke, rule, spoke, told_of};

/// Routes of the spoke lead to an appliance in the hub's subnet for data.
fn told(translates: bool, to: &str, change: impl FnOnce(&mut Spoke)) -> Vec<String> {
    let estate = spoke(|spoke| {
        spoke.routes = vec![to_device("default", "0.0.0.0/0")];
        spoke.outbound = "userDefinedRouting";
        change(spoke);
    });
    let device = Appliance {
        name: "waf-1".to_owned(),
        kind: "Barracuda WAF".to_owned(),
        address: "10.9.5.4".parse().unwrap(),
        allows: parse_packets("10.1.0.0/24 -> 203.0.113.0/24 tcp/443").unwrap(),
        translates,
        place: "palisade.toml:3".to_owned(),
    };
    let network = Network::new(&estate, tags()).with_appliances(vec![device]);
    let cluster = estate.all::<ManagedCluster<'_>>().next().unwrap();
    let starts = starts(&cluster).unwrap();
    let https = Traffic::to_ports(Transport::Tcp, PortSet::one(443));
    let to = AddressSet::from(to.parse::<IpAddr>().unwrap());
    let packets: PacketSet = Product::of(AddressSet::full(), Product::of(to, https));
    let asked = Asked::default();
    told_of(&leave(&network, &cluster, &starts[0], &asked, &packets))
}

fn to_device(name: &str, prefix: &str) -> Value {
    json!({"name": name, "properties": {"addressPrefix": prefix,
        "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.9.5.4"}})
}

/// The appliance's own subnet must take in what is for elsewhere.
fn open(spoke: &mut Spoke) {
    spoke.data_rules = vec![rule("in", 100, "Inbound", "Allow", "*")];
}

#[test]
fn what_is_declared_is_let_through_and_walks_on() {
    let told = told(true, "203.0.113.9", open);
    assert_eq!(told[4], "subnet NSG: in: allows");
    assert_eq!(
        told[6..9],
        [
            "appliance: waf-1: Barracuda WAF lets them through, as palisade.toml:3 declares",
            "source address: waf-1: Barracuda WAF puts its own address in place of the source, as palisade.toml:3 declares",
            "interface NSG: unknown network security group: perhaps",
        ]
    );
}

#[test]
fn everything_else_is_dropped() {
    let told = told(true, "198.51.100.9", open);
    assert_eq!(
        told[told.len() - 2..],
        [
            "appliance: waf-1: Barracuda WAF drops them, as palisade.toml:3 declares",
            "denied"
        ]
    );
}

#[test]
fn the_group_of_its_subnet_drops_what_is_for_elsewhere() {
    let told = told(true, "203.0.113.9", |_| {});
    assert_eq!(
        told[told.len() - 2..],
        ["subnet NSG: DenyAllInBound: denies", "denied"]
    );
}

#[test]
fn packets_are_written_by_source_destination_and_traffic() {
    assert_eq!(parse_packets("any -> any"), Ok(PacketSet::full()));
    let one = parse_packets("10.0.0.0/8->10.1.0.4 udp/53").unwrap();
    let dns = Traffic::to_ports(Transport::Udp, PortSet::one(53));
    assert_eq!(one.parts()[0].1.rights(), dns);
    for wrong in [
        "",
        "any",
        "-> any",
        "any ->",
        "x -> any",
        "any -> any tcp/x",
        "any -> any 1 2",
    ] {
        assert!(parse_packets(wrong).is_err(), "{wrong}");
    }
}
