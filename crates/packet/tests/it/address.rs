//! Addresses: prefixes in and out.

use std::net::IpAddr;

use ipnet::IpNet;
use palisade_packet::{AddressSet, Set};
use proptest::prelude::*;

fn prefix(text: &str) -> AddressSet {
    AddressSet::from(text.parse::<IpNet>().unwrap())
}

#[test]
fn a_prefix_without_its_exceptions() {
    let set = prefix("10.0.0.0/8")
        .difference(&prefix("10.1.0.0/16"))
        .difference(&prefix("10.255.255.255/32"));
    assert_eq!(set.to_string(), "10.0.0.0/16, 10.2.0.0-10.255.255.254");
    assert!(!set.contains(&"10.1.2.3".parse().unwrap()));
    assert!(set.contains(&"10.2.0.0".parse().unwrap()));
    assert!(!set.contains(&"::ffff:10.2.0.0".parse().unwrap()));
}

#[test]
fn families_are_apart() {
    assert!(prefix("0.0.0.0/0").is_disjoint(&prefix("::/0")));
    assert_eq!(
        prefix("0.0.0.0/0").union(&prefix("::/0")),
        AddressSet::full()
    );
    assert_eq!(AddressSet::all_v4(), prefix("0.0.0.0/0"));
    assert_eq!(AddressSet::all_v6(), prefix("::/0"));
}

#[test]
fn a_range_between_families_holds_nothing() {
    let (first, last): (IpAddr, IpAddr) = ("10.0.0.1".parse().unwrap(), "::1".parse().unwrap());
    assert!(AddressSet::range(first, last).is_empty());
}

#[test]
fn halves_of_a_prefix_make_the_prefix() {
    let set: AddressSet = [prefix("fd00::/65"), prefix("fd00:0:0:0:8000::/65")]
        .into_iter()
        .collect();
    assert_eq!(set, prefix("fd00::/64"));
    assert_eq!(set.to_string(), "fd00::/64");
}

proptest! {
    #[test]
    fn prefixes_give_the_set_back(ranges in prop::collection::vec((any::<u32>(), any::<u32>()), 0..5)) {
        let set: AddressSet = ranges
            .into_iter()
            .map(|(a, b)| AddressSet::range(
                IpAddr::V4(a.min(b).into()),
                IpAddr::V4(a.max(b).into()),
            ))
            .collect();
        let back: AddressSet = set.prefixes().into_iter().map(AddressSet::from).collect();
        prop_assert_eq!(back, set);
    }
}
