//! Istio: what its documentation of authorization policies says, one packet at a time.

use serde_json::{Value, json};

use crate::cluster::{
    ACCOUNTS, Carries, Cluster, MODE, NAMESPACES, PORTS, Pod, RANGES, Who, lies_in,
};
use crate::draw::Draw;
use crate::labels::{KEYS, Labels, VALUES};
use crate::verdict::{Action, Holds, Maybe, No, Packet, Yes, any};

#[derive(Clone, Debug)]
pub(crate) struct IstioPolicy {
    name: String,
    namespace: usize,
    labels: Labels,
    action: &'static str,
    rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    from: Vec<Source>,
    to: Vec<Operation>,
    when: Vec<(&'static str, Vec<String>, bool)>,
}

#[derive(Clone, Debug, Default)]
struct Source {
    principals: Vec<String>,
    not_principals: Vec<String>,
    namespaces: Vec<String>,
    not_namespaces: Vec<String>,
    blocks: Vec<&'static str>,
    not_blocks: Vec<&'static str>,
}

#[derive(Clone, Debug, Default)]
struct Operation {
    ports: Vec<u16>,
    not_ports: Vec<u16>,
    methods: Vec<&'static str>,
}

/// Pods in namespaces that inject proxies, or that join the ambient mesh, are in it, but for those
/// that say otherwise themselves.
fn in_mesh(cluster: &Cluster, pod: &Pod) -> Holds {
    let mode = |pod: &Pod| pod.labels.get(MODE).cloned().unwrap_or_default();
    let joins = |pod: &Pod| {
        let namespace = cluster.namespace_of(pod);
        let mut marks = ["istio-injection", MODE].into_iter();
        let is_marked = namespace.is_read && marks.any(|key| namespace.labels.contains_key(key));
        mode(pod) == "ambient" || (is_marked && mode(pod) != "none")
    };
    if joins(pod) {
        return Yes;
    }
    // Where nothing tells of a mesh, every pod may be in one. A namespace tells of it, too.
    let mut pods = cluster.pods.iter().filter(|pod| !pod.on_host);
    let mut namespaces = cluster.namespaces.iter().filter(|it| it.is_read);
    let is_told = pods.any(|pod| mode(pod) == "ambient")
        || namespaces.any(|it| {
            ["istio-injection", MODE]
                .iter()
                .any(|key| it.labels.contains_key(*key))
        });
    let is_open = !cluster.namespace_of(pod).is_read || !is_told;
    match mode(pod) != "none" && is_open {
        true => Maybe,
        false => No,
    }
}

fn stands_for(text: &str, value: &str) -> bool {
    match (text.strip_prefix('*'), text.strip_suffix('*')) {
        (Some(""), _) => true,
        (_, Some(start)) => value.starts_with(start),
        (Some(end), _) => value.ends_with(end),
        _ => text == value,
    }
}

impl IstioPolicy {
    pub(crate) fn draw(draw: &mut Draw, number: usize) -> Self {
        let action = draw.of(&["ALLOW", "ALLOW", "DENY"]);
        let least = usize::from(action == "DENY");
        let labels = draw.some(0, 1, |draw| {
            (draw.of(&KEYS).to_owned(), draw.of(&VALUES).to_owned())
        });
        Self {
            name: format!("ap{number}"),
            namespace: draw.below(4),
            labels: labels.into_iter().collect(),
            action,
            rules: draw.some(least, 2, Rule::draw),
        }
    }

    pub(crate) fn written(&self) -> Value {
        let rules: Vec<_> = self.rules.iter().map(Rule::written).collect();
        json!({
            "apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy",
            "metadata": {"name": self.name, "namespace": NAMESPACES[self.namespace]},
            "spec": {
                "selector": {"matchLabels": self.labels}, "action": self.action, "rules": rules,
            },
        })
    }

