//! NetworkPolicy, GlobalNetworkPolicy, and the staged ones that preview them.

use palisade_document::Value;

use super::rule::CalicoRule;
use super::{CalicoSelector, is_calico, read_selector};
use crate::Object;
use crate::kubernetes::PolicyType;
use crate::kubernetes::record::{Record, Remarks};

/// A staged policy stands for one that isn't there yet: its effect is logged, none is enforced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StagedKind {
    /// StagedNetworkPolicy or StagedGlobalNetworkPolicy.
    Calico,
    /// StagedKubernetesNetworkPolicy, written as a Kubernetes NetworkPolicy is.
    Kubernetes,
}

/// A policy of Calico.
#[derive(Clone)]
pub struct CalicoNetworkPolicy<'e> {
    /// The object.
    pub object: Object<'e>,
    /// The namespace it is limited to; nothing for a global one.
    pub namespace: Option<&'e str>,
    /// The tier it stands in.
    pub tier: &'e str,
    /// Its place in the tier: lower first; nothing comes last. Equal ones go by name.
    pub order: Option<f64>,
    /// The endpoints it acts on, by their labels; everything if nothing is said.
    pub selector: Option<CalicoSelector<'e>>,
    /// By the labels of their namespace, in a global policy.
    pub namespace_selector: Option<CalicoSelector<'e>>,
    /// By the labels of their service account.
    pub service_account_selector: Option<CalicoSelector<'e>>,
    /// Rules for what comes in, in order.
    pub ingress: Vec<CalicoRule<'e>>,
    /// Rules for what goes out, in order.
    pub egress: Vec<CalicoRule<'e>>,
    types: Option<Vec<PolicyType>>,
    /// Applies to host endpoints before connections are tracked.
    pub do_not_track: bool,
    /// Applies to host endpoints before destinations are rewritten.
    pub pre_dnat: bool,
    /// Applies on host endpoints to what is forwarded, too.
    pub apply_on_forward: bool,
    /// Whether it is staged, and so without effect.
    pub staged: Option<StagedKind>,
    /// Whether something outside the rules is refused.
    pub is_refused: bool,
}

impl<'e> CalicoNetworkPolicy<'e> {
    /// Reads a policy; nothing if the object is of another kind.
    pub fn read(object: &Object<'e>, remarks: &Remarks<'e>) -> Option<Self> {
        if !is_calico(object) {
            return None;
        }
        let staged = match object.kind() {
            "NetworkPolicy" | "GlobalNetworkPolicy" => None,
            "StagedNetworkPolicy" | "StagedGlobalNetworkPolicy" => Some(StagedKind::Calico),
            "StagedKubernetesNetworkPolicy" => Some(StagedKind::Kubernetes),
            _ => return None,
        };
        let before = remarks.errors();
        let mut policy = Self {
            object: *object,
            namespace: object.namespace(),
            tier: "default",
            order: None,
            selector: None,
            namespace_selector: None,
            service_account_selector: None,
            ingress: Vec::new(),
            egress: Vec::new(),
            types: None,
            do_not_track: false,
            pre_dnat: false,
            apply_on_forward: false,
            staged,
            is_refused: false,
        };
        // What a staged Kubernetes policy says has no effect and another schema.
        let spec = object
            .get("spec")
            .filter(|_| staged != Some(StagedKind::Kubernetes));
        if let Some(spec) = spec.and_then(|spec| Record::open(spec, remarks)) {
            policy.read_spec(&spec);
            policy.is_refused = remarks.errors() > before;
            policy.ingress = CalicoRule::read_all(&spec, PolicyType::Ingress);
            policy.egress = CalicoRule::read_all(&spec, PolicyType::Egress);
            policy.refuse_contradictions(&spec);
            spec.close();
        }
        Some(policy)
    }

    fn read_spec(&mut self, spec: &Record<'e, '_>) {
        self.tier = spec.filled("tier").unwrap_or("default");
        self.order = spec.number("order");
        self.selector = read_selector(spec, "selector");
        self.service_account_selector = read_selector(spec, "serviceAccountSelector");
        if self.namespace.is_none() {
            self.namespace_selector = read_selector(spec, "namespaceSelector");
            self.do_not_track = spec.flag("doNotTrack").unwrap_or_default();
            self.pre_dnat = spec.flag("preDNAT").unwrap_or_default();
            self.apply_on_forward = spec.flag("applyOnForward").unwrap_or_default();
        }
        for field in ["selector", "namespaceSelector", "serviceAccountSelector"] {
            let text = spec.value().get(field).map(Value::scalar);
            if text.is_some_and(|text| text.contains("global(")) {
                spec.remarks().refuse(
                    spec.place(field),
                    "`global()` has a meaning only in the `namespaceSelector` of a rule",
                );
            }
        }
        let known = [PolicyType::Ingress, PolicyType::Egress];
        self.types = spec.each("types", |item| {
            let found = known
                .into_iter()
                .find(|known| known.as_str() == item.scalar());
            if found.is_none() {
                spec.remarks()
                    .refuse(item, "a type is one of `Ingress`, `Egress`");
            }
            found
        });
        // Hints about speed: they change nothing.
        spec.list("performanceHints");
        if self.staged.is_some() {
            spec.text("stagedAction");
        }
    }

    fn refuse_contradictions(&mut self, spec: &Record<'e, '_>) {
        let mut refuse = |field, message: &str| {
            spec.remarks().refuse(spec.place(field), message);
            self.is_refused = true;
        };
        if self.do_not_track && self.pre_dnat {
            refuse("preDNAT", "`preDNAT` and `doNotTrack` exclude each other");
        }
        if self.pre_dnat && !self.egress.is_empty() {
            refuse("egress", "a policy with `preDNAT` has no egress rules");
        }
        if (self.do_not_track || self.pre_dnat) && !self.apply_on_forward {
            refuse(
                "applyOnForward",
                "`preDNAT` and `doNotTrack` need `applyOnForward: true`",
            );
        }
    }

    /// The rules of a direction.
    pub fn rules(&self, direction: PolicyType) -> &[CalicoRule<'e>] {
        match direction {
            PolicyType::Ingress => &self.ingress,
            PolicyType::Egress => &self.egress,
        }
    }

    /// Whether the policy acts on a direction: as `types` says, else on ingress unless there are
    /// only egress rules, and on egress if there are egress rules.
    pub fn acts_on(&self, direction: PolicyType) -> bool {
        match (&self.types, direction) {
            (Some(types), _) if !types.is_empty() => types.contains(&direction),
            (_, PolicyType::Egress) => !self.egress.is_empty(),
            (_, PolicyType::Ingress) => self.egress.is_empty() || !self.ingress.is_empty(),
        }
    }

    /// Whether the policy is for host endpoints alone.
    pub fn is_for_hosts_only(&self) -> bool {
        self.do_not_track || self.pre_dnat
    }
}
