//! NetworkPolicy: what the API's documentation says, one packet at a time.

use serde_json::{Value, json};

use crate::Engine;
use crate::cluster::{Carries, Cluster, NAMESPACES, PORT_NAMES, PORTS, RANGES, Who, lies_in};
use crate::draw::Draw;
use crate::labels::{KEYS, Selector};
use crate::verdict::{Action, Holds, No, Yes, any};

#[derive(Clone, Debug)]
pub(crate) struct NetworkPolicy {
    pub(crate) name: String,
    namespace: usize,
    selector: Selector,
    types: Option<Vec<&'static str>>,
    ingress: Vec<Rule>,
    egress: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    peers: Vec<Peer>,
    ports: Vec<Port>,
}

#[derive(Clone, Debug)]
enum Peer {
    Pods(Option<Selector>, Option<Selector>),
    Block(&'static str, Vec<&'static str>),
}

#[derive(Clone, Debug)]
struct Port {
    transport: Option<&'static str>,
    port: Option<Result<u16, String>>,
    end: Option<u16>,
}

pub(crate) fn draw_namespaces(draw: &mut Draw) -> Selector {
    let mut selector = Selector::draw(draw, &KEYS);
    if draw.one_in(3) {
        let name = draw.of(&NAMESPACES).to_owned();
        selector
            .labels
            .insert("kubernetes.io/metadata.name".to_owned(), name);
    }
    selector
}

impl NetworkPolicy {
    pub(crate) fn draw(draw: &mut Draw, number: usize) -> Self {
        Self {
            name: format!("np{number}"),
            namespace: draw.below(3),
            selector: Selector::draw(draw, &KEYS),
            types: draw.unless(2, |draw| {
                draw.of(&[vec!["Ingress"], vec!["Egress"], vec!["Ingress", "Egress"]])
            }),
            ingress: draw.some(0, 2, Rule::draw),
            egress: draw.some(0, 2, Rule::draw),
        }
    }

    pub(crate) fn written(&self) -> Value {
        let mut spec = json!({
            "podSelector": self.selector.written(),
            "ingress": self.ingress.iter().map(|rule| rule.written("from")).collect::<Vec<_>>(),
            "egress": self.egress.iter().map(|rule| rule.written("to")).collect::<Vec<_>>(),
        });
        if let Some(types) = &self.types {
            spec["policyTypes"] = json!(types);
        }
        json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": self.name, "namespace": NAMESPACES[self.namespace]},
            "spec": spec,
        })
    }

    pub(crate) fn namespace_name(&self) -> &'static str {
        NAMESPACES[self.namespace]
    }

    fn acts_on(&self, ingress: bool) -> bool {
        match &self.types {
            Some(types) => types.contains(&if ingress { "Ingress" } else { "Egress" }),
            None => ingress || !self.egress.is_empty(),
        }
    }

    /// Whether the policy isolates one end of a packet.
    pub(crate) fn isolates(&self, cluster: &Cluster, subject: Who, ingress: bool) -> Holds {
        let Some(pod) = cluster.pod(subject) else {
            return No;
        };
        let is_selected = pod.namespace == self.namespace && self.selector.selects(&pod.labels);
        (is_selected && self.acts_on(ingress)).into()
    }

    /// Its rules for a packet at that end.
    pub(crate) fn rules(
        &self,
        cluster: &Cluster,
        engine: Engine,
        (source, destination): (Who, Who),
        carries: Carries,
        ingress: bool,
    ) -> Vec<(Holds, Action)> {
        let (rules, peer) = match ingress {
            true => (&self.ingress, source),
            false => (&self.egress, destination),
        };
        let rule = |rule: &Rule| {
            let peers = match rule.peers.is_empty() {
                true => Yes,
                false => any(rule
                    .peers
                    .iter()
                    .map(|one| one.is(cluster, engine, self.namespace, peer))),
            };
            let ports = rule.ports.is_empty()
                || rule
                    .ports
                    .iter()
                    .any(|port| port.is(cluster, destination, carries));
            (peers.and(ports), Action::Allow)
        };
        rules.iter().map(rule).collect()
    }
}

impl Rule {
    fn draw(draw: &mut Draw) -> Self {
        Self {
            peers: draw.some(0, 2, Peer::draw),
            ports: draw.some(0, 2, Port::draw),
        }
    }