    fn is_about(&self, cluster: &Cluster, who: Who) -> Holds {
        let Some(pod) = cluster.pod(who) else {
            return No;
        };
        let is_near =
            NAMESPACES[self.namespace] == "istio-system" || pod.namespace == self.namespace;
        let has = self
            .labels
            .iter()
            .all(|(key, value)| pod.labels.get(key) == Some(value));
        in_mesh(cluster, pod).and(is_near && has)
    }
}

/// What the proxy of the destination does with a packet.
pub(crate) fn decide(
    cluster: &Cluster,
    policies: &[IstioPolicy],
    (source, destination): (Who, Who),
    carries: Carries,
) -> Packet {
    let mut packet = Packet::fresh();
    let Carries::Ports {
        transport: "TCP",
        to,
        ..
    } = carries
    else {
        return packet.end();
    };
    let rules = |action: &str, meaning: Action| -> Vec<(Holds, Action)> {
        let policies = policies.iter().filter(|policy| policy.action == action);
        policies
            .flat_map(|policy| {
                let about = policy.is_about(cluster, destination);
                policy
                    .rules
                    .iter()
                    .map(move |rule| (about.and(rule.is(cluster, source, to)), meaning))
            })
            .collect()
    };
    packet.stage(&rules("DENY", Action::Deny), (No, Action::Deny));
    let allowing = policies.iter().filter(|policy| policy.action == "ALLOW");
    let closes = any(allowing.map(|policy| policy.is_about(cluster, destination)));
    packet.stage(&rules("ALLOW", Action::Allow), (closes, Action::Deny));
    packet.end()
}

impl Rule {
    fn draw(draw: &mut Draw) -> Self {
        Self {
            from: draw.some(0, 2, Source::draw),
            to: draw.some(0, 2, Operation::draw),
            when: draw.some(0, 1, |draw| {
                let key = draw.of(&[
                    "source.ip",
                    "source.namespace",
                    "destination.port",
                    "request.headers[x]",
                ]);
                let values = match key {
                    "source.ip" => draw.some(1, 2, |draw| draw.of(&RANGES).to_owned()),
                    "source.namespace" => draw.some(1, 2, |draw| draw.of(&NAMESPACES).to_owned()),
                    "destination.port" => draw.some(1, 2, |draw| draw.of(&PORTS).to_string()),
                    _ => vec!["v".to_owned()],
                };
                (key, values, draw.one_in(3))
            }),
        }
    }

    fn written(&self) -> Value {
        let mut rule = json!({});
        if !self.from.is_empty() {
            let from: Vec<_> = self.from.iter().map(Source::written).collect();
            rule["from"] = json!(from);
        }
        if !self.to.is_empty() {
            let to: Vec<_> = self.to.iter().map(Operation::written).collect();
            rule["to"] = json!(to);
        }
        let when = self.when.iter().map(|(key, values, is_not)| match is_not {
            true => json!({"key": key, "notValues": values}),
            false => json!({"key": key, "values": values}),
        });
        rule["when"] = json!(when.collect::<Vec<_>>());
        rule
    }

    fn is(&self, cluster: &Cluster, source: Who, port: u16) -> Holds {
        let from = match self.from.is_empty() {
            true => Yes,
            false => any(self.from.iter().map(|from| from.is(cluster, source))),
        };
        let to = match self.to.is_empty() {
            true => Yes,
            false => any(self.to.iter().map(|to| to.is(port))),
        };
        let when = self.when.iter().fold(Yes, |so_far, (key, values, is_not)| {
            let address = cluster.address(source);
            let one = match *key {
                "source.ip" => values.iter().any(|value| lies_in(address, value)).into(),
                "source.namespace" => Source {
                    namespaces: values.clone(),
                    ..Source::default()
                }
                .is(cluster, source),
                "destination.port" => values.contains(&port.to_string()).into(),
                _ => Maybe,
            };
            so_far.and(if *is_not { one.not() } else { one })
        });
        from.and(to).and(when)
    }
}

impl Source {
    fn draw(draw: &mut Draw) -> Self {
        let principal = |draw: &mut Draw| {
            let (namespace, account) = (draw.of(&NAMESPACES), draw.of(&ACCOUNTS));
            match draw.below(4) {
                0 => format!("*/sa/{account}"),
                1 => format!("cluster.local/ns/{namespace}/*"),
                2 => "*".to_owned(),
                _ => format!("cluster.local/ns/{namespace}/sa/{account}"),
            }
        };
        let namespace = |draw: &mut Draw| draw.of(&["n1", "n2", "n*", "*3"]).to_owned();
        let mut source = Self::default();
        match draw.below(6) {
            0 => source.principals = draw.some(1, 2, principal),
            1 => source.not_principals = draw.some(1, 2, principal),
            2 => source.namespaces = draw.some(1, 2, namespace),
            3 => source.not_namespaces = draw.some(1, 2, namespace),
            4 => source.blocks = draw.some(1, 2, |draw| draw.of(&RANGES)),
            _ => source.not_blocks = draw.some(1, 2, |draw| draw.of(&RANGES)),
        }
        if draw.one_in(3) {
            source.namespaces = draw.some(1, 1, namespace);
        }
        source
    }

