//! Every set obeys the algebra, and agrees with membership asked point by point.

use palisade_packet::{AddressSet, IntervalSet, PacketSet, Product, Set, Traffic, Transport};
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Ends of intervals. Sets whose intervals end here are constant between neighbours, so that
/// asking these points and those beside them asks all.
const ENDS: [u8; 8] = [0, 1, 2, 100, 101, 200, 254, 255];

fn interval() -> impl Strategy<Value = (u8, u8)> {
    let end = || prop::sample::select(ENDS.as_slice());
    (end(), end()).prop_map(|(a, b)| (a.min(b), a.max(b)))
}

fn numbers() -> impl Strategy<Value = IntervalSet<u8>> {
    prop::collection::vec(interval(), 0..4).prop_map(|all| all.into_iter().collect())
}

type Pairs = Product<IntervalSet<u8>, IntervalSet<u8>>;

fn pairs() -> impl Strategy<Value = Pairs> {
    let one = (numbers(), numbers()).prop_map(|(lefts, rights)| Product::of(lefts, rights));
    prop::collection::vec((one, any::<bool>()), 0..5).prop_map(|all| {
        all.into_iter()
            .fold(Pairs::empty(), |set, (next, is_added)| {
                if is_added {
                    set.union(&next)
                } else {
                    set.difference(&next)
                }
            })
    })
}

fn wide(set: &IntervalSet<u8>) -> IntervalSet<u16> {
    let ends = set.intervals().iter();
    ends.map(|&(a, b)| (u16::from(a), u16::from(b))).collect()
}

fn traffic() -> impl Strategy<Value = Traffic> {
    let one = (0..6, numbers(), numbers()).prop_map(|(which, a, b)| match which {
        0 => Traffic::ports(Transport::Tcp, wide(&a), wide(&b)),
        1 => Traffic::ports(Transport::Udp, wide(&a), wide(&b)),
        2 => Traffic::ports(Transport::Sctp, wide(&a), wide(&b)),
        3 => Traffic::icmp(a, b),
        4 => Traffic::icmpv6(a, b),
        _ => a.witness().map_or_else(Traffic::full, Traffic::protocol),
    });
    prop::collection::vec(one, 0..4).prop_map(|all| {
        all.iter()
            .fold(Traffic::empty(), |set, next| set.union(next))
    })
}

fn addresses() -> impl Strategy<Value = AddressSet> {
    let v4 = |n: u8| IpAddr::V4(Ipv4Addr::new(10, 0, 0, n));
    let v6 = |n: u8| IpAddr::V6(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, n.into()));
    let one = (any::<bool>(), interval()).prop_map(move |(is_v4, (a, b))| {
        if is_v4 {
            AddressSet::range(v4(a), v4(b))
        } else {
            AddressSet::range(v6(a), v6(b))
        }
    });
    prop::collection::vec(one, 0..4).prop_map(|all| all.into_iter().collect())
}

fn packets() -> impl Strategy<Value = PacketSet> {
    let one = (addresses(), addresses(), traffic())
        .prop_map(|(from, to, what)| PacketSet::of(from, Product::of(to, what)));
    prop::collection::vec(one, 0..4).prop_map(|all| {
        all.iter()
            .fold(PacketSet::empty(), |set, next| set.union(next))
    })
}

