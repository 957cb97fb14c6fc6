//! What a rule says about an object.

use std::fmt;

use palisade_document::Origin;
use palisade_estate::{Object, Unknown};
use serde_json::Value as Json;

use crate::Source;

/// What admission says about an object by one rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The rule is about the object and has nothing against it.
    Complies,
    /// The rule is broken: every complaint, at least one.
    Violates(Vec<Violation>),
    /// It can't be told here, because.
    Undecided(Unknown),
}

/// One complaint about an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// What the rule says.
    pub message: String,
    /// What else the rule tells, if anything.
    pub details: Option<Json>,
    /// The value that is to be changed, where that is known; else the object's name.
    pub at: Origin,
}

/// What happens to a request that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// It is refused.
    Deny,
    /// It passes with a warning to the user.
    Warn,
    /// It passes; the violation is recorded in the status of the constraint (`dryrun`) or the
    /// audit log (`Audit`).
    Audit,
    /// A word that the controller doesn't know, so that nothing happens.
    Unrecognised(String),
}

impl Action {
    /// Reads an `enforcementAction`.
    pub(crate) fn of_constraint(word: &str) -> Self {
        match word {
            "deny" | "" => Self::Deny,
            "warn" => Self::Warn,
            "dryrun" => Self::Audit,
            other => Self::Unrecognised(other.to_owned()),
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deny => "deny",
            Self::Warn => "warn",
            Self::Audit => "audit",
            Self::Unrecognised(word) => word,
        })
    }
}

/// A rule about objects: a constraint, or an admission policy by one of its bindings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleName {
    /// The kind of the constraint, or `ValidatingAdmissionPolicy`.
    pub kind: String,
    /// The constraint's name, or `policy/binding`.
    pub name: String,
}

impl fmt::Display for RuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

/// One rule's answer about one object.
#[derive(Clone)]
pub struct Judgement<'e> {
    /// The rule.
    pub rule: RuleName,
    /// Where the rule stands, if it is in the input.
    pub rule_at: Option<Origin>,
    /// What happens to requests that break it.
    pub actions: Vec<Action>,
    /// The object of the input: itself or what makes the one that is judged.
    pub object: Object<'e>,
    /// For an object that is made of it, the kind of that, such as `Pod`.
    pub made: Option<String>,
    /// Whether the object is submitted or only expanded by Gatekeeper.
    pub source: Source,
    /// The answer.
    pub verdict: Verdict,
}