    fn written(&self) -> Value {
        let mut source = json!({});
        for (name, list) in [
            ("principals", &self.principals),
            ("notPrincipals", &self.not_principals),
            ("namespaces", &self.namespaces),
            ("notNamespaces", &self.not_namespaces),
        ] {
            if !list.is_empty() {
                source[name] = json!(list);
            }
        }
        for (name, list) in [
            ("ipBlocks", &self.blocks),
            ("notIpBlocks", &self.not_blocks),
        ] {
            if !list.is_empty() {
                source[name] = json!(list);
            }
        }
        json!({"source": source})
    }

    fn is(&self, cluster: &Cluster, who: Who) -> Holds {
        // Only callers with a proxy have an identity.
        let identified = |test: &dyn Fn(&str, &str) -> bool| match cluster.pod(who) {
            Some(pod) => {
                in_mesh(cluster, pod).and(test(&cluster.namespace_of(pod).name, &pod.account))
            }
            None => No,
        };
        let principal = |list: &[String]| {
            identified(&|namespace, account| {
                let own = format!("cluster.local/ns/{namespace}/sa/{account}");
                list.iter().any(|text| stands_for(text, &own))
            })
        };
        let namespace =
            |list: &[String]| identified(&|own, _| list.iter().any(|text| stands_for(text, own)));
        let address = cluster.address(who);
        let block = |list: &[&str]| Holds::from(list.iter().any(|range| lies_in(address, range)));
        let one_of = |is_empty: bool, holds: Holds| if is_empty { Yes } else { holds };
        one_of(self.principals.is_empty(), principal(&self.principals))
            .and(one_of(
                self.not_principals.is_empty(),
                principal(&self.not_principals).not(),
            ))
            .and(one_of(
                self.namespaces.is_empty(),
                namespace(&self.namespaces),
            ))
            .and(one_of(
                self.not_namespaces.is_empty(),
                namespace(&self.not_namespaces).not(),
            ))
            .and(one_of(self.blocks.is_empty(), block(&self.blocks)))
            .and(one_of(
                self.not_blocks.is_empty(),
                block(&self.not_blocks).not(),
            ))
    }
}

impl Operation {
    fn draw(draw: &mut Draw) -> Self {
        let mut operation = Self::default();
        match draw.below(3) {
            0 => operation.ports = draw.some(1, 2, |draw| draw.of(&PORTS)),
            1 => operation.not_ports = draw.some(1, 2, |draw| draw.of(&PORTS)),
            _ => operation.methods = vec!["GET"],
        }
        if draw.one_in(3) {
            operation.ports = draw.some(1, 1, |draw| draw.of(&PORTS));
        }
        operation
    }

    fn written(&self) -> Value {
        let texts = |ports: &[u16]| ports.iter().map(ToString::to_string).collect::<Vec<_>>();
        let mut operation = json!({});
        if !self.ports.is_empty() {
            operation["ports"] = json!(texts(&self.ports));
        }
        if !self.not_ports.is_empty() {
            operation["notPorts"] = json!(texts(&self.not_ports));
        }
        if !self.methods.is_empty() {
            operation["methods"] = json!(self.methods);
        }
        json!({"operation": operation})
    }

    fn is(&self, port: u16) -> Holds {
        let is_port = (self.ports.is_empty() || self.ports.contains(&port))
            && !self.not_ports.contains(&port);
        match self.methods.is_empty() {
            true => is_port.into(),
            false => Maybe.and(is_port),
        }
    }
}
