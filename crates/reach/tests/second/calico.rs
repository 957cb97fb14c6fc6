//! Calico: what its reference says, one packet at a time. Tiers, policies and network sets.

use serde_json::{Value, json};

use crate::calico_rule::{Rule, View};
use crate::calico_selector::{Expression, NAMESPACE_KEYS, OWN_KEYS, by_account, by_namespace, own};
use crate::cluster::{Carries, Cluster, NAMESPACES, RANGES, Who};
use crate::draw::Draw;
use crate::labels::{KEYS, Labels, draw_labels};
use crate::verdict::{Action, Holds, No, Yes};

#[derive(Clone, Debug)]
pub(crate) struct NetworkSet {
    pub(crate) name: String,
    pub(crate) namespace: Option<usize>,
    pub(crate) labels: Labels,
    pub(crate) nets: Vec<&'static str>,
}

#[derive(Clone, Debug)]
pub(crate) struct Tier {
    pub(crate) name: String,
    pub(crate) order: Option<u32>,
    passes: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct CalicoPolicy {
    pub(crate) name: String,
    pub(crate) namespace: Option<usize>,
    pub(crate) tier: String,
    pub(crate) order: Option<u32>,
    selector: Option<Expression>,
    namespaces: Option<Expression>,
    accounts: Option<Expression>,
    types: Option<Vec<&'static str>>,
    ingress: Vec<Rule>,
    egress: Vec<Rule>,
}

impl NetworkSet {
    pub(crate) fn draw(draw: &mut Draw, number: usize) -> Self {
        Self {
            name: format!("set{number}"),
            namespace: draw.unless(2, |draw| draw.below(3)),
            labels: draw_labels(draw),
            nets: draw.some(1, 2, |draw| draw.of(&RANGES)),
        }
    }

    pub(crate) fn written(&self) -> Value {
        let mut nets = self.nets.clone();
        nets.dedup();
        let mut metadata = json!({"name": self.name, "labels": self.labels});
        if let Some(namespace) = self.namespace {
            metadata["namespace"] = json!(NAMESPACES[namespace]);
        }
        let kind = match self.namespace {
            Some(_) => "NetworkSet",
            None => "GlobalNetworkSet",
        };
        json!({
            "apiVersion": "projectcalico.org/v3", "kind": kind,
            "metadata": metadata, "spec": {"nets": nets},
        })
    }
}

impl Tier {
    pub(crate) fn draw(draw: &mut Draw, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            order: draw.unless(4, |draw| draw.of(&[10, 100, 2_000_000])),
            passes: draw.one_in(2),
        }
    }

    /// The tiers that Calico makes itself.
    pub(crate) fn built_in() -> Vec<Self> {
        let tier = |name: &str, order, passes| Self {
            name: name.to_owned(),
            order: Some(order),
            passes,
        };
        vec![
            tier("adminnetworkpolicy", 1_000, true),
            tier("kube-admin", 1_000, true),
            tier("default", 1_000_000, false),
            tier("baselineadminnetworkpolicy", 10_000_000, true),
            tier("kube-baseline", 10_000_000, true),
        ]
    }

    pub(crate) fn end(&self) -> Action {
        if self.passes {
            Action::Pass
        } else {
            Action::Deny
        }
    }

    pub(crate) fn written(&self) -> Value {
        let mut spec = json!({"defaultAction": if self.passes { "Pass" } else { "Deny" }});
        if let Some(order) = self.order {
            spec["order"] = json!(order);
        }
        json!({
            "apiVersion": "projectcalico.org/v3", "kind": "Tier",
            "metadata": {"name": self.name}, "spec": spec,
        })
    }
}

