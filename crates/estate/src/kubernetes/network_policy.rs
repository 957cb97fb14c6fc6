//! Network policies: the languages they come in, and `networking.k8s.io` NetworkPolicy.

use std::ops::Deref;

use palisade_document::Value;

use super::{InvalidSelector, Selector};
use crate::object::walk;
use crate::{Cluster, Object};

/// The language a network policy is written in. Which engine enforces it depends on that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyDialect {
    /// `networking.k8s.io` NetworkPolicy, which every engine enforces.
    Kubernetes,
    /// `policy.networking.k8s.io`: AdminNetworkPolicy, BaselineAdminNetworkPolicy and their
    /// successor ClusterNetworkPolicy.
    ClusterScoped,
    /// Cilium's own policies.
    Cilium,
    /// Calico's own policies.
    Calico,
    /// Calico's staged policies: their effect is previewed, none is enforced.
    CalicoStaged,
}

impl PolicyDialect {
    /// The dialect of an object, or nothing if it isn't a network policy.
    pub fn of(object: &Object<'_>) -> Option<Self> {
        match (object.group(), object.kind()) {
            ("networking.k8s.io", "NetworkPolicy") => Some(Self::Kubernetes),
            (
                "policy.networking.k8s.io",
                "AdminNetworkPolicy" | "BaselineAdminNetworkPolicy" | "ClusterNetworkPolicy",
            ) => Some(Self::ClusterScoped),
            ("cilium.io", "CiliumNetworkPolicy" | "CiliumClusterwideNetworkPolicy") => {
                Some(Self::Cilium)
            }
            ("projectcalico.org" | "crd.projectcalico.org", kind) => match kind {
                "NetworkPolicy" | "GlobalNetworkPolicy" => Some(Self::Calico),
                "StagedNetworkPolicy"
                | "StagedGlobalNetworkPolicy"
                | "StagedKubernetesNetworkPolicy" => Some(Self::CalicoStaged),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Which way the packets go that a policy decides about, seen from the pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyType {
    /// Into the pod.
    Ingress,
    /// Out of the pod.
    Egress,
}

impl PolicyType {
    /// Its name in `policyTypes`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ingress => "Ingress",
            Self::Egress => "Egress",
        }
    }

    /// The member of a policy that holds its rules: `ingress` or `egress`.
    pub fn section(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        }
    }

    /// The member of a rule that names the other side: `from` or `to`.
    pub fn peers(self) -> &'static str {
        match self {
            Self::Ingress => "from",
            Self::Egress => "to",
        }
    }
}

/// A `networking.k8s.io` NetworkPolicy, read as the API server reads it (Kubernetes 1.36).
#[derive(Clone, Copy)]
pub struct NetworkPolicy<'e>(Object<'e>);

impl<'e> Deref for NetworkPolicy<'e> {
    type Target = Object<'e>;

    fn deref(&self) -> &Object<'e> {
        &self.0
    }
}

impl<'e> NetworkPolicy<'e> {
    /// The policy if the object is one.
    pub fn try_of(object: Object<'e>) -> Option<Self> {
        (PolicyDialect::of(&object) == Some(PolicyDialect::Kubernetes)).then_some(Self(object))
    }

    /// The policies of a cluster, in the order of the input.
    pub fn all(cluster: &Cluster<'e>) -> impl Iterator<Item = Self> {
        cluster.objects().filter_map(Self::try_of)
    }

    /// `spec.podSelector`. A missing one selects every pod of the namespace, as an empty one does.
    pub fn pod_selector(&self) -> Result<Selector<'e>, InvalidSelector<'e>> {
        match self.get("spec.podSelector") {
            Some(selector) => Selector::read(selector),
            None => Ok(Selector::default()),
        }
    }

    /// The entries of `spec.policyTypes`.
    pub fn named_types(&self) -> Vec<Value<'e>> {
        self.get("spec.policyTypes")
            .into_iter()
            .flat_map(Value::items)
            .collect()
    }

    /// Whether the policy isolates the pods it selects in a direction. Where no type is named it
    /// is ingress always, and egress if there are egress rules.
    pub fn isolates(&self, direction: PolicyType) -> bool {
        let named = self.named_types();
        if !named.is_empty() {
            return named.iter().any(|name| name.scalar() == direction.as_str());
        }
        direction == PolicyType::Ingress || !self.written_rules(direction).is_empty()
    }

    /// The rules as written, also those of a direction that the policy doesn't act on.
    pub fn written_rules(&self, direction: PolicyType) -> Vec<PolicyRule<'e>> {
        let list = walk(self.body(), &format!("spec.{}", direction.section()));
        list.into_iter()
            .flat_map(Value::items)
            .map(|value| PolicyRule { value, direction })
            .collect()
    }

    /// The rules that count: those of a direction that the policy acts on.
    pub fn rules(&self, direction: PolicyType) -> Vec<PolicyRule<'e>> {
        if self.isolates(direction) {
            self.written_rules(direction)
        } else {
            Vec::new()
        }
    }
}

/// A rule of a NetworkPolicy: what it allows.
#[derive(Clone, Copy)]
pub struct PolicyRule<'e> {
    value: Value<'e>,
    direction: PolicyType,
}

impl<'e> PolicyRule<'e> {
    /// The rule itself.
    pub fn value(&self) -> Value<'e> {
        self.value
    }

    /// The entries of `from` or `to`. None means that any peer is allowed.
    pub fn peers(&self) -> Vec<Value<'e>> {
        self.list(self.direction.peers())
    }

    /// The entries of `ports`. None means that every port of every protocol is allowed.
    pub fn ports(&self) -> Vec<Value<'e>> {
        self.list("ports")
    }

    fn list(&self, key: &str) -> Vec<Value<'e>> {
        self.value
            .get(key)
            .into_iter()
            .flat_map(Value::items)
            .collect()
    }
}
