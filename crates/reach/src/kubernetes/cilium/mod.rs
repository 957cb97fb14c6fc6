//! Cilium: one stage, in which what is denied comes before what is allowed, whatever the policy.
//!
//! A pod is open in a direction until a policy with rules for it selects the pod. NetworkPolicy
//! is one dialect among others: its rules are allowances like Cilium's own (Cilium documentation
//! of policy enforcement, 1.18).

mod entry;
mod selection;

use palisade_estate::kubernetes::{
    CiliumCidrGroup, CiliumEntry, CiliumNetworkPolicy, CiliumPeers, CiliumRequests, CiliumSpec,
    CiliumSubject, PolicyType,
};
use palisade_estate::{Cluster, Object};

use self::entry::EntryTranslator;
use super::program::{Action, Condition, Fallback, NoteKind, Policy, Stage};
use super::translator::{RuleHead, Selected, Translator};
use super::{ConditionId, EndpointSet};

/// Cilium's policies of a cluster.
pub(super) struct Cilium<'t, 'e> {
    cluster: Cluster<'e>,
    translator: &'t Translator<'e>,
    policies: Vec<CiliumNetworkPolicy<'e>>,
    groups: Vec<CiliumCidrGroup<'e>>,
}

impl<'t, 'e> Cilium<'t, 'e> {
    /// Reads the objects of a cluster, its policies among `objects`.
    pub(super) fn read(
        cluster: &Cluster<'e>,
        objects: &[Object<'e>],
        translator: &'t Translator<'e>,
    ) -> Self {
        let remarks = &translator.remarks;
        let mut policies = Vec::new();
        for &object in objects {
            let Some(policy) = CiliumNetworkPolicy::read(&object, remarks) else {
                continue;
            };
            if policy.is_refused {
                let message = "Cilium refuses the policy, so that nothing of it is enforced";
                translator.note(NoteKind::Refused, object, object.anchor(), message);
            } else {
                note_lookups(&policy, translator);
                policies.push(policy);
            }
        }
        let groups = cluster
            .objects()
            .filter_map(|object| CiliumCidrGroup::read(&object, remarks))
            .collect();
        Self {
            cluster: *cluster,
            translator,
            policies,
            groups,
        }
    }

    /// The stage of a direction; `others` are the NetworkPolicies.
    pub(super) fn stage(&self, direction: PolicyType, others: Vec<Policy<'e>>) -> Stage<'e> {
        let mut denying = Vec::new();
        let mut allowing = others;
        for policy in &self.policies {
            for spec in &policy.specs {
                self.translate(policy, spec, direction, &mut denying, &mut allowing);
            }
        }
        let mut denying = self.required(direction, denying);
        denying.extend(self.required(direction, allowing));
        Stage {
            name: "Cilium".to_owned(),
            fallback: Fallback::Deny,
            policies: denying,
        }
    }

    /// What one policy requires of peers holds for the rules of all others about the same pods,
    /// but for peers that aren't endpoints (Cilium documentation of 1.18; taken out of 1.19).
    fn required(&self, direction: PolicyType, policies: Vec<Policy<'e>>) -> Vec<Policy<'e>> {
        let mut subjects = EndpointSet::empty();
        for policy in &self.policies {
            for spec in &policy.specs {
                let mut entries = spec.allowed(direction).iter().chain(spec.denied(direction));
                let CiliumSubject::Endpoints(selector) = &spec.subject else {
                    continue;
                };
                if entries.any(|entry| !entry.requires.is_empty()) {
                    let own = selection::subjects(selector, policy.namespace, self.translator);
                    subjects.extend(&own.certain);
                    subjects.extend(&own.possible);
                }
            }
        }
        if subjects.is_empty() {
            return policies;
        }
        let condition = self.translator.condition(Condition::Unknown {
            cause: "a policy requires something of all peers (fromRequires, toRequires), which Cilium 1.19 no longer knows".to_owned(),
            supply: "policies without fromRequires and toRequires".to_owned(),
        });
        let split = policies.into_iter().flat_map(|policy| {
            let (bound, free) = (
                policy.subjects.intersection(&subjects),
                policy.subjects.difference(&subjects),
            );
            let mut doubtful = policy.rules.clone();
            for rule in &mut doubtful {
                rule.condition.get_or_insert(condition);
            }
            let parts = [(free, policy.rules), (bound, doubtful)];
            parts.map(|(subjects, rules)| Policy {
                object: policy.object,
                subjects,
                isolates: policy.isolates,
                condition: policy.condition,
                rules,
            })
        });
        split.filter(|policy| !policy.subjects.is_empty()).collect()
    }

    fn translate(
        &self,
        policy: &CiliumNetworkPolicy<'e>,
        spec: &CiliumSpec<'e>,
        direction: PolicyType,
        denying: &mut Vec<Policy<'e>>,
        allowing: &mut Vec<Policy<'e>>,
    ) {
        let subjects = match &spec.subject {
            CiliumSubject::Endpoints(selector) => {
                selection::subjects(selector, policy.namespace, self.translator)
            }
            CiliumSubject::Nodes(_) => {
                if direction == PolicyType::Ingress {
                    let message = "the host firewall of AKS's Cilium is off: a policy about nodes is not enforced";
                    self.translator
                        .note(NoteKind::NotEnforced, policy.object, spec.at, message);
                }
                return;
            }
            CiliumSubject::Refused => return,
        };
        let parts = [
            (subjects.certain, None),
            (subjects.possible, subjects.condition),
        ];
        for (subjects, condition) in parts {
            if subjects.is_empty() {
                continue;
            }
            let of = |action, entries: &[CiliumEntry<'e>], isolates| Policy {
                object: policy.object,
                rules: self.rules(policy, direction, action, entries, &subjects),
                subjects: subjects.clone(),
                isolates,
                condition,
            };
            let denied = spec.denied(direction);
            if !denied.is_empty() {
                denying.push(of(Action::Deny, denied, false));
            }
            let isolates = spec.isolates(direction);
            let allowed = spec.allowed(direction);
            if isolates || !allowed.is_empty() {
                allowing.push(of(Action::Allow, allowed, isolates));
            }
        }
    }

    fn rules(
        &self,
        policy: &CiliumNetworkPolicy<'e>,
        direction: PolicyType,
        action: Action,
        entries: &[CiliumEntry<'e>],
        subjects: &EndpointSet,
    ) -> Vec<super::Rule> {
        let translator = EntryTranslator {
            cilium: self,
            policy,
            direction,
            subjects,
        };
        let mut rules = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let head = RuleHead {
                action,
                origin: entry.at.origin(),
                index,
                condition: None,
            };
            rules.extend(translator.translate(head, entry));
        }
        rules
    }
}

/// Names are learnt from the look-ups that a rule about them lets through.
fn note_lookups<'e>(policy: &CiliumNetworkPolicy<'e>, translator: &Translator<'e>) {
    let entries = || policy.specs.iter().flat_map(|spec| &spec.egress);
    let names = entries().find(|entry| matches!(entry.peers, Some(CiliumPeers::Names(_))));
    let learns = entries()
        .flat_map(|entry| &entry.ports)
        .any(|port| matches!(port.requests, Some(CiliumRequests::Dns(_))));
    if let Some(entry) = names.filter(|_| !learns) {
        let message = "names are learnt from look-ups that a rule with `rules: {dns: …}` lets through, and this policy has none";
        translator.note(NoteKind::Pitfall, policy.object, entry.at, message);
    }
}

/// Of a selection only what is in doubt, with another reason where it had none.
fn all_in_doubt(endpoints: EndpointSet, condition: ConditionId) -> Selected {
    Selected::new(EndpointSet::empty(), endpoints, || condition)
}
