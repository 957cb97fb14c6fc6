//! Cilium: what its documentation says, one packet at a time.

use serde_json::{Value, json};

use crate::cluster::{
    Carries, Cluster, NAMESPACES, PORT_NAMES, PORTS, Pod, RANGES, SERVICES, Who, lies_in,
};
use crate::draw::Draw;
use crate::labels::{KEYS, Labels, Requirement, Selector, draw_labels};
use crate::verdict::{Action, Holds, Maybe, No, Yes, any};

#[derive(Clone, Debug)]
pub(crate) struct CidrGroup {
    name: &'static str,
    labels: Labels,
    ranges: Vec<&'static str>,
}

const GROUPS: [&str; 2] = ["g1", "g2"];

#[derive(Clone, Debug)]
pub(crate) struct CiliumPolicy {
    name: String,
    namespace: Option<usize>,
    selector: Selector,
    modes: [Option<bool>; 2],
    /// Ingress, ingressDeny, egress, egressDeny.
    sections: [Vec<Rule>; 4],
}

#[derive(Clone, Debug)]
struct Rule {
    peers: Option<Peers>,
    ports: Vec<PortRule>,
    icmps: Vec<(bool, u8)>,
}

#[derive(Clone, Debug)]
enum Peers {
    Endpoints(Vec<Selector>),
    Cidr(Vec<&'static str>),
    CidrSet(Vec<CidrRule>),
    Entities(Vec<&'static str>),
    Services(Vec<Service>),
    Names(Vec<&'static str>),
}

#[derive(Clone, Debug)]
enum CidrRule {
    Range(&'static str, Vec<&'static str>),
    Group(&'static str),
    Groups(Selector),
}

#[derive(Clone, Debug)]
enum Service {
    Named(&'static str, Option<usize>),
    Labelled(Selector, Option<usize>),
}

#[derive(Clone, Debug)]
struct PortRule {
    ports: Vec<Port>,
    asks: bool,
}

#[derive(Clone, Debug)]
struct Port {
    port: Result<u16, &'static str>,
    end: Option<u16>,
    protocol: Option<&'static str>,
}

const ENTITIES: [&str; 9] = [
    "all",
    "world",
    "cluster",
    "host",
    "remote-node",
    "none",
    "world-ipv4",
    "world-ipv6",
    "health",
];

/// Selectors whose keys may say where labels come from, or speak of namespaces.
fn draw_endpoints(draw: &mut Draw) -> Selector {
    let mut selector = Selector::draw(draw, &["app", "tier", "env", "k8s:app", "any:tier"]);
    match draw.below(6) {
        0 => {
            let name = draw.of(&NAMESPACES).to_owned();
            selector
                .labels
                .insert("k8s:io.kubernetes.pod.namespace".to_owned(), name);
        }
        1 => selector.expressions.push(Requirement::draw(
            draw,
            &[
                "io.cilium.k8s.namespace.labels.app",
                "k8s:io.cilium.k8s.namespace.labels.tier",
            ],
        )),
        2 => selector.expressions.push(Requirement {
            key: "io.cilium.k8s.policy.serviceaccount".to_owned(),
            operator: draw.of(&["In", "NotIn"]),
            values: vec![draw.of(&crate::cluster::ACCOUNTS).to_owned()],
        }),
        3 => selector.expressions.push(Requirement {
            key: "k8s:io.kubernetes.pod.namespace".to_owned(),
            operator: draw.of(&["Exists", "NotIn"]),
            values: Vec::new(),
        }),
        _ => {}
    }
    for one in &mut selector.expressions {
        if one.operator == "NotIn" && one.values.is_empty() {
            one.values = vec![NAMESPACES[0].to_owned()];
        }
    }
    selector
}

fn bare(key: &str) -> &str {
    let key = key.strip_prefix("k8s:").unwrap_or(key);
    key.strip_prefix("any:").unwrap_or(key)
}

const NAMESPACE_KEY: &str = "io.kubernetes.pod.namespace";

fn holds(one: &Requirement, cluster: &Cluster, pod: &Pod) -> Holds {
    let namespace = cluster.namespace_of(pod);
    match bare(&one.key) {
        NAMESPACE_KEY => one.holds(Some(&namespace.name)).into(),
        "io.cilium.k8s.policy.serviceaccount" => one.holds(Some(&pod.account)).into(),
        key => match key.strip_prefix("io.cilium.k8s.namespace.labels.") {
            Some(_) if !namespace.is_read => Maybe,
            Some(label) => one
                .holds(namespace.labels.get(label).map(String::as_str))
                .into(),
            None => one.holds(pod.labels.get(key).map(String::as_str)).into(),
        },
    }
}

fn all(selector: &Selector, cluster: &Cluster, pod: &Pod) -> Holds {
    let requirements = selector.requirements();
    requirements
        .iter()
        .fold(Yes, |so_far, one| so_far.and(holds(one, cluster, pod)))
}

impl CidrGroup {
    pub(crate) fn draw(draw: &mut Draw, number: usize) -> Self {
        Self {
            name: GROUPS[number],
            labels: draw_labels(draw),
            ranges: draw.some(0, 2, |draw| draw.of(&RANGES)),
        }
    }

    pub(crate) fn written(&self) -> Value {
        json!({
            "apiVersion": "cilium.io/v2", "kind": "CiliumCIDRGroup",
            "metadata": {"name": self.name, "labels": self.labels},
            "spec": {"externalCIDRs": self.ranges},
        })
    }
}

impl CiliumPolicy {
    pub(crate) fn draw(draw: &mut Draw, number: usize) -> Self {
        let mode = |draw: &mut Draw| match draw.one_in(4) {
            true => Some(draw.one_in(2)),
            false => None,
        };
        Self {
            name: format!("cnp{number}"),
            namespace: draw.unless(3, |draw| draw.below(3)),
            selector: draw_endpoints(draw),
            modes: [mode(draw), mode(draw)],
            sections: [
                draw.some(0, 2, |draw| Rule::draw(draw, true, false)),
                draw.some(0, 1, |draw| Rule::draw(draw, true, true)),
                draw.some(0, 2, |draw| Rule::draw(draw, false, false)),
                draw.some(0, 1, |draw| Rule::draw(draw, false, true)),
            ],
        }
    }

    pub(crate) fn written(&self) -> Value {
        let mut spec = json!({"endpointSelector": self.selector.written()});
        let names = ["ingress", "ingressDeny", "egress", "egressDeny"];
        for (number, (name, rules)) in names.iter().zip(&self.sections).enumerate() {
            let rules: Vec<_> = rules.iter().map(|rule| rule.written(number < 2)).collect();
            if !rules.is_empty() {
                spec[*name] = json!(rules);
            }
        }
        for (name, mode) in ["ingress", "egress"].iter().zip(self.modes) {
            if let Some(mode) = mode {
                spec["enableDefaultDeny"][*name] = json!(mode);
            }
        }
        let mut metadata = json!({"name": self.name});
        let mut kind = "CiliumClusterwideNetworkPolicy";
        if let Some(namespace) = self.namespace {
            metadata["namespace"] = json!(NAMESPACES[namespace]);
            kind = "CiliumNetworkPolicy";
        }
        json!({"apiVersion": "cilium.io/v2", "kind": kind, "metadata": metadata, "spec": spec})
    }

    /// Whether the policy is about one end of a packet.
    fn is_about(&self, cluster: &Cluster, subject: Who) -> Holds {
        let Some(pod) = cluster.pod(subject) else {
            return No;
        };
        let Some(own) = self.namespace else {
            return all(&self.selector, cluster, pod);
        };
        // A namespaced policy is about its namespace, whatever its selector says of others.
        let mut selector = self.selector.clone();
        selector.labels.retain(|key, _| bare(key) != NAMESPACE_KEY);
        selector
            .expressions
            .retain(|one| bare(&one.key) != NAMESPACE_KEY);
        Holds::from(pod.namespace == own).and(all(&selector, cluster, pod))
    }

    pub(crate) fn isolates(&self, cluster: &Cluster, subject: Who, ingress: bool) -> Holds {
        let (first, mode) = if ingress { (0, 0) } else { (2, 1) };
        let has_rules = !(self.sections[first].is_empty() && self.sections[first + 1].is_empty());
        let is_on = has_rules && self.modes[mode].unwrap_or(true);
        self.is_about(cluster, subject).and(is_on)
    }

    /// What it denies or allows.
    pub(crate) fn rules(
        &self,
        cluster: &Cluster,
        groups: &[CidrGroup],
        (source, destination): (Who, Who),
        carries: Carries,
        (ingress, deny): (bool, bool),
    ) -> Vec<(Holds, Action)> {
        let section = usize::from(!ingress) * 2 + usize::from(deny);
        let (subject, peer) = match ingress {
            true => (destination, source),
            false => (source, destination),
        };
        let about = self.is_about(cluster, subject);
        let action = if deny { Action::Deny } else { Action::Allow };
        let rule = |rule: &Rule| {
            let peers = rule.peers(cluster, groups, self.namespace, peer);
            let traffic = rule.traffic(cluster, destination, carries);
            (about.and(peers).and(traffic), action)
        };
        self.sections[section].iter().map(rule).collect()
    }
}

impl Rule {
    fn draw(draw: &mut Draw, ingress: bool, deny: bool) -> Self {
        let peers = draw.unless(4, |draw| Peers::draw(draw, ingress, deny));
        let has_icmps = draw.one_in(6);
        let is_service = matches!(peers, Some(Peers::Services(_)));
        Self {
            ports: match has_icmps || is_service {
                true => Vec::new(),
                false => draw.some(0, 2, |draw| PortRule::draw(draw, deny)),
            },
            icmps: match has_icmps {
                true => draw.some(1, 2, |draw| (draw.one_in(2), draw.of(&[8, 128]))),
                false => Vec::new(),
            },
            peers,
        }
    }

    fn written(&self, ingress: bool) -> Value {
        let mut rule = json!({});
        let way = if ingress { "from" } else { "to" };
        let selectors = |all: &[Selector]| all.iter().map(Selector::written).collect::<Vec<_>>();
        match &self.peers {
            None => {}
            Some(Peers::Endpoints(all)) => {
                rule[format!("{way}Endpoints")] = json!(selectors(all));
            }
            Some(Peers::Cidr(ranges)) => rule[format!("{way}CIDR")] = json!(ranges),
            Some(Peers::CidrSet(sets)) => {
                let sets: Vec<_> = sets.iter().map(CidrRule::written).collect();
                rule[format!("{way}CIDRSet")] = json!(sets);
            }
            Some(Peers::Entities(all)) => rule[format!("{way}Entities")] = json!(all),
            Some(Peers::Services(all)) => {
                let all: Vec<_> = all.iter().map(Service::written).collect();
                rule["toServices"] = json!(all);
            }
            Some(Peers::Names(all)) => {
                let all: Vec<_> = all.iter().map(|name| json!({"matchName": name})).collect();
                rule["toFQDNs"] = json!(all);
            }
        }
        if !self.ports.is_empty() {
            let ports: Vec<_> = self.ports.iter().map(PortRule::written).collect();
            rule["toPorts"] = json!(ports);
        }
        if !self.icmps.is_empty() {
            let family = |is_v6: bool| if is_v6 { "IPv6" } else { "IPv4" };
            let fields: Vec<_> = self
                .icmps
                .iter()
                .map(|(is_v6, kind)| json!({"family": family(*is_v6), "type": kind}))
                .collect();
            rule["icmps"] = json!([{"fields": fields}]);
        }
        rule
    }

    fn peers(
        &self,
        cluster: &Cluster,
        groups: &[CidrGroup],
        own: Option<usize>,
        peer: Who,
    ) -> Holds {
        match &self.peers {
            Some(peers) => peers.are(cluster, groups, own, peer),
            None => (!(self.ports.is_empty() && self.icmps.is_empty())).into(),
        }
    }

    fn traffic(&self, cluster: &Cluster, destination: Who, carries: Carries) -> Holds {
        if self.ports.is_empty() && self.icmps.is_empty() {
            return Yes;
        }
        let by_port = any(self
            .ports
            .iter()
            .map(|rule| rule.is(cluster, destination, carries)));
        let by_message = self.icmps.iter().any(|(is_v6, wanted)| match carries {
            Carries::Icmp { kind, .. } => !is_v6 && kind == *wanted,
            Carries::Icmpv6 { kind, .. } => *is_v6 && kind == *wanted,
            _ => false,
        });
        by_port.or(by_message)
    }
}

impl Peers {
    fn draw(draw: &mut Draw, ingress: bool, deny: bool) -> Self {
        match draw.below(if ingress { 5 } else { 7 }) {
            0 | 1 => Self::Endpoints(draw.some(0, 2, draw_endpoints)),
            2 => Self::Cidr(draw.some(0, 2, |draw| draw.of(&RANGES))),
            3 => Self::CidrSet(draw.some(0, 2, CidrRule::draw)),
            5 => Self::Services(draw.some(0, 2, Service::draw)),
            6 if !deny => Self::Names(vec!["a.example", "b.example"]),
            _ => Self::Entities(draw.some(0, 2, |draw| draw.of(&ENTITIES))),
        }
    }

    fn are(&self, cluster: &Cluster, groups: &[CidrGroup], own: Option<usize>, peer: Who) -> Holds {
        let is_outside = Cluster::is_outside(peer);
        let address = cluster.address(peer);
        match self {
            Self::Endpoints(selectors) => any(selectors.iter().map(|selector| {
                let Some(pod) = cluster.pod(peer) else {
                    return No;
                };
                let speaks = |key: &str| {
                    let key = bare(key);
                    key == NAMESPACE_KEY || key.starts_with("io.cilium.k8s.namespace.labels.")
                };
                let requirements = selector.requirements();
                let is_explicit = requirements.iter().any(|one| speaks(&one.key));
                let is_near = is_explicit || own.is_none_or(|own| own == pod.namespace);
                Holds::from(is_near).and(all(selector, cluster, pod))
            })),
            Self::Cidr(ranges) => {
                let is_inside = ranges.iter().any(|range| lies_in(address, range));
                (is_outside && is_inside).into()
            }
            Self::CidrSet(sets) => {
                Holds::from(is_outside).and(any(sets.iter().map(|set| set.has(groups, address))))
            }
            Self::Entities(entities) => {
                let is_node = !is_outside && cluster.pod(peer).is_none();
                let both = ["host", "remote-node"];
                if is_node && both.iter().all(|one| entities.contains(one)) {
                    return Yes;
                }
                any(entities.iter().map(|entity| match *entity {
                    "all" => Yes,
                    // Every address here is an IPv4 address.
                    "world" | "world-ipv4" => is_outside.into(),
                    "cluster" => (!is_outside).into(),
                    "host" | "remote-node" if is_node => Maybe,
                    _ => No,
                }))
            }
            Self::Services(services) => any(services
                .iter()
                .map(|service| service.has(cluster, own, peer))),
            Self::Names(_) => match is_outside {
                true => Maybe,
                false => No,
            },
        }
    }
}

impl CidrRule {
    fn draw(draw: &mut Draw) -> Self {
        match draw.below(4) {
            0 => Self::Group(draw.of(&GROUPS)),
            1 => Self::Groups(Selector::draw(draw, &KEYS)),
            _ => {
                let all = draw.of(&["0.0.0.0/0", "10.0.0.0/8"]);
                let except = draw.some(0, 1, |draw| draw.of(&["10.1.0.0/16", "10.9.9.9/32"]));
                Self::Range(all, except)
            }
        }
    }

    fn written(&self) -> Value {
        match self {
            Self::Range(range, except) => json!({"cidr": range, "except": except}),
            Self::Group(name) => json!({"cidrGroupRef": name}),
            Self::Groups(selector) => json!({"cidrGroupSelector": selector.written()}),
        }
    }

    fn has(&self, groups: &[CidrGroup], address: std::net::IpAddr) -> Holds {
        let lists = |group: &CidrGroup| group.ranges.iter().any(|range| lies_in(address, range));
        match self {
            Self::Range(range, except) => {
                let is_out = except.iter().any(|except| lies_in(address, except));
                (lies_in(address, range) && !is_out).into()
            }
            Self::Group(name) => match groups.iter().find(|group| group.name == *name) {
                Some(group) => lists(group).into(),
                None => Maybe,
            },
            Self::Groups(selector) => groups
                .iter()
                .any(|group| selector.selects(&group.labels) && lists(group))
                .into(),
        }
    }
}

impl Service {
    fn draw(draw: &mut Draw) -> Self {
        let namespace = draw.unless(2, |draw| draw.below(3));
        match draw.one_in(2) {
            true => Self::Named(draw.of(&SERVICES), namespace),
            false => Self::Labelled(Selector::draw(draw, &KEYS), namespace),
        }
    }

    fn written(&self) -> Value {
        let (mut inner, namespace, kind) = match self {
            Self::Named(name, namespace) => (json!({"serviceName": name}), namespace, "k8sService"),
            Self::Labelled(selector, namespace) => (
                json!({"selector": selector.written()}),
                namespace,
                "k8sServiceSelector",
            ),
        };
        if let Some(namespace) = namespace {
            inner["namespace"] = json!(NAMESPACES[*namespace]);
        }
        json!({kind: inner})
    }

    fn has(&self, cluster: &Cluster, own: Option<usize>, peer: Who) -> Holds {
        let is_behind = |service: &crate::cluster::Service| match &service.selector {
            Some(labels) => cluster.pod(peer).is_some_and(|pod| {
                pod.namespace == service.namespace
                    && labels
                        .iter()
                        .all(|(key, value)| pod.labels.get(key) == Some(value))
            }),
            None => Cluster::is_outside(peer) && service.addresses.contains(&cluster.address(peer)),
        };
        match self {
            Self::Named(name, namespace) => {
                // A clusterwide policy has no namespace of its own.
                let namespace = namespace.or(own);
                let found = cluster
                    .services
                    .iter()
                    .find(|service| service.name == *name && Some(service.namespace) == namespace);
                found.map_or(Maybe, |service| is_behind(service).into())
            }
            Self::Labelled(selector, namespace) => cluster
                .services
                .iter()
                .any(|service| {
                    namespace.is_none_or(|namespace| namespace == service.namespace)
                        && selector.selects(&service.labels)
                        && is_behind(service)
                })
                .into(),
        }
    }
}

impl PortRule {
    fn draw(draw: &mut Draw, deny: bool) -> Self {
        let asks = !deny && draw.one_in(4);
        let mut ports = draw.some(usize::from(asks), 2, Port::draw);
        if asks {
            for port in &mut ports {
                port.protocol = Some("TCP");
                if port.port == Ok(0) {
                    port.port = Ok(80);
                }
            }
        }
        Self { ports, asks }
    }

    fn written(&self) -> Value {
        let ports: Vec<_> = self.ports.iter().map(Port::written).collect();
        match self.asks {
            true => json!({"ports": ports, "rules": {"http": [{"method": "GET"}]}}),
            false => json!({"ports": ports}),
        }
    }

    fn is(&self, cluster: &Cluster, destination: Who, carries: Carries) -> Holds {
        let is_port = self.ports.is_empty()
            || self
                .ports
                .iter()
                .any(|port| port.is(cluster, destination, carries));
        match self.asks {
            true => Maybe.and(is_port),
            false => is_port.into(),
        }
    }
}

impl Port {
    fn draw(draw: &mut Draw) -> Self {
        let port = match draw.below(6) {
            0 | 1 => Err(draw.of(&PORT_NAMES)),
            2 => Ok(0),
            _ => Ok(draw.of(&PORTS)),
        };
        let end = match port {
            Ok(first) if first > 0 && draw.one_in(3) => Some(first + draw.of(&[0, 1, 100])),
            _ => None,
        };
        Self {
            port,
            end,
            protocol: draw.unless(3, |draw| draw.of(&["ANY", "TCP", "UDP", "SCTP"])),
        }
    }

    fn written(&self) -> Value {
        let port = match self.port {
            Ok(number) => number.to_string(),
            Err(name) => name.to_owned(),
        };
        let mut written = json!({"port": port});
        if let Some(end) = self.end {
            written["endPort"] = json!(end);
        }
        if let Some(protocol) = self.protocol {
            written["protocol"] = json!(protocol);
        }
        written
    }

    fn is(&self, cluster: &Cluster, destination: Who, carries: Carries) -> bool {
        let Carries::Ports { transport, to, .. } = carries else {
            return false;
        };
        let is_protocol = match self.protocol {
            None | Some("ANY") => true,
            Some(own) => own == transport,
        };
        let is_number = match self.port {
            Ok(0) => true,
            Ok(first) => (first..=self.end.unwrap_or(first)).contains(&to),
            Err(name) => cluster.port(destination, name, transport).contains(&to),
        };
        is_protocol && is_number
    }
}
