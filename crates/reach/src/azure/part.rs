//! What a hop answers.

use palisade_document::Origin;
use palisade_estate::{ResourceId, Settings, Unknown};

use super::Decision;

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