/// The laws that make a set algebra, and what canonical form adds to them.
fn laws<S: Set>(a: &S, b: &S, c: &S) -> Result<(), TestCaseError> {
    let (none, all) = (S::empty(), S::full());
    prop_assert_eq!(a.union(b), b.union(a));
    prop_assert_eq!(a.intersection(b), b.intersection(a));
    prop_assert_eq!(a.union(b).union(c), a.union(&b.union(c)));
    prop_assert_eq!(
        a.intersection(b).intersection(c),
        a.intersection(&b.intersection(c))
    );
    prop_assert_eq!(
        a.intersection(&b.union(c)),
        a.intersection(b).union(&a.intersection(c))
    );
    prop_assert_eq!(
        a.union(&b.intersection(c)),
        a.union(b).intersection(&a.union(c))
    );
    prop_assert_eq!(a.union(&a.intersection(b)), a.clone());
    prop_assert_eq!(a.complement().complement(), a.clone());
    prop_assert_eq!(
        a.union(b).complement(),
        a.complement().intersection(&b.complement())
    );
    prop_assert_eq!(a.difference(b), a.intersection(&b.complement()));
    prop_assert_eq!(&a.union(&none), a);
    prop_assert_eq!(&a.intersection(&all), a);
    prop_assert_eq!(a.union(&a.complement()), all);
    prop_assert!(a.intersection(&a.complement()).is_empty());
    prop_assert!(a.intersection(b).is_subset(a));
    prop_assert!(a.is_subset(&a.union(b)));
    prop_assert_eq!(a.is_subset(b) && b.is_subset(a), a == b);
    prop_assert_eq!(a.is_subset(b), a.difference(b).is_empty());
    prop_assert_eq!(a.is_disjoint(b), a.intersection(b).is_empty());
    prop_assert_eq!(a.is_empty(), a == &none);
    match a.witness() {
        Some(witness) => prop_assert!(a.contains(&witness)),
        None => prop_assert!(a.is_empty()),
    }
    Ok(())
}

/// The ends of intervals and their neighbours.
fn points() -> Vec<u8> {
    let beside = |end: u8| [end.saturating_sub(1), end, end.saturating_add(1)];
    ENDS.into_iter().flat_map(beside).collect()
}

proptest! {
    #[test]
    fn intervals_obey_the_laws(a in numbers(), b in numbers(), c in numbers()) {
        laws(&a, &b, &c)?;
    }

    #[test]
    fn products_obey_the_laws(a in pairs(), b in pairs(), c in pairs()) {
        laws(&a, &b, &c)?;
    }

    #[test]
    fn traffic_obeys_the_laws(a in traffic(), b in traffic(), c in traffic()) {
        laws(&a, &b, &c)?;
    }

    #[test]
    fn addresses_obey_the_laws(a in addresses(), b in addresses(), c in addresses()) {
        laws(&a, &b, &c)?;
    }

    #[test]
    fn packets_obey_the_laws(a in packets(), b in packets(), c in packets()) {
        laws(&a, &b, &c)?;
    }

    #[test]
    fn intervals_hold_what_their_operation_says(a in numbers(), b in numbers()) {
        for point in 0..=255 {
            let (in_a, in_b) = (a.contains(&point), b.contains(&point));
            prop_assert_eq!(a.union(&b).contains(&point), in_a || in_b);
            prop_assert_eq!(a.intersection(&b).contains(&point), in_a && in_b);
            prop_assert_eq!(a.difference(&b).contains(&point), in_a && !in_b);
            prop_assert_eq!(a.complement().contains(&point), !in_a);
        }
    }

    #[test]
    fn products_hold_what_their_operation_says(a in pairs(), b in pairs()) {
        let (union, both, rest) = (a.union(&b), a.intersection(&b), a.difference(&b));
        for left in points() {
            for right in points() {
                let point = (left, right);
                let (in_a, in_b) = (a.contains(&point), b.contains(&point));
                prop_assert_eq!(union.contains(&point), in_a || in_b);
                prop_assert_eq!(both.contains(&point), in_a && in_b);
                prop_assert_eq!(rest.contains(&point), in_a && !in_b);
            }
        }
    }

    /// One form for one set: however the rectangles are put together.
    #[test]
    fn the_order_of_building_leaves_no_trace(mut cubes in prop::collection::vec((numbers(), numbers()), 1..6)) {
        let build = |cubes: &[(IntervalSet<u8>, IntervalSet<u8>)]| {
            cubes.iter().fold(Pairs::empty(), |set, (lefts, rights)| {
                set.union(&Product::of(lefts.clone(), rights.clone()))
            })
        };
        let forwards = build(&cubes);
        cubes.reverse();
        prop_assert_eq!(forwards, build(&cubes));
    }
}
