//! Cilium's network policies (`cilium.io/v2`).

use palisade_document::{Kind, Value};

use crate::Object;
use crate::kubernetes::{PolicyType, Selector};

/// One rule of a CiliumNetworkPolicy or CiliumClusterwideNetworkPolicy: its `spec`, or an entry
/// of its `specs`.
#[derive(Clone, Copy)]
pub struct CiliumRule<'e> {
    spec: Value<'e>,
    /// The policy's namespace; nothing for a clusterwide one.
    namespace: Option<&'e str>,
}

impl<'e> CiliumRule<'e> {
    /// The rules of a policy.
    pub fn all(policy: &Object<'e>) -> Vec<Self> {
        let many = policy.get("specs").into_iter().flat_map(Value::items);
        let specs = policy.get("spec").into_iter().chain(many);
        specs
            .map(|spec| Self {
                spec,
                namespace: policy.namespace(),
            })
            .collect()
    }

    /// Whether the rule selects every pod of a namespace, whatever its labels. Nothing if that
    /// depends on labels that the selector requires to be missing, or that Cilium adds itself.
    pub fn selects_every_pod_of(&self, namespace: &str) -> Option<bool> {
        if self.namespace.is_some_and(|own| own != namespace) {
            return Some(false);
        }
        // A rule with a node selector instead is about nodes.
        let selector = self.spec.get("endpointSelector");
        let Some(selector) = selector.filter(|selector| !selector.is_null()) else {
            return Some(false);
        };
        let selector = Selector::read(selector).ok()?;
        if selector.keys().any(is_derived) {
            return None;
        }
        // A pod without labels of its own stands for the pods that nobody thought of.
        if !selector.matches(|key| is_namespace_label(key).then_some(namespace)) {
            return Some(false);
        }
        selector.keys().all(is_namespace_label).then_some(true)
    }

    /// Whether the rule puts the pods it selects into default deny for a direction: by having
    /// rules for that direction, unless it says that they shouldn't.
    pub fn isolates(&self, direction: PolicyType) -> bool {
        let has_rules = |section: &str| self.list(section).next().is_some();
        let acts = has_rules(direction.section()) || has_rules(deny_section(direction));
        let said = self
            .spec
            .get("enableDefaultDeny")
            .and_then(|modes| modes.get(direction.section()))
            .and_then(Value::as_bool);
        // A switch without rules for the direction does nothing.
        acts && said.unwrap_or(true)
    }

    /// Whether each allowance for a direction is either empty, which allows nothing, or names
    /// endpoints by label. Others (entities, address ranges, names) may allow everything.
    pub fn allows_named_endpoints_only(&self, direction: PolicyType) -> bool {
        self.list(direction.section())
            .all(|rule| names_endpoints(rule, direction))
    }

    /// The first rule that allows destinations by name (`toFQDNs`).
    pub fn names(&self) -> Option<Value<'e>> {
        let mut names = self.list("egress").filter_map(|rule| rule.get("toFQDNs"));
        names.find(|names| names.items().len() > 0)
    }

    /// The first rule about what is asked for inside a connection (`toPorts[].rules`), other than
    /// names that are looked up, which rules by name need.
    pub fn requests(&self) -> Option<Value<'e>> {
        let ports = ["ingress", "egress"]
            .into_iter()
            .flat_map(|section| self.list(section))
            .filter_map(|rule| rule.get("toPorts"))
            .flat_map(Value::items);
        let mut rules = ports.filter_map(|port| port.get("rules"));
        rules.find(|rules| rules.entries().any(|entry| entry.name() != "dns"))
    }

    fn list(&self, key: &str) -> impl Iterator<Item = Value<'e>> + use<'e> {
        self.spec.get(key).into_iter().flat_map(Value::items)
    }
}

fn deny_section(direction: PolicyType) -> &'static str {
    match direction {
        PolicyType::Ingress => "ingressDeny",
        PolicyType::Egress => "egressDeny",
    }
}

fn names_endpoints(rule: Value<'_>, direction: PolicyType) -> bool {
    let endpoints = match direction {
        PolicyType::Ingress => "fromEndpoints",
        PolicyType::Egress => "toEndpoints",
    };
    rule.kind() == Kind::Object
        && rule.entries().all(|entry| match entry.name() {
            "toPorts" => rule.get(endpoints).is_some(),
            name if name == endpoints => {
                let mut selectors = entry.value.items();
                selectors.len() > 0
                    && selectors.all(|selector| {
                        Selector::read(selector).is_ok_and(|selector| !selector.is_empty())
                    })
            }
            _ => false,
        })
}

fn is_namespace_label(key: &str) -> bool {
    bare(key) == "io.kubernetes.pod.namespace"
}

/// Labels that Cilium gives every pod from its namespace, service account and cluster.
fn is_derived(key: &str) -> bool {
    let bare = bare(key);
    bare.starts_with("io.cilium.") || bare.starts_with("reserved:") || bare == "reserved"
}

fn bare(key: &str) -> &str {
    key.strip_prefix("k8s:")
        .or_else(|| key.strip_prefix("any:"))
        .unwrap_or(key)
}
