//! Calico: tiers of policies, in the common form a stage for each tier.
//!
//! Kubernetes' own policies stand in tiers, too: NetworkPolicy in `default` with order 1000, the
//! cluster-scoped ones in tiers before and after it (Calico documentation of policy tiers, 3.31).

mod host;
mod rule;
mod selection;

use std::cmp::Ordering;

use palisade_document::Value;
use palisade_estate::kubernetes::{CalicoNetworkPolicy, CalicoTier, PolicyType, TierEnd};
use palisade_estate::{Cluster, Object};

use self::rule::RuleTranslator;
use self::selection::Selection;
use super::program::{Condition, Fallback, NoteKind, Policy, Stage};
use super::translator::{Selected, Translator};
use super::{ConditionId, EndpointSet};

/// A policy with its place among those of its tier.
pub(super) struct Placed<'e> {
    /// The tier.
    pub(super) tier: String,
    /// Lower first; nothing comes last.
    pub(super) order: Option<f64>,
    /// Decides between equal orders.
    pub(super) name: String,
    /// The policy.
    pub(super) policy: Policy<'e>,
}

impl Placed<'_> {
    fn comes(&self, other: &Self) -> Ordering {
        let place = |placed: &Self| placed.order.unwrap_or(f64::INFINITY);
        place(self)
            .total_cmp(&place(other))
            .then_with(|| self.name.cmp(&other.name))
    }
}

/// Calico's policies of a cluster.
pub(super) struct Calico<'t, 'e> {
    cluster: Cluster<'e>,
    selection: Selection<'t, 'e>,
    policies: Vec<CalicoNetworkPolicy<'e>>,
    /// In the order in which they are asked.
    tiers: Vec<CalicoTier>,
}

