//! Ordered rules, of which the first that matches decides.

use std::collections::BTreeSet;

use palisade_estate::Unknown;
use palisade_packet::Set;

use super::bounds::{Bounds, both};
use super::part::{Part, Rule};

/// A rule with what it matches and what it does.
#[derive(Clone, Debug)]
pub struct Candidate<P, A> {
    /// The rule.
    pub rule: Rule,
    /// The packets that it matches.
    pub matches: Bounds<P>,
    /// What it does with them.
    pub action: A,
}

/// What the first rule that matches does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision<A> {
    /// This, whatever the input doesn't tell.
    Certain(A),
    /// One of these.
    Uncertain {
        /// What may be done, in order; two or more.
        actions: Vec<A>,
        /// Why it isn't known.
        causes: Vec<Unknown>,
    },
}

/// Splits packets by the first candidate that matches. `fallback` is what decides about those
/// that none matches.
///
/// A rule that may match or may not leaves its packets open for the rules behind it. If these
/// come to the same, the answer is certain. The cost grows with the number of doubtful rules,
/// not with their combinations.
pub fn first_match<P: Set, A: Copy + Ord>(
    packets: &P,
    candidates: impl IntoIterator<Item = Candidate<P, A>>,
    fallback: (Rule, A),
) -> Vec<Part<P, Decision<A>>> {
    let mut walk = Walk {
        open: vec![Open {
            packets: packets.clone(),
            doubt: None,
        }],
        parts: Vec::new(),
    };
    for candidate in candidates {
        if walk.open.is_empty() {
            break;
        }
        walk.ask(&candidate);
    }
    let (rule, action) = fallback;
    walk.ask(&Candidate {
        rule,
        matches: Bounds::exactly(P::full()),
        action,
    });
    walk.parts
}

struct Walk<P, A> {
    open: Vec<Open<P, A>>,
    parts: Vec<Part<P, Decision<A>>>,
}

/// Packets that no rule has decided about for certain.
struct Open<P, A> {
    packets: P,
    doubt: Option<Doubt<A>>,
}

/// The rules that may have decided about packets.
#[derive(Clone)]
struct Doubt<A> {
    /// The first of them.
    rule: Rule,
    actions: BTreeSet<A>,
    causes: Vec<Unknown>,
}

impl<P: Set, A: Copy + Ord> Walk<P, A> {
    fn ask(&mut self, candidate: &Candidate<P, A>) {
        let matches = &candidate.matches;
        for open in std::mem::take(&mut self.open) {
            let Open { packets, doubt } = open;
            if packets.is_disjoint(&matches.most) {
                self.leave_open(packets, doubt);
                continue;
            }
            let certain = packets.intersection(&matches.least);
            let beyond = packets.difference(&matches.least);
            self.decide(certain, doubt.as_ref(), candidate);
            if matches.is_exact() {
                self.leave_open(beyond, doubt);
                continue;
            }
            let possible = beyond.intersection(&matches.most);
            self.leave_open(beyond.difference(&possible), doubt.clone());
            self.leave_open(possible, Some(deeper(doubt, candidate)));
        }
    }

    fn leave_open(&mut self, packets: P, doubt: Option<Doubt<A>>) {
        if packets.is_empty() {
            return;
        }
        let is_alike = |open: &&mut Open<P, A>| match (&open.doubt, &doubt) {
            (None, None) => true,
            (Some(a), Some(b)) => a.rule == b.rule && a.actions == b.actions,
            _ => false,
        };
        match self.open.iter_mut().find(is_alike) {
            Some(open) => {
                open.packets = open.packets.union(&packets);
                if let (Some(known), Some(new)) = (&mut open.doubt, doubt) {
                    known.causes = both(&known.causes, &new.causes);
                }
            }
            None => self.open.push(Open { packets, doubt }),
        }
    }

    fn decide(&mut self, packets: P, doubt: Option<&Doubt<A>>, candidate: &Candidate<P, A>) {
        if packets.is_empty() {
            return;
        }
        let doubt = doubt.filter(|doubt| doubt.actions.iter().any(|&a| a != candidate.action));
        let (rule, decision) = match doubt {
            None => (&candidate.rule, Decision::Certain(candidate.action)),
            Some(doubt) => {
                let mut actions = doubt.actions.clone();
                actions.insert(candidate.action);
                let decision = Decision::Uncertain {
                    actions: actions.into_iter().collect(),
                    causes: doubt.causes.clone(),
                };
                (&doubt.rule, decision)
            }
        };
        let is_alike = |part: &&mut Part<P, _>| part.rule == *rule && part.outcome == decision;
        match self.parts.iter_mut().find(is_alike) {
            Some(part) => part.packets = part.packets.union(&packets),
            None => self.parts.push(Part {
                packets,
                rule: rule.clone(),
                outcome: decision,
            }),
        }
    }
}

fn deeper<P, A: Copy + Ord>(doubt: Option<Doubt<A>>, candidate: &Candidate<P, A>) -> Doubt<A> {
    let mut doubt = doubt.unwrap_or_else(|| Doubt {
        rule: candidate.rule.clone(),
        actions: BTreeSet::new(),
        causes: Vec::new(),
    });
    doubt.actions.insert(candidate.action);
    doubt.causes = both(&doubt.causes, &candidate.matches.causes);
    doubt
}
