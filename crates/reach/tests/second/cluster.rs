//! A cluster as small as it can be: who is there, and what they carry.

use std::net::{IpAddr, Ipv4Addr};

use serde_json::{Value, json};

use crate::draw::Draw;
use crate::labels::{Labels, draw_labels};
use crate::verdict::{Holds, Maybe, No, Yes};

pub(crate) const NAMESPACES: [&str; 4] = ["n1", "n2", "n3", "istio-system"];
pub(crate) const ACCOUNTS: [&str; 3] = ["default", "s1", "s2"];
pub(crate) const SERVICES: [&str; 2] = ["v1", "v2"];
pub(crate) const PORT_NAMES: [&str; 2] = ["web", "dns"];
pub(crate) const PORTS: [u16; 5] = [53, 80, 81, 8080, 15008];
/// The label by which namespaces and pods join an ambient mesh.
pub(crate) const MODE: &str = "istio.io/dataplane-mode";
/// Addresses outside the cluster, some of them in ranges that pods have addresses in.
pub(crate) const OUTSIDE: [[u8; 4]; 4] = [
    [8, 8, 8, 8],
    [198, 51, 100, 7],
    [10, 1, 0, 200],
    [10, 9, 9, 9],
];
pub(crate) const RANGES: [&str; 9] = [
    "0.0.0.0/0",
    "10.0.0.0/8",
    "10.1.0.0/16",
    "10.1.0.0/30",
    "10.1.0.4/30",
    "10.2.0.0/24",
    "198.51.100.0/24",
    "8.8.8.8/32",
    "10.1.0.2/32",
];

#[derive(Clone, Debug)]
pub(crate) struct Namespace {
    pub(crate) name: String,
    pub(crate) labels: Labels,
    /// Whether the object is in the input.
    pub(crate) is_read: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct NamedPort {
    pub(crate) name: String,
    pub(crate) transport: &'static str,
    pub(crate) number: u16,
}

#[derive(Clone, Debug)]
pub(crate) struct Pod {
    pub(crate) name: String,
    pub(crate) namespace: usize,
    pub(crate) labels: Labels,
    pub(crate) address: IpAddr,
    pub(crate) ports: Vec<NamedPort>,
    pub(crate) account: String,
    /// Whether it is on the network of the node.
    pub(crate) on_host: bool,
    /// The node, where the input tells.
    pub(crate) node: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) labels: Labels,
    pub(crate) address: IpAddr,
}

/// A Service with a selector, or with none and addresses outside.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) namespace: usize,
    pub(crate) labels: Labels,
    pub(crate) selector: Option<Labels>,
    pub(crate) addresses: Vec<IpAddr>,
    pub(crate) ports: Vec<(&'static str, Result<u16, String>)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) namespace: usize,
    pub(crate) name: String,
    pub(crate) labels: Labels,
}

#[derive(Clone, Debug)]
pub(crate) struct Cluster {
    pub(crate) namespaces: Vec<Namespace>,
    pub(crate) pods: Vec<Pod>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) services: Vec<Service>,
    pub(crate) accounts: Vec<Account>,
}

/// One end of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Pod(usize),
    Node(usize),
    Outside(IpAddr),
}

/// What a packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carries {
    Ports {
        transport: &'static str,
        from: u16,
        to: u16,
    },
    Icmp {
        kind: u8,
        code: u8,
    },
    Icmpv6 {
        kind: u8,
        code: u8,
    },
    Other(u8),
}

impl Carries {
    pub(crate) fn draw(draw: &mut Draw) -> Self {
        match draw.below(8) {
            0 => Self::Icmp {
                kind: draw.of(&[0, 8]),
                code: draw.of(&[0, 1]),
            },
            1 => match draw.below(2) {
                0 => Self::Other(draw.of(&[47, 136])),
                _ => Self::Icmpv6 {
                    kind: draw.of(&[128, 8]),
                    code: 0,
                },
            },
            _ => Self::Ports {
                transport: draw.of(&["TCP", "TCP", "UDP", "SCTP"]),
                from: draw.of(&[53, 1024, 40000]),
                to: draw.of(&PORTS),
            },
        }
    }

    pub(crate) fn protocol(self) -> u8 {
        match self {
            Self::Ports {
                transport: "TCP", ..
            } => 6,
            Self::Ports {
                transport: "UDP", ..
            } => 17,
            Self::Ports { .. } => 132,
            Self::Icmp { .. } => 1,
            Self::Icmpv6 { .. } => 58,
            Self::Other(number) => number,
        }
    }
}

