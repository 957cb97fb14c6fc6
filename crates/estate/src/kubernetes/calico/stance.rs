//! Calico's network policies (`projectcalico.org/v3` and `crd.projectcalico.org/v1`).

use palisade_document::Value;

use crate::Object;
use crate::kubernetes::PolicyType;

/// A Calico NetworkPolicy or GlobalNetworkPolicy.
#[derive(Clone, Copy)]
pub struct CalicoPolicy<'e>(Object<'e>);

impl<'e> CalicoPolicy<'e> {
    /// The policy of an object that [`PolicyDialect`](super::PolicyDialect) calls Calico's.
    pub fn of(object: Object<'e>) -> Self {
        Self(object)
    }

    /// Whether the policy selects every pod of a namespace, whatever its labels. Nothing if the
    /// selectors would have to be evaluated to tell.
    pub fn selects_every_pod_of(&self, namespace: &str) -> Option<bool> {
        if self.0.namespace().is_some_and(|own| own != namespace) || self.is_for_hosts_only() {
            return Some(false);
        }
        let selects_all = ["spec.selector", "spec.serviceAccountSelector"]
            .map(|path| selects_everything(self.text(path)));
        if selects_all.contains(&Some(false)) {
            return Some(false);
        }
        let is_everywhere = selects_everything(self.text("spec.namespaceSelector")) == Some(true);
        (is_everywhere && selects_all == [Some(true); 2]).then_some(true)
    }

    /// Whether the policy acts on a direction: as `types` says, else ingress unless there are
    /// only egress rules, and egress if there are egress rules.
    pub fn acts_on(&self, direction: PolicyType) -> bool {
        let named: Vec<_> = self.list("spec.types").collect();
        if !named.is_empty() {
            return named.iter().any(|name| name.scalar() == direction.as_str());
        }
        let has_egress = self.rules(PolicyType::Egress).next().is_some();
        match direction {
            PolicyType::Egress => has_egress,
            PolicyType::Ingress => !has_egress || self.rules(PolicyType::Ingress).next().is_some(),
        }
    }

    /// Whether what no policy allows is denied, and this policy allows nothing: it stands in the
    /// tier `default`, which denies at its end, and has at most rules that deny.
    pub fn only_denies(&self, direction: PolicyType) -> bool {
        let tier = self.text("spec.tier");
        (tier.is_empty() || tier == "default")
            && self.rules(direction).all(|rule| {
                rule.get("action")
                    .is_some_and(|action| action.scalar() == "Deny")
            })
    }

    /// Untracked and pre-DNAT policies apply to host endpoints and to no pod.
    fn is_for_hosts_only(&self) -> bool {
        ["spec.doNotTrack", "spec.preDNAT"]
            .iter()
            .any(|path| self.0.get(path).and_then(Value::as_bool) == Some(true))
    }

    fn rules(&self, direction: PolicyType) -> impl Iterator<Item = Value<'e>> + use<'e> {
        self.list(match direction {
            PolicyType::Ingress => "spec.ingress",
            PolicyType::Egress => "spec.egress",
        })
    }

    fn list(&self, path: &str) -> impl Iterator<Item = Value<'e>> + use<'e> {
        self.0.get(path).into_iter().flat_map(Value::items)
    }

    fn text(&self, path: &str) -> &'e str {
        self.0
            .get(path)
            .map(Value::scalar)
            .unwrap_or_default()
            .trim()
    }
}

/// Whether a selector selects everything. One that only asks for labels to be there leaves out
/// what has none; anything with a negation, an alternative or a label of Calico's own is open.
fn selects_everything(selector: &str) -> Option<bool> {
    const UNDECIDED: [&str; 6] = [
        "!",
        "||",
        "not in",
        "all()",
        "global()",
        "projectcalico.org/",
    ];
    match selector {
        "" | "all()" => Some(true),
        _ if UNDECIDED.iter().any(|part| selector.contains(part)) => None,
        _ => Some(false),
    }
}
