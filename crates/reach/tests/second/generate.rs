//! The least policies of random clusters, held against a plain reading of the manifests: one
//! packet, one pair of pods. Workloads name Services in their environment, Services are open to
//! the outside; what a packet needs is worked out here again, from what was drawn.

use std::net::IpAddr;

use palisade_packet::{Header, Transport};
use palisade_reach::kubernetes::{
    Engine as KubernetesEngine, EngineKind, Options, Verdict, analyse,
};
use palisade_reach::least_privilege::{Dialect, LeastPrivilege, Wanted};
use palisade_sources::{File, Input};
use serde_json::{Value, json};

use super::cluster::{Cluster, Pod, Service, Who};
use super::draw::Draw;
use super::verdict::No;
use super::{Asked, Engine, World};

/// That a pod names a Service: by its port, or without.
struct Call {
    pod: usize,
    service: usize,
    port: Option<usize>,
}

/// A cluster without policies, and what its workloads need.
struct Needy {
    world: World,
    calls: Vec<Call>,
    /// The Services behind a load balancer that keeps the address of clients.
    open: Vec<usize>,
}

/// Ports of Services as the cluster writes them.
const FIRST_PORT: usize = 1000;

impl Needy {
    fn draw(seed: u64) -> Self {
        let draw = &mut Draw::new(seed);
        let mut cluster = Cluster::draw(draw);
        // Two Services with one name are one to whoever names it.
        let mut seen = Vec::new();
        cluster.services.retain(|service| {
            let key = (service.namespace, service.name.clone());
            let is_new = !seen.contains(&key);
            seen.push(key);
            is_new
        });
        for labels in cluster.namespaces.iter_mut().map(|it| &mut it.labels) {
            labels.remove(super::cluster::MODE);
        }
        for labels in cluster.pods.iter_mut().map(|it| &mut it.labels) {
            labels.remove(super::cluster::MODE);
        }
        let (pods, services) = (cluster.pods.len(), cluster.services.len());
        let calls = match services {
            0 => Vec::new(),
            _ => draw.some(0, 4, |draw| {
                let service = draw.below(services);
                let ports = cluster.services[service].ports.len();
                Call {
                    pod: draw.below(pods),
                    service,
                    port: draw.unless(3, |draw| draw.below(ports)),
                }
            }),
        };
        let open = (0..services).filter(|_| draw.one_in(4)).collect();
        let world = World {
            engine: draw.of(&[
                Engine::Conformant,
                Engine::AzureNpm,
                Engine::Calico,
                Engine::Cilium,
            ]),
            cluster,
            network: Vec::new(),
            admin: Vec::new(),
            tiers: Vec::new(),
            sets: Vec::new(),
            calico: Vec::new(),
            groups: Vec::new(),
            cilium: Vec::new(),
            istio: Vec::new(),
        };
        Self { world, calls, open }
    }

    fn written(&self) -> String {
        let cluster = &self.world.cluster;
        let mut items = cluster.written();
        for item in &mut items {
            let name = item["metadata"]["name"].as_str().unwrap().to_owned();
            let namespace = item["metadata"]["namespace"].clone();
            if item["kind"] == "Pod" {
                let own = self
                    .calls
                    .iter()
                    .filter(|call| cluster.pods[call.pod].name == name);
                let own = own.enumerate();
                let env: Vec<_> = own
                    .map(|(number, call)| self.variable(number, call))
                    .collect();
                item["spec"]["containers"][0]["env"] = Value::Array(env);
            }
            let is_it = |service: &Service| {
                service.name == name && namespace == cluster.namespaces[service.namespace].name
            };
            let is_open = self
                .open
                .iter()
                .any(|&number| is_it(&cluster.services[number]));
            if item["kind"] == "Service" && is_open {
                item["spec"]["type"] = json!("LoadBalancer");
                item["spec"]["externalTrafficPolicy"] = json!("Local");
                item["spec"]["loadBalancerSourceRanges"] = json!(["198.51.100.0/24"]);
            }
        }
        let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
        serde_json::to_string_pretty(&list).unwrap()
    }

