//! Sets of names obey the algebra, and hold the names that their patterns match.

use palisade_packet::{NamePattern, NameSet};
use proptest::prelude::*;

use super::name::{names, pattern};

fn cilium(text: &str) -> NameSet {
    NameSet::of(&NamePattern::cilium(text)).unwrap()
}

/// A few patterns added to and taken from one another.
fn set() -> impl Strategy<Value = NameSet> {
    prop::collection::vec((pattern(), any::<bool>()), 1..4).prop_map(|parts| {
        parts
            .iter()
            .fold(NameSet::empty(), |set, (pattern, is_added)| {
                let next = NameSet::of(pattern).unwrap();
                match is_added {
                    true => set.union(&next).unwrap(),
                    false => next.difference(&set).unwrap(),
                }
            })
    })
}

#[test]
fn what_patterns_share_and_leave_out() {
    let (one_label, any_depth) = (cilium("*.example.com"), cilium("**.example.com"));
    assert!(one_label.is_subset(&any_depth) && !any_depth.is_subset(&one_label));
    let deeper = any_depth.difference(&one_label).unwrap();
    assert_eq!(deeper.witness().as_deref(), Some("a.a.example.com"));
    assert!(deeper.contains("A.b.example.com.") && !deeper.contains("b.example.com"));
    assert!(cilium("example.com").is_disjoint(&any_depth));
    assert_eq!(cilium("*"), NameSet::full());
}

#[test]
fn the_same_star_means_more_to_azure_firewall_than_to_cilium() {
    let azure = NameSet::of(&NamePattern::azure_firewall("*.example.com")).unwrap();
    let policy = NameSet::of(&NamePattern::cluster_policy("*.example.com")).unwrap();
    assert_eq!(azure, policy);
    assert_eq!(azure, cilium("**.example.com"));
    assert!(cilium("*.example.com").is_subset(&azure) && azure != cilium("*.example.com"));
}

/// Which of the last labels begin with `a` has to be kept in mind: one state for each answer.
#[test]
fn a_set_that_would_be_too_large_is_none() {
    let large = NamePattern::cilium(&format!("**.a*{}", ".*".repeat(16)));
    assert!(NameSet::of(&large).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_set_holds_what_its_pattern_matches(pattern in pattern()) {
        let set = NameSet::of(&pattern).unwrap();
        for name in names() {
            prop_assert_eq!(set.contains(&name), pattern.matches(&name), "{} {}", pattern, name);
        }
    }

    #[test]
    fn operations_hold_what_they_say(a in set(), b in set()) {
        let (union, both) = (a.union(&b).unwrap(), a.intersection(&b).unwrap());
        let rest = a.difference(&b).unwrap();
        for name in names() {
            let (in_a, in_b) = (a.contains(&name), b.contains(&name));
            prop_assert_eq!(union.contains(&name), in_a || in_b);
            prop_assert_eq!(both.contains(&name), in_a && in_b);
            prop_assert_eq!(rest.contains(&name), in_a && !in_b);
        }
    }

    /// Equal sets are equal values, however they were made.
    #[test]
    fn sets_of_names_obey_the_laws(a in set(), b in set(), c in set()) {
        let or = |left: &NameSet, right: &NameSet| left.union(right).unwrap();
        let and = |left: &NameSet, right: &NameSet| left.intersection(right).unwrap();
        let not = |set: &NameSet| NameSet::full().difference(set).unwrap();
        prop_assert_eq!(or(&a, &b), or(&b, &a));
        prop_assert_eq!(or(&or(&a, &b), &c), or(&a, &or(&b, &c)));
        prop_assert_eq!(and(&a, &or(&b, &c)), or(&and(&a, &b), &and(&a, &c)));
        prop_assert_eq!(not(&or(&a, &b)), and(&not(&a), &not(&b)));
        prop_assert_eq!(&not(&not(&a)), &a);
        prop_assert_eq!(or(&a, &not(&a)), NameSet::full());
        prop_assert!(and(&a, &not(&a)).is_empty());
        prop_assert_eq!(&or(&a, &and(&a, &b)), &a);
        prop_assert_eq!(a.is_subset(&b), a.difference(&b).unwrap().is_empty());
        prop_assert_eq!(a.is_disjoint(&b), and(&a, &b).is_empty());
        match a.witness() {
            Some(name) => prop_assert!(a.contains(&name)),
            None => prop_assert!(a.is_empty()),
        }
    }
}
