//! What a policy, whatever its dialect, does to the pods that no other policy speaks of.

use palisade_document::Value;
use palisade_estate::Object;
use palisade_estate::kubernetes::{
    CalicoPolicy, CiliumRule, NetworkPolicy, PolicyDialect, PolicyRule, PolicySyntax, PolicyType,
    Selector, policy_syntax,
};

/// What a policy does to the pods of a namespace that no other policy speaks of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stance {
    /// It denies them whatever its own rules, which are limited, don't allow.
    Denies,
    /// It may deny; telling takes more than its settings.
    MayDeny,
    /// It leaves them as they are, or allows everything.
    Leaves,
}

/// What a policy does here; nothing for objects that are no policies.
pub(super) fn stance(
    object: &Object<'_>,
    namespace: &str,
    direction: PolicyType,
) -> Option<Stance> {
    Some(match PolicyDialect::of(object)? {
        PolicyDialect::Kubernetes => {
            kubernetes(&NetworkPolicy::try_of(*object)?, namespace, direction)
        }
        PolicyDialect::Cilium => cilium(object, namespace, direction),
        PolicyDialect::Calico => calico(CalicoPolicy::of(*object), namespace, direction),
        PolicyDialect::CalicoStaged => Stance::Leaves,
        PolicyDialect::ClusterScoped => cluster_scoped(object, direction),
    })
}

fn kubernetes(policy: &NetworkPolicy<'_>, namespace: &str, direction: PolicyType) -> Stance {
    if policy.namespace() != Some(namespace) {
        return Stance::Leaves;
    }
    match policy_syntax(policy) {
        PolicySyntax::Sound => {}
        PolicySyntax::Doubtful => return Stance::MayDeny,
        PolicySyntax::Refused => return Stance::Leaves,
    }
    match policy.pod_selector() {
        Ok(selector) if policy.isolates(direction) => {
            let is_open = policy.rules(direction).iter().any(allows_everything);
            match (selector.is_empty(), is_open) {
                (true, false) => Stance::Denies,
                // It spares only the pods that carry a label.
                (false, false) if selector.matches(|_| None) => Stance::MayDeny,
                _ => Stance::Leaves,
            }
        }
        _ => Stance::Leaves,
    }
}

fn cilium(policy: &Object<'_>, namespace: &str, direction: PolicyType) -> Stance {
    let stances = CiliumRule::all(policy).into_iter().map(|rule| {
        if !rule.isolates(direction) {
            return Stance::Leaves;
        }
        match rule.selects_every_pod_of(namespace) {
            Some(true) if rule.allows_named_endpoints_only(direction) => Stance::Denies,
            Some(false) => Stance::Leaves,
            _ => Stance::MayDeny,
        }
    });
    strongest(stances)
}

fn calico(policy: CalicoPolicy<'_>, namespace: &str, direction: PolicyType) -> Stance {
    if !policy.acts_on(direction) {
        return Stance::Leaves;
    }
    match policy.selects_every_pod_of(namespace) {
        Some(true) if policy.only_denies(direction) => Stance::Denies,
        Some(false) => Stance::Leaves,
        _ => Stance::MayDeny,
    }
}

/// Policies of the cluster deny by rules that say so.
fn cluster_scoped(policy: &Object<'_>, direction: PolicyType) -> Stance {
    let rules = policy.get(&format!("spec.{}", direction.section()));
    let denies = rules.into_iter().flat_map(Value::items).any(|rule| {
        rule.get("action")
            .is_some_and(|action| action.scalar() == "Deny")
    });
    if denies {
        Stance::MayDeny
    } else {
        Stance::Leaves
    }
}

/// Whether the policy looks like a default but lets everything pass.
pub(super) fn allows_all(
    policy: &NetworkPolicy<'_>,
    namespace: &str,
    direction: PolicyType,
) -> bool {
    policy.namespace() == Some(namespace)
        && policy
            .pod_selector()
            .is_ok_and(|selector| selector.is_empty())
        && policy.rules(direction).iter().any(allows_everything)
}

fn strongest(stances: impl Iterator<Item = Stance>) -> Stance {
    stances.fold(Stance::Leaves, |strongest, stance| {
        match (strongest, stance) {
            (Stance::Denies, _) | (_, Stance::Denies) => Stance::Denies,
            (Stance::MayDeny, _) | (_, Stance::MayDeny) => Stance::MayDeny,
            _ => Stance::Leaves,
        }
    })
}

/// Whether a rule allows every port of every pod or address, so that little is left to deny.
fn allows_everything(rule: &PolicyRule<'_>) -> bool {
    let peers = rule.peers();
    rule.ports().is_empty() && (peers.is_empty() || peers.into_iter().any(is_everything))
}

/// Whether a peer is every pod of the cluster or every address.
fn is_everything(peer: Value<'_>) -> bool {
    let is_empty = |key: &str| {
        let selector = peer.get(key).filter(|selector| !selector.is_null())?;
        Some(Selector::read(selector).is_ok_and(|selector| selector.is_empty()))
    };
    if let Some(block) = peer.get("ipBlock").filter(|block| !block.is_null()) {
        let cidr = block.get("cidr").map(Value::scalar).unwrap_or_default();
        let excepts = block
            .get("except")
            .is_some_and(|list| list.items().len() > 0);
        return !excepts && cidr.ends_with("/0");
    }
    is_empty("namespaceSelector") == Some(true) && is_empty("podSelector") != Some(false)
}
