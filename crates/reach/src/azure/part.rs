//! What a hop answers.

use palisade_document::Origin;
use palisade_estate::{ResourceId, Settings, Unknown};
use palisade_packet::Set;

use super::Decision;
use super::bounds::both;

/// Some of the packets that a hop was given: those about which one rule decides alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<P, O = Outcome> {
    /// The packets, at least one.
    pub packets: P,
    /// The rule that decides about them; the first that may where it isn't known which does.
    pub rule: Rule,
    /// What becomes of them.
    pub outcome: O,
}

impl<P, O> Part<P, O> {
    /// The same packets and rule with another outcome.
    pub fn map<U>(self, convert: impl FnOnce(O) -> U) -> Part<P, U> {
        Part {
            packets: self.packets,
            rule: self.rule,
            outcome: convert(self.outcome),
        }
    }
}

/// A rule, route or setting that decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name; for what has none, what it is: `no network security group`.
    pub name: String,
    /// The resource that holds it: the network security group, the route table, the policy.
    pub resource: Option<ResourceId>,
    /// Where it is written; nothing for what Azure adds by itself.
    pub origin: Option<Origin>,
}

impl Rule {
    /// A rule that stands in the body of a resource.
    pub fn written(name: impl Into<String>, resource: &ResourceId, at: &Settings<'_>) -> Self {
        Self {
            name: name.into(),
            resource: Some(resource.clone()),
            origin: Some(at.anchor().origin()),
        }
    }

    /// A rule that Azure adds to a resource by itself.
    pub fn implied(name: impl Into<String>, resource: &ResourceId) -> Self {
        Self {
            name: name.into(),
            resource: Some(resource.clone()),
            origin: None,
        }
    }

    /// What holds where there is no resource that could decide.
    pub fn absent(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            resource: None,
            origin: None,
        }
    }
}

/// What a rule does with packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// They pass.
    Allow,
    /// They are dropped.
    Deny,
}

/// What becomes of packets at a hop that lets pass or drops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// They pass.
    Allowed,
    /// They are dropped.
    Denied,
    /// The input doesn't tell: why, and what to supply. At least one cause.
    Uncertain(Vec<Unknown>),
}

impl From<Decision<Access>> for Outcome {
    fn from(decision: Decision<Access>) -> Self {
        match decision {
            Decision::Certain(Access::Allow) => Self::Allowed,
            Decision::Certain(Access::Deny) => Self::Denied,
            Decision::Uncertain { causes, .. } => Self::Uncertain(causes),
        }
    }
}

/// What several readings of the same rules agree on, where `W` is who decides. Each reading splits
/// the same packets; where two come to different outcomes, the outcome is uncertain because of
/// `causes`.
pub(super) fn agreement<P: Set, W: Clone + PartialEq>(
    readings: Vec<Vec<(P, W, Outcome)>>,
    causes: &[Unknown],
) -> Vec<(P, W, Outcome)> {
    let mut readings = readings.into_iter();
    let mut agreed = readings.next().unwrap_or_default();
    for reading in readings {
        let mut finer: Vec<(P, W, Outcome)> = Vec::new();
        for (known, who, outcome) in &agreed {
            for (other, _, another) in &reading {
                let packets = known.intersection(other);
                if packets.is_empty() {
                    continue;
                }
                let outcome = joined(outcome, another, causes);
                let mut alike = finer.iter_mut();
                match alike.find(|(_, w, o)| w == who && *o == outcome) {
                    Some((all, ..)) => *all = all.union(&packets),
                    None => finer.push((packets, who.clone(), outcome)),
                }
            }
        }
        agreed = finer;
    }
    agreed
}

fn joined(one: &Outcome, other: &Outcome, causes: &[Unknown]) -> Outcome {
    match (one, other) {
        (one, other) if one == other => one.clone(),
        (Outcome::Uncertain(some), Outcome::Uncertain(others)) => {
            Outcome::Uncertain(both(some, others))
        }
        (Outcome::Uncertain(some), _) | (_, Outcome::Uncertain(some)) => {
            Outcome::Uncertain(both(some, causes))
        }
        _ => Outcome::Uncertain(causes.to_vec()),
    }
}
