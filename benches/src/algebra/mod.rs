//! Ways to hold a set of packets, for comparison: the canonical sets of `palisade-packet`, lists
//! of boxes, and binary decision diagrams. All answer the same question about the same rules.

mod boxes;
mod canonical;
mod diagram;
mod rules;

use std::ops::RangeInclusive;

pub use boxes::Boxes;
pub use canonical::Canonical;
pub use diagram::Diagrams;
pub use rules::{Field, Matched, OrderedRule, ordered_rules};

/// A way to hold sets of packets.
pub trait Algebra {
    /// A set.
    type Set: Clone;

    /// What a rule matches.
    fn matched(&mut self, fields: &Matched) -> Self::Set;
    /// Every packet.
    fn full(&mut self) -> Self::Set;
    /// No packet.
    fn empty(&mut self) -> Self::Set;
    /// What is in either.
    fn union(&mut self, one: &Self::Set, other: &Self::Set) -> Self::Set;
    /// What is in both.
    fn intersection(&mut self, one: &Self::Set, other: &Self::Set) -> Self::Set;
    /// What is in the one and not in the other.
    fn difference(&mut self, one: &Self::Set, other: &Self::Set) -> Self::Set;
    /// Whether both hold the same packets.
    fn is_equal(&mut self, one: &Self::Set, other: &Self::Set) -> bool;
    /// Of how many pieces a set is made: parts, boxes, nodes.
    fn pieces(&self, set: &Self::Set) -> usize;
}

/// What ordered rules allow: the first that matches decides, and nothing else is allowed.
pub fn allowed<A: Algebra>(algebra: &mut A, rules: &[OrderedRule]) -> A::Set {
    let mut open = algebra.full();
    let mut allowed = algebra.empty();
    for rule in rules {
        let matched = algebra.matched(&rule.matched);
        if rule.allows {
            let new = algebra.intersection(&open, &matched);
            allowed = algebra.union(&allowed, &new);
        }
        open = algebra.difference(&open, &matched);
    }
    allowed
}

/// How many of some rules change nothing if they are left out: what a lint asks.
pub fn redundant<A: Algebra>(algebra: &mut A, rules: &[OrderedRule], asked: usize) -> usize {
    let whole = allowed(algebra, rules);
    let step = (rules.len() / asked).max(1);
    let left_out = (0..rules.len()).step_by(step);
    left_out
        .filter(|&number| {
            let mut others = rules.to_vec();
            others.remove(number);
            let without = allowed(algebra, &others);
            algebra.is_equal(&whole, &without)
        })
        .count()
}

type Range = RangeInclusive<u32>;

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits of both answers, so that a representation that gets a set wrong is seen.
    fn answers<A: Algebra>(algebra: &mut A, rules: &[OrderedRule]) -> (usize, Vec<bool>) {
        let whole = allowed(algebra, rules);
        let overlaps = rules.iter().map(|rule| {
            let matched = algebra.matched(&rule.matched);
            let allowed = algebra.intersection(&whole, &matched);
            algebra.is_equal(&allowed, &matched)
        });
        let overlaps = overlaps.collect();
        (redundant(algebra, rules, rules.len()), overlaps)
    }

    #[test]
    fn all_representations_answer_alike() {
        for seed in 0..40 {
            let rules = ordered_rules(14, seed);
            let known = answers(&mut Canonical, &rules);
            assert_eq!(known, answers(&mut Boxes, &rules), "boxes, seed {seed}");
            let diagrams = answers(&mut Diagrams::default(), &rules);
            assert_eq!(known, diagrams, "diagrams, seed {seed}");
        }
    }
}