impl Cluster {
    pub(crate) fn draw(draw: &mut Draw) -> Self {
        let is_ambient = draw.one_in(5);
        let namespaces = NAMESPACES
            .iter()
            .map(|name| {
                let mut labels = draw_labels(draw);
                if draw.one_in(2) {
                    labels.insert("istio-injection".to_owned(), "enabled".to_owned());
                }
                if is_ambient && draw.one_in(2) {
                    labels.insert(MODE.to_owned(), "ambient".to_owned());
                }
                Namespace {
                    name: (*name).to_owned(),
                    labels,
                    is_read: !draw.one_in(5),
                }
            })
            .collect();
        let mut pods = Vec::new();
        for number in 0..2 + draw.below(4) {
            let on_host = draw.one_in(8);
            let last = u8::try_from(number + 1).unwrap();
            let address = if on_host {
                [10, 2, 0, 1]
            } else {
                [10, 1, 0, last]
            };
            let mut labels = draw_labels(draw);
            if is_ambient && draw.one_in(5) {
                labels.insert(MODE.to_owned(), draw.of(&["ambient", "none"]).to_owned());
            }
            pods.push(Pod {
                name: format!("p{number}"),
                namespace: draw.below(3),
                labels,
                address: IpAddr::V4(Ipv4Addr::from(address)),
                ports: draw_ports(draw),
                account: draw.of(&ACCOUNTS).to_owned(),
                on_host,
                node: match on_host {
                    true => Some("node1"),
                    false => draw.of(&[Some("node1"), Some("node2"), None]),
                },
            });
        }
        let nodes = (1..=2_u8)
            .map(|number| Node {
                name: format!("node{number}"),
                labels: draw_labels(draw),
                address: IpAddr::V4(Ipv4Addr::from([10, 2, 0, number])),
            })
            .collect();
        let services = draw.some(0, 3, draw_service);
        let mut kept: Vec<Service> = Vec::new();
        for service in services {
            let is_new = |known: &Service| {
                (&known.name, known.namespace) != (&service.name, service.namespace)
            };
            if kept.iter().all(is_new) {
                kept.push(service);
            }
        }
        let mut accounts = Vec::new();
        for namespace in 0..3 {
            for name in ACCOUNTS {
                if !draw.one_in(3) {
                    accounts.push(Account {
                        namespace,
                        name: name.to_owned(),
                        labels: draw_labels(draw),
                    });
                }
            }
        }
        Self {
            namespaces,
            pods,
            nodes,
            services: kept,
            accounts,
        }
    }

    pub(crate) fn address(&self, who: Who) -> IpAddr {
        match who {
            Who::Pod(pod) => self.pods[pod].address,
            Who::Node(node) => self.nodes[node].address,
            Who::Outside(address) => address,
        }
    }

    /// The pod, if it is one that policies can select.
    pub(crate) fn pod(&self, who: Who) -> Option<&Pod> {
        match who {
            Who::Pod(pod) => Some(&self.pods[pod]).filter(|pod| !pod.on_host),
            Who::Node(_) | Who::Outside(_) => None,
        }
    }

    pub(crate) fn is_outside(who: Who) -> bool {
        matches!(who, Who::Outside(_))
    }

    pub(crate) fn namespace_of(&self, pod: &Pod) -> &Namespace {
        &self.namespaces[pod.namespace]
    }

    pub(crate) fn account_of(&self, pod: &Pod) -> Option<&Account> {
        let mut accounts = self.accounts.iter();
        accounts.find(|account| account.namespace == pod.namespace && account.name == pod.account)
    }

    /// The number of a named port at one end of a packet.
    pub(crate) fn port(&self, who: Who, name: &str, transport: &str) -> Vec<u16> {
        let ports = self.pod(who).map(|pod| pod.ports.as_slice());
        let named = ports.unwrap_or_default().iter();
        named
            .filter(|port| port.name == name && port.transport == transport)
            .map(|port| port.number)
            .collect()
    }

    /// Whether one end is a pod and the other one its node, or on the network of it.
    pub(crate) fn is_own_node(&self, pod: Who, host: Who) -> Holds {
        let node = match host {
            Who::Node(node) => self.nodes[node].name.as_str(),
            Who::Pod(other) if self.pods[other].on_host => "node1",
            Who::Pod(_) | Who::Outside(_) => return No,
        };
        match self.pod(pod).map(|pod| pod.node) {
            None => No,
            Some(None) => Maybe,
            Some(Some(own)) => (own == node).into(),
        }
    }

    /// Whether an end is a pod of the ambient mesh.
    pub(crate) fn is_ambient(&self, who: Who) -> Holds {
        let Some(pod) = self.pod(who) else {
            return No;
        };
        let mode = |labels: &Labels| labels.get(MODE).cloned();
        let of_namespace = |namespace: &Namespace| {
            let is_so = mode(&namespace.labels).as_deref() == Some("ambient");
            Holds::from(namespace.is_read && is_so)
        };
        let of = |pod: &Pod| match mode(&pod.labels).as_deref() {
            Some("none") => No,
            Some(_) => Yes,
            None => of_namespace(self.namespace_of(pod)),
        };
        let mut pods = self.pods.iter().filter(|pod| !pod.on_host);
        let is_there = pods.any(|pod| mode(&pod.labels).as_deref() == Some("ambient"))
            || self.namespaces.iter().any(|it| of_namespace(it) == Yes);
        let is_open = mode(&pod.labels).is_none() && !self.namespace_of(pod).is_read;
        match is_there && is_open {
            true => Maybe,
            false => of(pod),
        }
    }