impl<'t, 'e> Calico<'t, 'e> {
    /// Reads the objects of a cluster, its policies among `objects`.
    pub(super) fn read(
        cluster: &Cluster<'e>,
        objects: &[Object<'e>],
        translator: &'t Translator<'e>,
    ) -> Self {
        let remarks = &translator.remarks;
        let mut tiers = CalicoTier::built_in().to_vec();
        for object in cluster.objects() {
            if let Some(tier) = CalicoTier::read(&object, remarks) {
                tiers.retain(|known| known.name != tier.name);
                tiers.push(tier);
            }
        }
        tiers.sort_by(CalicoTier::comes);
        let policies = objects
            .iter()
            .filter_map(|object| CalicoNetworkPolicy::read(object, remarks))
            .filter(|policy| policy.staged.is_none() && is_accepted(policy, translator))
            .collect();
        Self {
            cluster: *cluster,
            selection: Selection::new(cluster, translator),
            policies,
            tiers,
        }
    }

    /// The stages of a direction. `others` are the policies of Kubernetes with their places.
    pub(super) fn stages(
        &self,
        direction: PolicyType,
        mut others: Vec<Placed<'e>>,
    ) -> Vec<Stage<'e>> {
        for policy in &self.policies {
            others.extend(self.place(policy, direction));
        }
        others.sort_by(Placed::comes);
        let is_known = |placed: &Placed<'e>| {
            let mut tiers = self.tiers.iter();
            tiers.any(|tier| tier.name == placed.tier)
        };
        // Policies of tiers that aren't in the input carry a condition, so that what they may
        // decide is asked first, wherever their tier stands.
        let (mut others, lost): (Vec<_>, Vec<_>) = others.into_iter().partition(is_known);
        let mut stages = Vec::new();
        if !lost.is_empty() {
            stages.push(Stage {
                name: "tiers outside the input".to_owned(),
                fallback: Fallback::Deny,
                policies: lost.into_iter().map(|placed| placed.policy).collect(),
            });
        }
        for tier in &self.tiers {
            let (own, rest) = others
                .into_iter()
                .partition(|placed| placed.tier == tier.name);
            others = rest;
            stages.extend(stage(tier, own));
        }
        stages.extend(host::profiles(&self.selection));
        stages
    }

    fn place(&self, policy: &CalicoNetworkPolicy<'e>, direction: PolicyType) -> Vec<Placed<'e>> {
        if !policy.acts_on(direction) {
            if let Some(rule) = policy.rules(direction).first() {
                let (section, kind) = (direction.section(), direction.as_str());
                self.note(
                    policy,
                    rule.at,
                    format!("the {section} rules do nothing, because types doesn't name {kind}"),
                );
            }
            return Vec::new();
        }
        let condition = self.tier_condition(policy);
        let mut subjects = Selected::default();
        if !policy.is_for_hosts_only() {
            subjects = self.selection.subjects(
                policy.namespace,
                policy.selector.as_ref(),
                policy.namespace_selector.as_ref(),
                policy.service_account_selector.as_ref(),
            );
        }
        let hosts = host::subjects(&self.selection, policy);
        let parts = [
            (subjects.certain, condition),
            (subjects.possible, condition.or(subjects.condition)),
            (hosts.possible, condition.or(hosts.condition)),
        ];
        let mut placed = Vec::new();
        for (subjects, condition) in parts {
            if !subjects.is_empty() {
                placed.push(self.translate(policy, direction, subjects, condition));
            }
        }
        placed
    }

    fn translate(
        &self,
        policy: &CalicoNetworkPolicy<'e>,
        direction: PolicyType,
        subjects: EndpointSet,
        condition: Option<ConditionId>,
    ) -> Placed<'e> {
        let translator = RuleTranslator {
            cluster: &self.cluster,
            selection: &self.selection,
            namespace: policy.namespace,
            direction,
            subjects: &subjects,
        };
        let mut rules = Vec::new();
        for (index, rule) in policy.rules(direction).iter().enumerate() {
            rules.extend(translator.translate(index, rule));
        }
        let name = policy.object.name();
        let prefix = format!("{}.", policy.tier);
        let name = name.strip_prefix(&prefix).unwrap_or(&name);
        let namespace = policy.namespace.map(|namespace| format!("{namespace}/"));
        Placed {
            tier: policy.tier.to_owned(),
            order: policy.order,
            name: format!("{}{prefix}{name}", namespace.unwrap_or_default()),
            policy: Policy {
                object: policy.object,
                subjects,
                isolates: true,
                condition,
                rules,
            },
        }
    }

    /// Set for a policy of a tier that isn't in the input: neither its place nor its end is known.
    fn tier_condition(&self, policy: &CalicoNetworkPolicy<'e>) -> Option<ConditionId> {
        if self.tiers.iter().any(|tier| tier.name == policy.tier) {
            return None;
        }
        Some(self.selection.translator.condition(Condition::Unknown {
            cause: format!("the tier `{}` isn't in the input", policy.tier),
            supply: "kubectl get tiers.crd.projectcalico.org -o json".to_owned(),
        }))
    }

    fn note(&self, policy: &CalicoNetworkPolicy<'e>, at: Value<'e>, message: String) {
        let translator = self.selection.translator;
        translator.note(NoteKind::Pitfall, policy.object, at, message);
    }
}

fn is_accepted<'e>(policy: &CalicoNetworkPolicy<'e>, translator: &Translator<'e>) -> bool {
    let rules = policy.ingress.iter().chain(&policy.egress);
    let refused = rules.clone().find(|rule| rule.is_refused);
    if !policy.is_refused && refused.is_none() {
        return true;
    }
    let at = refused.map_or(policy.object.anchor(), |rule| rule.at);
    let message = "Calico refuses the policy, so that nothing of it is enforced";
    translator.note(NoteKind::Refused, policy.object, at, message);
    false
}

fn stage<'e>(tier: &CalicoTier, policies: Vec<Placed<'e>>) -> Option<Stage<'e>> {
    (!policies.is_empty()).then(|| Stage {
        name: format!("tier {}", tier.name),
        fallback: match tier.end {
            TierEnd::Deny => Fallback::Deny,
            TierEnd::Pass => Fallback::Next,
        },
        policies: policies.into_iter().map(|placed| placed.policy).collect(),
    })
}
