//! Names: what each wildcard language matches.

use palisade_packet::NamePattern;
use proptest::prelude::*;

fn check(pattern: &NamePattern, matched: &[&str], others: &[&str]) {
    for name in matched {
        assert!(pattern.matches(name), "{pattern} {name}");
    }
    for name in others {
        assert!(!pattern.matches(name), "{pattern} {name}");
    }
}

#[test]
fn a_name_matches_itself_in_any_case() {
    let name = NamePattern::exact("API.example.com.");
    check(
        &name,
        &["api.example.com", "Api.Example.Com."],
        &["example.com", "api.example.com.de"],
    );
}

#[test]
fn cilium_keeps_a_star_within_its_label() {
    check(&NamePattern::cilium("*"), &["a", "a.b.c"], &[]);
    check(
        &NamePattern::cilium("*.cilium.io"),
        &["docs.cilium.io", "a-b.cilium.io"],
        &["cilium.io", "a.docs.cilium.io"],
    );
    check(
        &NamePattern::cilium("sub*.cilium.io"),
        &["sub.cilium.io", "subway.cilium.io"],
        &["sub.way.cilium.io", "su.cilium.io"],
    );
    check(
        &NamePattern::cilium("**.cilium.io"),
        &["docs.cilium.io", "a.docs.cilium.io"],
        &["cilium.io", "xcilium.io"],
    );
    check(
        &NamePattern::cilium("*cilium.io"),
        &["cilium.io", "xcilium.io"],
        &["x.cilium.io"],
    );
}

#[test]
fn azure_firewall_lets_a_star_cross_labels() {
    check(
        &NamePattern::azure_firewall("*.azurecr.io"),
        &["x.azurecr.io", "a.b.azurecr.io"],
        &["azurecr.io", "xazurecr.io"],
    );
    check(
        &NamePattern::azure_firewall("*azurecr.io"),
        &["azurecr.io", "a.xazurecr.io"],
        &["azurecr.io.de"],
    );
    check(&NamePattern::azure_firewall("*"), &["a.b"], &[]);
}

#[test]
fn a_cluster_policy_asks_for_one_label_or_more() {
    check(
        &NamePattern::cluster_policy("*.kubernetes.io"),
        &["blog.kubernetes.io", "a.b.kubernetes.io"],
        &["kubernetes.io"],
    );
    check(
        &NamePattern::cluster_policy("kubernetes.io"),
        &["kubernetes.io"],
        &["x.kubernetes.io"],
    );
}

#[test]
fn what_two_patterns_have_in_common() {
    let common = |a: &str, b: &str| NamePattern::cilium(a).common(&NamePattern::cilium(b));
    assert_eq!(common("a.b", "a.b"), Some("a.b".to_owned()));
    assert_eq!(common("*.b", "a.*"), Some("a.b".to_owned()));
    assert_eq!(common("*.example.com", "**.b.example.com"), None);
    assert!(common("**.example.com", "*.b.example.com").is_some());
    assert_eq!(common("x*.com", "y*.com"), None);
}

pub(crate) fn pattern() -> impl Strategy<Value = NamePattern> {
    let text = prop::collection::vec(prop::sample::select(vec!["a", "b", ".", "*"]), 1..6);
    (text, 0..3).prop_map(|(parts, language)| match language {
        0 => NamePattern::cilium(&parts.concat()),
        1 => NamePattern::azure_firewall(&parts.concat()),
        _ => NamePattern::cluster_policy(&parts.concat()),
    })
}

/// Every name of up to so many characters `a`, `b`, `c` and dots, with labels that aren't empty.
pub(crate) fn names() -> Vec<String> {
    let mut all: Vec<String> = vec![String::new()];
    let mut from = 0;
    for _ in 0..6 {
        let to = all.len();
        for number in from..to {
            for c in ['a', 'b', 'c', '.'] {
                let name = format!("{}{c}", all[number]);
                if !name.starts_with('.') && !name.contains("..") {
                    all.push(name);
                }
            }
        }
        from = to;
    }
    all.retain(|name| !name.is_empty() && !name.ends_with('.'));
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What two patterns have in common both match; where nothing is found, no name matches both.
    #[test]
    fn common_names_are_common(a in pattern(), b in pattern()) {
        match a.common(&b) {
            Some(name) => prop_assert!(a.matches(&name) && b.matches(&name), "{} {} {}", a, b, name),
            None => for name in names() {
                prop_assert!(!(a.matches(&name) && b.matches(&name)), "{} {} {}", a, b, name);
            },
        }
    }
}
