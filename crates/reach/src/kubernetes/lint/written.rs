//! The rules of policies as they are written, whether or not they came to anything.

use std::collections::HashMap;

use palisade_document::{Origin, Value};
use palisade_estate::Object;
use palisade_estate::kubernetes::{PolicyDialect, PolicyType};

use super::super::ambient::Membership;
use super::super::connectivity::signatures;
use super::super::program::{NoteKind, Policy, Rule};
use super::super::{Analysis, EndpointId, EndpointSet};

/// A rule as it is written.
pub(super) struct WrittenRule<'e> {
    pub(super) object: Object<'e>,
    pub(super) direction: PolicyType,
    /// The item of the list.
    pub(super) value: Value<'e>,
    /// The section of the list: `ingress`, `egressDeny`.
    pub(super) section: &'static str,
    /// The number in the list, from 0.
    pub(super) index: usize,
    /// The list with its length, if the isolation of the policy's subjects hangs on something
    /// being in it.
    pub(super) switch: Option<(Origin, usize)>,
    /// Whether it does more than decide: it lets a proxy see requests, asks for authentication,
    /// or writes a log.
    pub(super) does_more: bool,
}

/// The policies that the engine enforces, and their rules.
pub(super) struct Written<'e> {
    pub(super) policies: Vec<Object<'e>>,
    pub(super) rules: Vec<WrittenRule<'e>>,
}

const SECTIONS: [(&str, PolicyType); 4] = [
    ("ingress", PolicyType::Ingress),
    ("ingressDeny", PolicyType::Ingress),
    ("egress", PolicyType::Egress),
    ("egressDeny", PolicyType::Egress),
];

impl<'e> Written<'e> {
    pub(super) fn of(analysis: &Analysis<'e>) -> Self {
        let left_out: Vec<_> = analysis
            .notes
            .iter()
            .filter(|note| matches!(note.kind, NoteKind::NotEnforced | NoteKind::Refused))
            .map(|note| note.object.body().origin())
            .collect();
        let mut written = Self {
            policies: Vec::new(),
            rules: Vec::new(),
        };
        for &object in &analysis.policies {
            if !left_out.contains(&object.body().origin()) {
                written.policies.push(object);
                written.read(object);
            }
        }
        written
    }

    fn read(&mut self, object: Object<'e>) {
        let Some(dialect) = PolicyDialect::of(&object) else {
            return;
        };
        let own = object.get("spec").into_iter();
        let several = object.get("specs").into_iter().flat_map(Value::items);
        let is_cilium = dialect == PolicyDialect::Cilium;
        for spec in own.chain(several.filter(|_| is_cilium)) {
            let names_types = ["policyTypes", "types"].iter().any(|key| {
                let types = spec.get(key).filter(|types| !types.is_null());
                types.is_some_and(|types| types.items().len() > 0)
            });
            for (section, direction) in SECTIONS {
                let list = spec.get(section).into_iter().flat_map(Value::items);
                let items: Vec<_> = list.collect();
                let is_switch = match dialect {
                    PolicyDialect::Cilium => true,
                    PolicyDialect::Calico => !names_types,
                    PolicyDialect::Kubernetes => !names_types && direction == PolicyType::Egress,
                    _ => false,
                };
                let length = items.len();
                let switch = spec.get(section).filter(|_| is_switch);
                let switch = switch.map(|list| (list.origin(), length));
                for (index, value) in items.into_iter().enumerate() {
                    self.rules.push(WrittenRule {
                        object,
                        direction,
                        value,
                        section,
                        index,
                        switch,
                        does_more: does_more(value),
                    });
                }
            }
        }
    }
}

/// Whether a rule does more than decide.
fn does_more(rule: Value<'_>) -> bool {
    let ports = rule.get("toPorts").into_iter().flat_map(Value::items);
    let action = rule.get("action").map(Value::scalar).unwrap_or_default();
    rule.get("authentication").is_some()
        || action.eq_ignore_ascii_case("log")
        || ports.into_iter().any(|ports| ports.get("rules").is_some())
}

/// The rules of the common form by the place where they are written, with their policies.
pub(super) type ByPlace<'a, 'e> = HashMap<Origin, Vec<(&'a Policy<'e>, &'a Rule)>>;

pub(super) fn by_place<'a, 'e>(
    analysis: &'a Analysis<'e>,
    direction: PolicyType,
) -> ByPlace<'a, 'e> {
    let mut places = ByPlace::new();
    for policy in policies(analysis, direction) {
        for rule in &policy.rules {
            places.entry(rule.origin).or_default().push((policy, rule));
        }
    }
    places
}

/// All policies of a direction, in the common form.
pub(super) fn policies<'a, 'e>(
    analysis: &'a Analysis<'e>,
    direction: PolicyType,
) -> impl Iterator<Item = &'a Policy<'e>> {
    let layers = analysis.program.layers(direction).iter();
    layers
        .flat_map(|layer| &layer.stages)
        .flat_map(|stage| &stage.policies)
}

/// The subjects that a rule is about.
pub(super) fn subjects(policy: &Policy<'_>, rule: &Rule) -> EndpointSet {
    match &rule.subjects {
        Some(own) => own.intersection(&policy.subjects),
        None => policy.subjects.clone(),
    }
}

/// What policies and what holds beside them look at in an endpoint: equal ones are walked alike.
pub(super) type Likeness = (Vec<u32>, Option<(u32, Membership)>);

/// The endpoints with their likeness.
pub(super) fn likenesses(
    analysis: &Analysis<'_>,
    direction: PolicyType,
) -> Vec<(EndpointId, Likeness)> {
    let signatures = signatures(&analysis.program, direction, analysis.endpoints.len());
    let ids = analysis.endpoints.iter().map(|(id, _)| id).zip(signatures);
    ids.map(|(id, signature)| {
        let beside = (!signature.is_empty()).then(|| {
            let own_node = analysis.own_nodes.number(direction, id);
            (own_node, analysis.ambient.membership(id))
        });
        (id, (signature, beside))
    })
    .collect()
}
