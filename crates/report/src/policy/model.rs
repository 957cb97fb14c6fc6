//! The report as data: version 1 of its JSON. Fields are added within a version, never renamed,
//! removed or given another meaning.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{Location, ReportSubject, Suppression};

/// The states of an estate under its policies.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyReport {
    /// The version of the format.
    pub version: u32,
    /// The definitions that were asked, in the order of their assignments.
    pub policies: Vec<PolicyEntry>,
    /// What is in force, or was asked for, but gives no verdict.
    pub unasked: Vec<Unasked>,
    /// What the admission of the clusters in the input asks: Gatekeeper's constraints and
    /// Kubernetes' own admission policies.
    pub constraints: Vec<ConstraintEntry>,
    /// What changes objects on admission; nothing was changed before rules were asked.
    pub mutators: Vec<MutatorEntry>,
}

/// How many resources are in each state, by Azure's words for them.
pub type Counts = BTreeMap<&'static str, usize>;

/// A definition under an assignment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyEntry {
    /// The name that Azure knows the definition by.
    pub definition: String,
    /// What people call it.
    pub display_name: String,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition_version: Option<String>,
    /// Whether the rule is the input's or Palisade's own.
    pub source: &'static str,
    /// What it says about itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The id of the assignment; nothing if it isn't assigned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignment: Option<String>,
    /// Whether Azure acts on what the assignment finds.
    pub is_enforced: bool,
    /// Whether it counts: it is assigned, or was asked for by name.
    pub is_in_force: bool,
    /// The initiative that it is a member of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initiative: Option<String>,
    /// Its name in the initiative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Its groups in the initiative.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// How many resources are in each state.
    pub counts: Counts,
    /// The resources that aren't plainly compliant.
    pub resources: Vec<ResourceEntry>,
    /// Where Palisade's own rule says something else than Azure's text or the cluster's template,
    /// which count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<DifferenceEntry>,
    /// Its place in the review.
    #[serde(skip)]
    pub(super) planned: usize,
}

/// A resource under a definition.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceEntry {
    /// The id.
    pub resource: String,
    /// The state.
    pub state: &'static str,
    /// The effect that follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<&'static str>,
    /// The comparison that decided, and what it saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether it rests on the input holding others of the kind that is missing.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_assumed: bool,
    /// What Azure would answer to a deployment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Why the state isn't known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What would tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supply: Option<String>,
    /// The exemption that makes it exempt, or did until it was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exemption: Option<String>,
    /// The setting that decided, or the resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The condition, part by part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<Comparison>,
    /// What findings say beside it.
    #[serde(skip)]
    pub(super) evidence: Evidence,
}

/// Two answers about a resource or an object.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DifferenceEntry {
    /// The id.
    pub resource: String,
    /// The state by Azure's text, or by the cluster's template.
    pub azures: &'static str,
    /// The state by Palisade's own rule.
    pub own: &'static str,
}

/// What a finding says about a resource or an object beside its state.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    pub(super) subject: ReportSubject,
    pub(super) clusters: Vec<String>,
    pub(super) location: Option<Location>,
    pub(super) related: Vec<Location>,
    pub(super) suppression: Option<Suppression>,
}

fn is_false(is_true: &bool) -> bool {
    !is_true
}

/// A rule that the admission of a cluster asks.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConstraintEntry {
    /// The cluster.
    pub cluster: String,
    /// Its kind and name: `K8sExternalIPs/allowed`, or `ValidatingAdmissionPolicy/policy/binding`.
    pub name: String,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What happens to requests that break it: `deny`, `warn`, `audit`.
    pub actions: Vec<String>,
    /// How many objects are in each state.
    pub counts: Counts,
    /// The objects that break it, or of which that isn't known.
    pub objects: Vec<ResourceEntry>,
    /// Why nothing can be said by it, if nothing can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What would tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supply: Option<String>,
}

/// What changes objects on admission.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MutatorEntry {
    /// The cluster.
    pub cluster: String,
    /// Its kind and name.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// The field that it changes.
    pub field: String,
    /// How many objects it applies to.
    pub objects: usize,
}

/// A part of a condition.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// How deep it stands in the condition.
    pub depth: usize,
    /// `allOf`, `anyOf`, `not`, or a comparison.
    pub text: String,
    /// `holds`, `fails` or `unknown`.
    pub outcome: &'static str,
    /// What a comparison saw.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<String>,
    /// Where that stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// A place in a file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Place {
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: u32,
    /// The character, from 1.
    pub column: u32,
}

/// What gives no verdict.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Unasked {
    /// The definition or initiative.
    pub definition: String,
    /// The assignment, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignment: Option<String>,
    /// Why.
    pub cause: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supply: Option<String>,
    /// Where the assignment stands, if there is one.
    #[serde(skip)]
    pub(super) location: Option<Location>,
}

/// A built-in definition, and what assigns it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedPolicy {
    /// The name that Azure knows it by.
    pub definition: String,
    /// What people call it.
    pub display_name: String,
    /// The version that Palisade's rule is written after.
    pub version: String,
    /// The ids of the assignments.
    pub assigned_by: Vec<String>,
}

impl PolicyReport {
    /// Whether something in force is broken, by a definition or a rule of admission.
    pub fn is_broken(&self) -> bool {
        let is_broken = |counts: &Counts| counts.contains_key("non-compliant");
        let mut own = self.policies.iter().filter(|policy| policy.is_in_force);
        let mut constraints = self.constraints.iter();
        own.any(|policy| is_broken(&policy.counts))
            || constraints.any(|constraint| is_broken(&constraint.counts))
    }

    /// Whether something isn't known.
    pub fn is_uncertain(&self) -> bool {
        let is_open = |counts: &Counts| {
            ["unknown", "not-evaluated"]
                .iter()
                .any(|state| counts.contains_key(state))
        };
        let mut own = self.policies.iter().filter(|policy| policy.is_in_force);
        let mut constraints = self.constraints.iter();
        !self.unasked.is_empty()
            || own.any(|policy| is_open(&policy.counts))
            || constraints.any(|own| own.cause.is_some() || is_open(&own.counts))
    }
}

impl PolicyEntry {
    /// What puts it in force, in print.
    pub(super) fn by(&self) -> String {
        let member = match (&self.reference, &self.initiative) {
            (Some(reference), Some(_)) => format!(" ({reference})"),
            _ => String::new(),
        };
        match (&self.assignment, self.is_in_force) {
            (Some(id), _) => {
                let name = id.rsplit('/').next().unwrap_or(id);
                format!("the assignment `{name}`{member}")
            }
            (None, true) => format!("the definition `{}`", self.display_name),
            (None, false) => "nobody".to_owned(),
        }
    }
}
