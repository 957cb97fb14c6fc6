//! AdminNetworkPolicy, BaselineAdminNetworkPolicy and ClusterNetworkPolicy: what the network
//! policy API says, one packet at a time.

use serde_json::{Value, json};

use crate::cluster::{Carries, Cluster, PORT_NAMES, PORTS, RANGES, Who, lies_in};
use crate::draw::Draw;
use crate::kubernetes::draw_namespaces;
use crate::labels::{KEYS, Selector};
use crate::verdict::{Action, Holds, Maybe, No, any};

#[derive(Clone, Debug)]
pub(crate) struct AdminPolicy {
    pub(crate) name: String,
    /// Whether it is one of the newer API, `v1alpha2`.
    is_cluster: bool,
    /// Whether it stands before NetworkPolicy.
    pub(crate) is_admin: bool,
    pub(crate) priority: u32,
    subject: Pods,
    ingress: Vec<Rule>,
    egress: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Pods(Selector, Option<Selector>);

#[derive(Clone, Debug)]
struct Rule {
    action: Action,
    peers: Vec<Peer>,
    ports: Vec<Port>,
}

#[derive(Clone, Debug)]
enum Peer {
    Pods(Pods),
    Nodes(Selector),
    Networks(Vec<&'static str>),
    Names(Vec<&'static str>),
}

#[derive(Clone, Debug)]
enum Port {
    Number(&'static str, u16),
    Range(&'static str, u16, u16),
    Named(&'static str),
}

impl Pods {
    fn draw(draw: &mut Draw) -> Self {
        let namespaces = draw_namespaces(draw);
        Self(
            namespaces,
            draw.unless(2, |draw| Selector::draw(draw, &KEYS)),
        )
    }

    fn written(&self) -> Value {
        match &self.1 {
            None => json!({"namespaces": self.0.written()}),
            Some(pods) => json!({"pods": {
                "namespaceSelector": self.0.written(), "podSelector": pods.written(),
            }}),
        }
    }

    fn are(&self, cluster: &Cluster, who: Who) -> Holds {
        let Some(pod) = cluster.pod(who) else {
            return No;
        };
        let labels = self.1.as_ref().is_none_or(|pods| pods.selects(&pod.labels));
        self.0
            .selects_namespace(cluster.namespace_of(pod))
            .and(labels)
    }
}

impl AdminPolicy {
    /// A few policies with different priorities: what equal ones mean the API leaves open.
    pub(crate) fn draw_all(draw: &mut Draw) -> Vec<Self> {
        let count = draw.below(4);
        let mut has_baseline = false;
        let mut all = Vec::new();
        for number in 0..count {
            let is_cluster = draw.one_in(2);
            let is_admin = has_baseline || draw.one_in(2);
            has_baseline |= !is_admin && !is_cluster;
            let is_only = !is_admin && !is_cluster;
            let can_pass = !is_only;
            all.push(Self {
                name: match is_only {
                    true => "default".to_owned(),
                    false => format!("admin{number}"),
                },
                is_cluster,
                is_admin,
                priority: match is_only {
                    true => 0,
                    false => u32::try_from(10 * number).unwrap() + draw.of(&[1, 400]),
                },
                subject: Pods::draw(draw),
                ingress: draw.some(0, 3, |draw| Rule::draw(draw, true, can_pass)),
                egress: draw.some(0, 3, |draw| Rule::draw(draw, false, can_pass)),
            });
        }
        all
    }

    pub(crate) fn tier_in_calico(&self) -> &'static str {
        match (self.is_cluster, self.is_admin) {
            (false, true) => "adminnetworkpolicy",
            (false, false) => "baselineadminnetworkpolicy",
            (true, true) => "kube-admin",
            (true, false) => "kube-baseline",
        }
    }

    pub(crate) fn written(&self) -> Value {
        let rules = |rules: &[Rule], peers: &str| {
            let rules = rules
                .iter()
                .map(|rule| rule.written(peers, self.is_cluster));
            rules.collect::<Vec<_>>()
        };
        let mut spec = json!({
            "subject": self.subject.written(),
            "ingress": rules(&self.ingress, "from"), "egress": rules(&self.egress, "to"),
        });
        let (version, kind) = match (self.is_cluster, self.is_admin) {
            (true, _) => ("v1alpha2", "ClusterNetworkPolicy"),
            (false, true) => ("v1alpha1", "AdminNetworkPolicy"),
            (false, false) => ("v1alpha1", "BaselineAdminNetworkPolicy"),
        };
        if self.is_cluster {
            spec["tier"] = json!(if self.is_admin { "Admin" } else { "Baseline" });
        }
        if kind != "BaselineAdminNetworkPolicy" {
            spec["priority"] = json!(self.priority);
        }
        json!({
            "apiVersion": format!("policy.networking.k8s.io/{version}"), "kind": kind,
            "metadata": {"name": self.name}, "spec": spec,
        })
    }

    pub(crate) fn rules(
        &self,
        cluster: &Cluster,
        (source, destination): (Who, Who),
        carries: Carries,
        ingress: bool,
    ) -> Vec<(Holds, Action)> {
        let (rules, subject, peer) = match ingress {
            true => (&self.ingress, destination, source),
            false => (&self.egress, source, destination),
        };
        let about = self.subject.are(cluster, subject);
        let rule = |rule: &Rule| {
            let peers = any(rule.peers.iter().map(|one| one.is(cluster, peer)));
            let ports = rule.ports.is_empty()
                || rule
                    .ports
                    .iter()
                    .any(|port| port.is(cluster, destination, carries));
            (about.and(peers).and(ports), rule.action)
        };
        rules.iter().map(rule).collect()
    }
}

impl Rule {
    fn draw(draw: &mut Draw, ingress: bool, can_pass: bool) -> Self {
        let action = match can_pass {
            true => draw.of(&[Action::Allow, Action::Deny, Action::Pass]),
            false => draw.of(&[Action::Allow, Action::Deny]),
        };
        let peers = draw.some(1, 2, |draw| Peer::draw(draw, ingress, action));
        // Only pods have ports with names.
        let has_names = peers.iter().all(|peer| matches!(peer, Peer::Pods(_)));
        Self {
            action,
            peers,
            ports: draw.some(0, 2, |draw| Port::draw(draw, has_names)),
        }
    }

    fn written(&self, peers: &str, is_cluster: bool) -> Value {
        let action = match (self.action, is_cluster) {
            (Action::Allow, true) => "Accept",
            (Action::Allow, false) => "Allow",
            (Action::Deny, _) => "Deny",
            (Action::Pass, _) => "Pass",
        };
        let all: Vec<_> = self.peers.iter().map(Peer::written).collect();
        let mut rule = json!({"action": action, peers: all});
        if !self.ports.is_empty() {
            let ports: Vec<_> = self
                .ports
                .iter()
                .map(|port| port.written(is_cluster))
                .collect();
            rule[if is_cluster { "protocols" } else { "ports" }] = json!(ports);
        }
        rule
    }
}

impl Peer {
    fn draw(draw: &mut Draw, ingress: bool, action: Action) -> Self {
        match draw.below(if ingress { 1 } else { 6 }) {
            3 => Self::Nodes(Selector::draw(draw, &KEYS)),
            4 => Self::Networks(draw.some(1, 2, |draw| draw.of(&RANGES))),
            5 if action == Action::Allow => Self::Names(vec!["*.example"]),
            _ => Self::Pods(Pods::draw(draw)),
        }
    }

    fn written(&self) -> Value {
        match self {
            Self::Pods(pods) => pods.written(),
            Self::Nodes(selector) => json!({"nodes": selector.written()}),
            Self::Networks(ranges) => json!({"networks": ranges}),
            Self::Names(names) => json!({"domainNames": names}),
        }
    }

    fn is(&self, cluster: &Cluster, peer: Who) -> Holds {
        match self {
            Self::Pods(pods) => pods.are(cluster, peer),
            // By the addresses of the nodes, which pods on their networks share.
            Self::Nodes(selector) => match peer {
                Who::Node(node) => selector.selects(&cluster.nodes[node].labels).into(),
                Who::Pod(pod) if cluster.pods[pod].on_host => {
                    selector.selects(&cluster.nodes[0].labels).into()
                }
                _ => No,
            },
            Self::Networks(ranges) => {
                let address = cluster.address(peer);
                ranges.iter().any(|range| lies_in(address, range)).into()
            }
            Self::Names(_) => match Cluster::is_outside(peer) {
                true => Maybe,
                false => No,
            },
        }
    }
}

impl Port {
    fn draw(draw: &mut Draw, has_names: bool) -> Self {
        let transport = draw.of(&["TCP", "UDP", "SCTP"]);
        let first = draw.of(&PORTS);
        match draw.below(if has_names { 3 } else { 2 }) {
            0 => Self::Number(transport, first),
            1 => Self::Range(transport, first, first + draw.of(&[1, 50, 1000])),
            _ => Self::Named(draw.of(&PORT_NAMES)),
        }
    }

    fn written(&self, is_cluster: bool) -> Value {
        match (self, is_cluster) {
            (Self::Named(name), true) => json!({"destinationNamedPort": name}),
            (Self::Named(name), false) => json!({"namedPort": name}),
            (Self::Number(transport, number), true) => {
                json!({transport.to_lowercase(): {"destinationPort": {"number": number}}})
            }
            (Self::Range(transport, first, last), true) => json!({
                transport.to_lowercase(): {"destinationPort": {"range": {"start": first, "end": last}}}
            }),
            (Self::Number(transport, number), false) => {
                json!({"portNumber": {"protocol": transport, "port": number}})
            }
            (Self::Range(transport, first, last), false) => {
                json!({"portRange": {"protocol": transport, "start": first, "end": last}})
            }
        }
    }

    fn is(&self, cluster: &Cluster, destination: Who, carries: Carries) -> bool {
        let Carries::Ports { transport, to, .. } = carries else {
            return false;
        };
        match self {
            Self::Number(own, number) => *own == transport && *number == to,
            Self::Range(own, first, last) => *own == transport && (*first..=*last).contains(&to),
            Self::Named(name) => cluster.port(destination, name, transport).contains(&to),
        }
    }
}