    fn variable(&self, number: usize, call: &Call) -> Value {
        let cluster = &self.world.cluster;
        let service = &cluster.services[call.service];
        let namespace = &cluster.namespaces[service.namespace].name;
        let host = format!("{}.{namespace}.svc.cluster.local", service.name);
        let port = call.port.map(|port| format!(":{}", FIRST_PORT + port));
        let value = format!("{host}{}", port.unwrap_or_default());
        json!({"name": format!("UPSTREAM_{number}"), "value": value})
    }

    /// Whether a packet from one pod to a port of another is needed. Pods with the same labels
    /// can't be told apart.
    fn needs(&self, from: &Pod, to: &Pod, transport: &str, port: u16) -> bool {
        let cluster = &self.world.cluster;
        let is_alike = |one: &Pod, other: &Pod| {
            !other.on_host && one.namespace == other.namespace && one.labels == other.labels
        };
        self.calls.iter().any(|call| {
            let service = &cluster.services[call.service];
            is_alike(from, &cluster.pods[call.pod])
                && leads_to(cluster, service, call.port, to, transport, port, is_alike)
        })
    }

    /// Whether a packet from an address outside to a port of a pod is needed.
    fn lets_in(&self, from: IpAddr, to: &Pod, transport: &str, port: u16) -> bool {
        let cluster = &self.world.cluster;
        let is_alike = |one: &Pod, other: &Pod| {
            !other.on_host && one.namespace == other.namespace && one.labels == other.labels
        };
        super::cluster::lies_in(from, "198.51.100.0/24")
            && self.open.iter().any(|&number| {
                let service = &cluster.services[number];
                service.selector.is_some()
                    && leads_to(cluster, service, None, to, transport, port, is_alike)
            })
    }
}

/// Whether a Service leads to a port of a pod, or of one that is like it.
fn leads_to(
    cluster: &Cluster,
    service: &Service,
    through: Option<usize>,
    to: &Pod,
    transport: &str,
    port: u16,
    is_alike: impl Fn(&Pod, &Pod) -> bool,
) -> bool {
    let Some(selector) = &service.selector else {
        return false;
    };
    let alike = cluster.pods.iter().filter(|pod| is_alike(to, pod));
    alike.into_iter().any(|pod| {
        let is_selected = pod.namespace == service.namespace
            && selector
                .iter()
                .all(|(key, value)| pod.labels.get(key) == Some(value));
        let mut ports = service.ports.iter().enumerate();
        is_selected
            && ports.any(|(number, (own, target))| {
                let is_target = match target {
                    Ok(number) => *number == port,
                    Err(name) => {
                        let mut named = pod.ports.iter().filter(|it| it.transport == *own);
                        let first = named.find(|it| it.name == *name);
                        first.is_some_and(|it| it.number == port)
                    }
                };
                through.is_none_or(|through| through == number) && *own == transport && is_target
            })
    })
}

fn read(files: &[(&str, &str)]) -> Input {
    let load = |(path, content): &(&str, &str)| {
        Ok(File {
            path: (*path).to_owned(),
            bytes: content.as_bytes().to_vec(),
        })
    };
    palisade_sources::read_all(files, load, false)
}

/// Generates policies of every dialect that the engine enforces, and says what differs first.
fn differences(seed: u64) -> Option<String> {
    let needy = Needy::draw(seed);
    let (kind, own) = match needy.world.engine {
        Engine::Conformant => (EngineKind::Conformant, None),
        Engine::AzureNpm => (EngineKind::AzureNpm, None),
        Engine::Calico => (EngineKind::Calico, Some(Dialect::Calico)),
        Engine::Cilium => (EngineKind::Cilium, Some(Dialect::Cilium)),
    };
    let dialects = [Some(Dialect::Kubernetes), own];
    dialects
        .into_iter()
        .flatten()
        .find_map(|dialect| differs(&needy, kind, dialect))
        .map(|text| format!("seed {seed}, {kind:?}: {text}"))
}