    fn written(&self, name: &str) -> Value {
        let mut rule = json!({});
        if !self.peers.is_empty() {
            rule[name] = json!(self.peers.iter().map(Peer::written).collect::<Vec<_>>());
        }
        if !self.ports.is_empty() {
            rule["ports"] = json!(self.ports.iter().map(Port::written).collect::<Vec<_>>());
        }
        rule
    }
}

impl Peer {
    fn draw(draw: &mut Draw) -> Self {
        if draw.one_in(3) {
            let cidr = draw.of(&RANGES);
            let (_, bits) = cidr.split_once('/').unwrap();
            let inside = |range: &&&str| {
                let (other, length) = range.split_once('/').unwrap();
                length.parse::<u8>().unwrap() > bits.parse::<u8>().unwrap()
                    && lies_in(other.parse().unwrap(), cidr)
            };
            let fit: Vec<_> = RANGES.iter().filter(inside).copied().collect();
            let except = match fit.is_empty() {
                true => Vec::new(),
                false => draw.some(0, 1, |draw| draw.of(&fit)),
            };
            return Self::Block(cidr, except);
        }
        let pods = draw.unless(3, |draw| Selector::draw(draw, &KEYS));
        let namespaces = draw.unless(2, draw_namespaces);
        match (&pods, &namespaces) {
            (None, None) => Self::Pods(Some(Selector::default()), None),
            _ => Self::Pods(pods, namespaces),
        }
    }

    fn written(&self) -> Value {
        match self {
            Self::Block(cidr, except) => json!({"ipBlock": {"cidr": cidr, "except": except}}),
            Self::Pods(pods, namespaces) => {
                let mut peer = json!({});
                if let Some(pods) = pods {
                    peer["podSelector"] = pods.written();
                }
                if let Some(namespaces) = namespaces {
                    peer["namespaceSelector"] = namespaces.written();
                }
                peer
            }
        }
    }

    fn is(&self, cluster: &Cluster, engine: Engine, own: usize, peer: Who) -> Holds {
        match self {
            Self::Block(cidr, except) => {
                // Whether a range covers pods and nodes is left to the engine.
                let is_covered = match engine {
                    Engine::Calico | Engine::AzureNpm => true,
                    Engine::Cilium => Cluster::is_outside(peer),
                    Engine::Conformant => cluster.pod(peer).is_none(),
                };
                let address = cluster.address(peer);
                let is_inside =
                    lies_in(address, cidr) && !except.iter().any(|except| lies_in(address, except));
                (is_covered && is_inside).into()
            }
            Self::Pods(pods, namespaces) => {
                let Some(pod) = cluster.pod(peer) else {
                    return No;
                };
                let namespace = match namespaces {
                    Some(namespaces) => namespaces.selects_namespace(cluster.namespace_of(pod)),
                    None => (pod.namespace == own).into(),
                };
                let labels = pods.as_ref().is_none_or(|pods| pods.selects(&pod.labels));
                namespace.and(labels)
            }
        }
    }
}

impl Port {
    fn draw(draw: &mut Draw) -> Self {
        let port = draw.unless(4, |draw| match draw.one_in(3) {
            true => Err(draw.of(&PORT_NAMES).to_owned()),
            false => Ok(draw.of(&PORTS)),
        });
        let end = match &port {
            Some(Ok(first)) if draw.one_in(3) => Some(first + draw.of(&[0, 1, 100])),
            _ => None,
        };
        Self {
            transport: draw.unless(3, |draw| draw.of(&["TCP", "UDP", "SCTP"])),
            port,
            end,
        }
    }

    fn written(&self) -> Value {
        let mut port = json!({});
        if let Some(transport) = self.transport {
            port["protocol"] = json!(transport);
        }
        match &self.port {
            Some(Ok(number)) => port["port"] = json!(number),
            Some(Err(name)) => port["port"] = json!(name),
            None => {}
        }
        if let Some(end) = self.end {
            port["endPort"] = json!(end);
        }
        port
    }

    fn is(&self, cluster: &Cluster, destination: Who, carries: Carries) -> bool {
        let Carries::Ports { transport, to, .. } = carries else {
            return false;
        };
        if transport != self.transport.unwrap_or("TCP") {
            return false;
        }
        match &self.port {
            None => true,
            Some(Ok(first)) => (*first..=self.end.unwrap_or(*first)).contains(&to),
            Some(Err(name)) => cluster.port(destination, name, transport).contains(&to),
        }
    }
}