    pub(crate) fn everyone(&self) -> Vec<Who> {
        let pods = (0..self.pods.len()).map(Who::Pod);
        let nodes = (0..self.nodes.len()).map(Who::Node);
        let outside = OUTSIDE
            .iter()
            .map(|address| Who::Outside(IpAddr::from(*address)));
        pods.chain(nodes).chain(outside).collect()
    }

    /// The objects, as manifests.
    pub(crate) fn written(&self) -> Vec<Value> {
        let mut objects = Vec::new();
        for namespace in self.namespaces.iter().filter(|namespace| namespace.is_read) {
            objects.push(json!({
                "apiVersion": "v1", "kind": "Namespace",
                "metadata": {"name": namespace.name, "labels": namespace.labels},
            }));
        }
        for pod in &self.pods {
            let ports: Vec<_> = pod
                .ports
                .iter()
                .map(|port| json!({"name": port.name, "protocol": port.transport, "containerPort": port.number}))
                .collect();
            objects.push(json!({
                "apiVersion": "v1", "kind": "Pod",
                "metadata": {
                    "name": pod.name, "labels": pod.labels,
                    "namespace": self.namespaces[pod.namespace].name,
                },
                "spec": {
                    "serviceAccountName": pod.account, "hostNetwork": pod.on_host,
                    "nodeName": pod.node, "containers": [{"name": "c", "ports": ports}],
                },
                "status": {"podIP": pod.address.to_string()},
            }));
        }
        for node in &self.nodes {
            objects.push(json!({
                "apiVersion": "v1", "kind": "Node",
                "metadata": {"name": node.name, "labels": node.labels},
                "status": {"addresses": [{"type": "InternalIP", "address": node.address.to_string()}]},
            }));
        }
        for account in &self.accounts {
            objects.push(json!({
                "apiVersion": "v1", "kind": "ServiceAccount",
                "metadata": {
                    "name": account.name, "labels": account.labels,
                    "namespace": self.namespaces[account.namespace].name,
                },
            }));
        }
        for service in &self.services {
            objects.extend(self.written_service(service));
        }
        objects
    }

    fn written_service(&self, service: &Service) -> Vec<Value> {
        let namespace = &self.namespaces[service.namespace].name;
        let ports: Vec<_> = service
            .ports
            .iter()
            .enumerate()
            .map(|(number, (transport, target))| {
                let target = match target {
                    Ok(number) => json!(number),
                    Err(name) => json!(name),
                };
                json!({"name": format!("x{number}"), "port": 1000 + number, "protocol": transport, "targetPort": target})
            })
            .collect();
        let mut objects = vec![json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": {"name": service.name, "namespace": namespace, "labels": service.labels},
            "spec": {"selector": service.selector, "ports": ports},
        })];
        if service.selector.is_none() {
            let addresses: Vec<_> = service.addresses.iter().map(ToString::to_string).collect();
            objects.push(json!({
                "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
                "metadata": {
                    "name": service.name, "namespace": namespace,
                    "labels": {"kubernetes.io/service-name": service.name},
                },
                "endpoints": [{"addresses": addresses}],
            }));
        }
        objects
    }
}

/// Ports of different names, as the API server demands.
fn draw_ports(draw: &mut Draw) -> Vec<NamedPort> {
    let mut ports = Vec::new();
    for name in PORT_NAMES {
        if draw.one_in(2) {
            ports.push(NamedPort {
                name: name.to_owned(),
                transport: draw.of(&["TCP", "UDP"]),
                number: draw.of(&PORTS),
            });
        }
    }
    ports
}

fn draw_service(draw: &mut Draw) -> Service {
    let selector = draw.unless(4, |draw| {
        let labels = draw_labels(draw);
        match labels.is_empty() {
            true => Labels::from([("app".to_owned(), "a".to_owned())]),
            false => labels,
        }
    });
    Service {
        name: draw.of(&SERVICES).to_owned(),
        namespace: draw.below(3),
        labels: draw_labels(draw),
        selector,
        addresses: draw.some(0, 2, |draw| IpAddr::from(draw.of(&OUTSIDE))),
        ports: draw.some(1, 2, |draw| {
            let target = match draw.one_in(2) {
                true => Ok(draw.of(&PORTS)),
                false => Err(draw.of(&PORT_NAMES).to_owned()),
            };
            (draw.of(&["TCP", "UDP"]), target)
        }),
    }
}

/// Whether an address lies in a range, or is it.
pub(crate) fn lies_in(address: IpAddr, range: &str) -> bool {
    let (IpAddr::V4(address), Some((network, bits))) = (address, range.split_once('/')) else {
        return range.parse() == Ok(address);
    };
    let network: Ipv4Addr = network.parse().unwrap();
    let bits: u32 = bits.parse().unwrap();
    let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
    u32::from(address) & mask == u32::from(network) & mask
}