fn differs(needy: &Needy, kind: EngineKind, dialect: Dialect) -> Option<String> {
    let manifest = needy.written();
    let options = Options::new(KubernetesEngine::new(kind));
    let wanted = Wanted {
        dialect,
        namespaces: Vec::new(),
    };
    let input = read(&[("cluster.json", &manifest)]);
    let cluster = input.estate.clusters().next().unwrap();
    let analysis = analyse(&cluster, &options);
    let least = LeastPrivilege::of(&cluster, &analysis, &wanted);
    let texts = least.policies(|_| "cluster.json".to_owned());
    let text: String = texts.into_iter().map(|one| one.text).collect();
    let input = read(&[("cluster.json", &manifest), ("policies.yaml", &text)]);
    assert!(
        input.diagnostics.is_empty(),
        "{:?}\n{text}",
        input.diagnostics
    );
    let cluster = input.estate.clusters().next().unwrap();
    let asked = Asked {
        analysis: analyse(&cluster, &options),
    };
    assert!(
        asked.analysis.diagnostics.is_empty(),
        "{:?}\n{text}",
        asked.analysis.diagnostics
    );
    let least = LeastPrivilege::of(&cluster, &asked.analysis, &wanted);
    if let Some(example) = least.prove().counterexamples.first() {
        let (refuted, traffic) = (example.refuted, &example.traffic);
        return Some(format!(
            "{dialect:?}: {refuted:?}, {traffic}\n{text}\n{manifest}"
        ));
    }
    let everyone = needy.world.cluster.everyone();
    for &source in &everyone {
        for &destination in &everyone {
            let difference = pair(needy, &asked, source, destination);
            if let Some(difference) = difference {
                return Some(format!("{dialect:?}: {difference}\n{text}\n{manifest}"));
            }
        }
    }
    None
}

/// What differs between a pod and another, or an address outside.
fn pair(needy: &Needy, asked: &Asked<'_>, source: Who, destination: Who) -> Option<String> {
    let cluster = &needy.world.cluster;
    let pod = |who: Who| match who {
        Who::Pod(number) => Some(&cluster.pods[number]).filter(|pod| !pod.on_host),
        _ => None,
    };
    let to = pod(destination)?;
    if source == destination || cluster.is_own_node(destination, source) != No {
        return None;
    }
    let ends = (
        asked.endpoint(&needy.world, source),
        asked.endpoint(&needy.world, destination),
    );
    let pair = asked.analysis.pair(ends.0, ends.1);
    for transport in ["TCP", "UDP"] {
        for port in super::cluster::PORTS {
            let is_needed = match (source, pod(source)) {
                (_, Some(from)) => needy.needs(from, to, transport, port),
                (Who::Outside(from), _) => needy.lets_in(from, to, transport, port),
                _ => return None,
            };
            let header = Header::Ports {
                transport: Transport::named(transport).unwrap(),
                source: 40000,
                destination: port,
            };
            let verdict = pair.both.verdict(&header, &asked.analysis.table());
            let wanted = match is_needed {
                true => Verdict::Allowed,
                false => Verdict::Denied,
            };
            if verdict != wanted {
                return Some(format!(
                    "{source:?} -> {destination:?} {transport} {port}: {verdict:?}, and needed: {is_needed}"
                ));
            }
        }
    }
    None
}

#[test]
fn generated_policies_allow_what_is_needed_and_nothing_else() {
    let (draws, first) = (
        super::number("PALISADE_DRAWS", 200),
        super::number("PALISADE_SEED", 0),
    );
    let examples = (first..first + draws).filter_map(differences);
    let smallest = examples.min_by_key(String::len);
    assert!(smallest.is_none(), "{}", smallest.unwrap_or_default());
}
