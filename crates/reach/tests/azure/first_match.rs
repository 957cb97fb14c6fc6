//! Ordered rules of which some may match or may not: what the walk says about sets is what
//! trying out every way of the doubtful rules says about each member.

use std::collections::BTreeSet;

use palisade_estate::Unknown;
use palisade_packet::{IntervalSet, Set};
use palisade_reach::azure::{Bounds, Candidate, Decision, Rule, first_match};
use proptest::collection::vec;
use proptest::prelude::*;

type Numbers = IntervalSet<u8>;

#[derive(Clone, Debug)]
struct Drawn {
    least: Numbers,
    most: Numbers,
    action: u8,
}

fn numbers() -> impl Strategy<Value = Numbers> {
    vec((0..12_u8, 0..6_u8), 0..3).prop_map(|ranges| {
        let ranges = ranges
            .into_iter()
            .map(|(first, width)| (first, first + width));
        ranges.collect()
    })
}

fn drawn() -> impl Strategy<Value = Drawn> {
    (numbers(), numbers(), any::<bool>(), 0..3_u8).prop_map(|(least, more, is_exact, action)| {
        let most = if is_exact {
            least.clone()
        } else {
            least.union(&more)
        };
        Drawn {
            least,
            most,
            action,
        }
    })
}

/// What may happen to a number, by trying out whether each doubtful rule matches.
fn tried(rules: &[Drawn], number: u8) -> BTreeSet<u8> {
    let Some((first, rest)) = rules.split_first() else {
        return BTreeSet::from([9]);
    };
    let mut actions = BTreeSet::new();
    if first.most.contains(&number) {
        actions.insert(first.action);
    }
    if !first.least.contains(&number) {
        actions.extend(tried(rest, number));
    }
    actions
}

fn candidate((index, rule): (usize, &Drawn)) -> Candidate<Numbers, u8> {
    let cause = Unknown::because(format!("doubt {index}"), "look");
    Candidate {
        rule: Rule::absent(index.to_string()),
        matches: Bounds::between(rule.least.clone(), rule.most.clone(), vec![cause]),
        action: rule.action,
    }
}

proptest! {
    #[test]
    fn the_walk_agrees_with_trying_out(rules in vec(drawn(), 0..6)) {
        let packets = Numbers::range(0, 20);
        let parts = first_match(
            &packets,
            rules.iter().enumerate().map(candidate),
            (Rule::absent("end"), 9),
        );
        let mut seen = Numbers::empty();
        for part in &parts {
            prop_assert!(!part.packets.is_empty() && part.packets.is_disjoint(&seen));
            seen = seen.union(&part.packets);
            let said = match &part.outcome {
                Decision::Certain(action) => BTreeSet::from([*action]),
                Decision::Uncertain { actions, causes } => {
                    prop_assert!(!causes.is_empty());
                    actions.iter().copied().collect()
                }
            };
            for &(first, last) in part.packets.intervals() {
                for number in first..=last {
                    prop_assert_eq!(&said, &tried(&rules, number), "number {}", number);
                }
            }
        }
        prop_assert_eq!(seen, packets);
    }
}

#[test]
fn a_doubt_that_changes_nothing_is_none() {
    let doubtful = |action| Candidate {
        rule: Rule::absent("perhaps"),
        matches: Bounds::<Numbers>::unknown(Unknown::because("hidden", "show it")),
        action,
    };
    let packets = Numbers::range(0, 9);
    let same = first_match(&packets, [doubtful(1)], (Rule::absent("end"), 1));
    assert_eq!(same.len(), 1);
    assert_eq!(
        (same[0].rule.name.as_str(), &same[0].outcome),
        ("end", &Decision::Certain(1))
    );
    let other = first_match(&packets, [doubtful(1)], (Rule::absent("end"), 2));
    assert_eq!(other[0].rule.name, "perhaps");
    assert!(matches!(&other[0].outcome, Decision::Uncertain { actions, .. } if *actions == [1, 2]));
}
