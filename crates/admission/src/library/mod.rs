//! Constraint templates that Azure Policy refers to by name and version, as predicates of our
//! own. They are used where the input doesn't hold the template itself.
//!
//! Each is written from what its policy definition says (display name, description, parameters,
//! version) and, where Microsoft publishes a version of the Rego (repository Azure/azure-policy,
//! folder `built-in-references`), from that version's meaning. Which of the two says [`Basis`].

mod host;
mod ingress;
mod service;

use palisade_document::{Value, witness};
use palisade_estate::Unknown;
use serde_json::Value as Json;

use crate::candidate::Candidate;
use crate::judgement::{Verdict, Violation};

/// What a predicate was written from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The published Rego of the same version.
    Published,
    /// The published Rego of an older version, which may judge otherwise.
    Older(&'static str),
    /// The text of the definition that refers to it: no Rego is published.
    Description,
}

/// A template that is known here.
#[derive(Debug)]
pub struct Published {
    /// The name in the store of templates, such as `host-network-ports`.
    pub name: &'static str,
    /// The version in the store, such as `v4`.
    pub version: &'static str,
    /// What it asks, in a sentence.
    pub meaning: &'static str,
    /// What that was written from.
    pub basis: Basis,
    judge: Predicate,
}

type Predicate = for<'c, 'e> fn(&Subject<'c, 'e>, &Json) -> Vec<Complaint<'e>>;

/// An object under review with the others of its cluster.
struct Subject<'c, 'e> {
    candidate: &'c Candidate<'e>,
    others: &'c [Candidate<'e>],
}

/// What is wrong, and the value that says so.
struct Complaint<'e> {
    message: String,
    at: Value<'e>,
}

/// The templates that are known here.
pub fn all() -> impl Iterator<Item = &'static Published> {
    [ingress::TEMPLATES, service::TEMPLATES, host::TEMPLATES]
        .into_iter()
        .flatten()
}

/// The template of a name and version, if it is known.
pub fn find(name: &str, version: &str) -> Option<&'static Published> {
    all().find(|template| template.name == name && template.version == version)
}

impl Published {
    /// What the template says about a candidate.
    pub(crate) fn verdict<'e>(
        &self,
        candidate: &Candidate<'e>,
        others: &[Candidate<'e>],
        parameters: &Json,
    ) -> Verdict {
        let subject = Subject { candidate, others };
        let (found, met) = witness::afresh(|| ((self.judge)(&subject, parameters), witness::met()));
        if let Some(met) = met {
            return Verdict::Undecided(Unknown::because(met.cause, met.supply));
        }
        if found.is_empty() {
            return Verdict::Complies;
        }
        let violations = found.into_iter().map(|complaint| Violation {
            message: complaint.message,
            details: None,
            at: complaint.at.origin(),
        });
        Verdict::Violates(violations.collect())
    }
}

impl<'e> Subject<'_, 'e> {
    /// The value at a path below the object; `null` is absent.
    fn get(&self, path: &[&str]) -> Option<Value<'e>> {
        let found = path
            .iter()
            .try_fold(self.candidate.root, |at, step| at.get(step))?;
        (found.is_unknown() || !found.is_null()).then_some(found)
    }

    fn annotation(&self, key: &str) -> Option<Value<'e>> {
        self.get(&["metadata", "annotations", key])
    }

    fn is(&self, groups: &[&str], kind: &str) -> bool {
        self.candidate.kind == kind && groups.contains(&self.candidate.group.as_str())
    }

    fn name(&self) -> &str {
        &self.candidate.name
    }

    /// The object's own name, which is where to point at for the whole.
    fn anchor(&self) -> Value<'e> {
        self.candidate.object.anchor()
    }

    /// The other objects of the same kind, as Gatekeeper's cache holds them.
    fn alike(&self) -> impl Iterator<Item = &Candidate<'e>> {
        let own = self.candidate;
        self.others.iter().filter(move |other| {
            other.kind == own.kind && !other.is_made && other.object != own.object
        })
    }
}

/// Whether Rego takes a value for true: everything that is there, but `false`.
fn is_true(value: Option<Value<'_>>) -> bool {
    value.is_some_and(|value| value.as_bool() != Some(false))
}

/// The strings of a parameter that is a list.
fn strings<'j>(parameters: &'j Json, key: &str) -> Vec<&'j str> {
    let items = parameters.get(key).and_then(Json::as_array);
    items
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .collect()
}