impl CalicoPolicy {
    pub(crate) fn draw(draw: &mut Draw, number: usize, tiers: &[&str]) -> Self {
        let namespace = draw.unless(2, |draw| draw.below(3));
        let is_global = namespace.is_none();
        let mut namespaces = None;
        if is_global {
            namespaces = draw.unless(2, |draw| Expression::draw(draw, &NAMESPACE_KEYS, false, 0));
        }
        Self {
            name: format!("cp{number}"),
            namespace,
            tier: draw.of(tiers).to_owned(),
            order: draw.unless(4, |draw| draw.of(&[1, 500, 999, 1001, 2000])),
            selector: draw.unless(3, |draw| Expression::draw(draw, &OWN_KEYS, false, 0)),
            namespaces,
            accounts: match draw.one_in(4) {
                true => Some(Expression::draw(draw, &KEYS, false, 0)),
                false => None,
            },
            types: draw.unless(2, |draw| {
                draw.of(&[vec!["Ingress"], vec!["Egress"], vec!["Ingress", "Egress"]])
            }),
            ingress: draw.some(0, 3, |draw| Rule::draw(draw, true)),
            egress: draw.some(0, 3, |draw| Rule::draw(draw, false)),
        }
    }

    pub(crate) fn written(&self) -> Value {
        let rules = |rules: &[Rule]| rules.iter().map(Rule::written).collect::<Vec<_>>();
        let mut spec = json!({
            "tier": self.tier, "ingress": rules(&self.ingress), "egress": rules(&self.egress),
        });
        if let Some(order) = self.order {
            spec["order"] = json!(order);
        }
        if let Some(types) = &self.types {
            spec["types"] = json!(types);
        }
        for (name, selector) in [
            ("selector", &self.selector),
            ("namespaceSelector", &self.namespaces),
            ("serviceAccountSelector", &self.accounts),
        ] {
            if let Some(selector) = selector {
                spec[name] = json!(selector.written());
            }
        }
        let mut metadata = json!({"name": self.name});
        if let Some(namespace) = self.namespace {
            metadata["namespace"] = json!(NAMESPACES[namespace]);
        }
        let kind = match self.namespace {
            Some(_) => "NetworkPolicy",
            None => "GlobalNetworkPolicy",
        };
        json!({
            "apiVersion": "projectcalico.org/v3", "kind": kind, "metadata": metadata, "spec": spec,
        })
    }

    /// The name by which equal orders are told apart.
    pub(crate) fn sort_name(&self) -> String {
        let namespace = self
            .namespace
            .map(|number| format!("{}/", NAMESPACES[number]));
        format!(
            "{}{}.{}",
            namespace.unwrap_or_default(),
            self.tier,
            self.name
        )
    }

    fn acts_on(&self, ingress: bool) -> bool {
        match &self.types {
            Some(types) => types.contains(&if ingress { "Ingress" } else { "Egress" }),
            None if ingress => self.egress.is_empty() || !self.ingress.is_empty(),
            None => !self.egress.is_empty(),
        }
    }

    pub(crate) fn selects(&self, cluster: &Cluster, subject: Who, ingress: bool) -> Holds {
        let Some(pod) = cluster.pod(subject) else {
            return No;
        };
        if !self.acts_on(ingress) || self.namespace.is_some_and(|own| own != pod.namespace) {
            return No;
        }
        let optional = |selector: &Option<Expression>, of: &dyn Fn(&Expression) -> Holds| {
            selector.as_ref().map_or(Yes, of)
        };
        optional(&self.selector, &|selector| own(selector, cluster, pod))
            .and(optional(&self.namespaces, &|selector| {
                by_namespace(selector, cluster, pod)
            }))
            .and(optional(&self.accounts, &|selector| {
                by_account(selector, cluster, pod)
            }))
    }

    pub(crate) fn rules(
        &self,
        cluster: &Cluster,
        sets: &[NetworkSet],
        (source, destination): (Who, Who),
        carries: Carries,
        ingress: bool,
    ) -> Vec<(Holds, Action)> {
        let rules = if ingress { &self.ingress } else { &self.egress };
        let mut found = Vec::new();
        for rule in rules {
            let action = match rule.action {
                "Allow" => Action::Allow,
                "Deny" => Action::Deny,
                "Pass" => Action::Pass,
                _ => continue,
            };
            let view = View {
                cluster,
                sets,
                own: self.namespace,
                carries,
            };
            let holds = Holds::from(rule.carries(carries))
                .and(view.is(&rule.source, source, false))
                .and(view.is(&rule.destination, destination, true));
            found.push((holds, action));
        }
        found
    }
}
