//! Workloads, and the pods that they stand for.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use palisade_document::{Kind, Value};
use palisade_estate::kubernetes::{PodTemplate, all_pod_templates, pod_templates};
use palisade_estate::{Cluster, Object};
use palisade_packet::Transport;

use super::EndpointId;
use super::endpoint::NamedPort;
use super::exposure::PodToCome;

/// A workload, under which its replicas are printed as one.
pub struct Workload<'e> {
    /// The namespace.
    pub namespace: &'e str,
    /// The kind: `Deployment`, or that of an owner which isn't in the input itself.
    pub kind: &'e str,
    /// The name.
    pub name: String,
    /// The object in the input that stands for it: the workload, or one of its pods.
    pub object: Object<'e>,
    /// Its endpoints: one, or several where its pods differ in what policies look at.
    pub endpoints: Vec<EndpointId>,
}

/// Labels, ordered by key.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Labels<'e> {
    pairs: Vec<(&'e str, &'e str)>,
    /// Whether there may be others beside these.
    is_open: bool,
}

impl<'e> Labels<'e> {
    /// The labels of an object's or a template's `labels`.
    pub fn read(labels: Option<Value<'e>>) -> Self {
        let entries = labels.into_iter().flat_map(Value::entries);
        let mut pairs: Vec<_> = entries
            .map(|entry| (entry.name(), entry.value.scalar()))
            .collect();
        pairs.sort_by_key(|(key, _)| *key);
        Self {
            pairs,
            is_open: false,
        }
    }

    /// Labels of which nothing is known.
    pub(super) fn any() -> Self {
        Self {
            pairs: Vec::new(),
            is_open: true,
        }
    }

    /// Whether there may be others beside those that are known.
    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    /// Gives a label a value.
    pub(super) fn set(&mut self, key: &'e str, value: &'e str) {
        match self.pairs.binary_search_by_key(&key, |(key, _)| key) {
            Ok(place) => self.pairs[place].1 = value,
            Err(place) => self.pairs.insert(place, (key, value)),
        }
    }

    /// The value of a label.
    pub fn get(&self, key: &str) -> Option<&'e str> {
        let place = self.pairs.binary_search_by_key(&key, |(key, _)| key).ok()?;
        Some(self.pairs[place].1)
    }

    /// All labels.
    pub fn iter(&self) -> impl Iterator<Item = (&'e str, &'e str)> + '_ {
        self.pairs.iter().copied()
    }
}

/// Pods that are alike, with the workload that they belong to.
pub(super) struct Pods<'e> {
    pub(super) workload: usize,
    pub(super) labels: Labels<'e>,
    pub(super) ports: Vec<NamedPort<'e>>,
    pub(super) service_account: &'e str,
    pub(super) on_host_network: bool,
    /// The node, where it is known.
    pub(super) node: Option<&'e str>,
    /// Their addresses, where they are known.
    pub(super) addresses: Vec<IpAddr>,
}

/// The workloads of a cluster with their pods. Where the input holds pods of a workload they
/// stand for it, since they carry labels that its template lacks; otherwise the template does.
pub(super) fn workloads<'e>(cluster: &Cluster<'e>) -> (Vec<Workload<'e>>, Vec<Pods<'e>>) {
    let owners = Owners::of(cluster);
    let (mut found, mut pods): (Vec<Workload<'e>>, Vec<Pods<'e>>) = (Vec::new(), Vec::new());
    let mut numbers: BTreeMap<(&str, &str, String), usize> = BTreeMap::new();
    let is_pod = |template: &PodTemplate<'e>| template.owner.kind() == "Pod";
    let mut live = all_pod_templates(cluster);
    live.retain(is_pod);
    let mut templates = pod_templates(cluster);
    templates.retain(|template| !is_pod(template));
    let mut add = |template: &PodTemplate<'e>, (kind, name): (&'e str, String), is_live: bool| {
        let namespace = template.namespace();
        let key = (namespace, kind, name.clone());
        let number = match numbers.get(&key) {
            Some(_) if !is_live => return,
            Some(&known) => known,
            None => {
                found.push(Workload {
                    namespace,
                    kind,
                    name,
                    object: template.owner,
                    endpoints: Vec::new(),
                });
                numbers.insert(key, found.len() - 1);
                found.len() - 1
            }
        };
        pods.push(pods_of(template, number));
    };
    for pod in &live {
        add(pod, owners.top(pod.owner), true);
    }
    for template in &templates {
        add(template, owners.top(template.owner), false);
    }
    (found, pods)
}

/// Adds pods that aren't there yet, each as a workload of its own.
pub(super) fn add_to_come<'e>(
    to_come: &[PodToCome<'e>],
    workloads: &mut Vec<Workload<'e>>,
    pods: &mut Vec<Pods<'e>>,
) {
    for pod in to_come {
        workloads.push(Workload {
            namespace: pod.namespace,
            kind: PodToCome::KIND,
            name: pod.number.to_string(),
            object: pod.object,
            endpoints: Vec::new(),
        });
        pods.push(Pods {
            workload: workloads.len() - 1,
            labels: pod.labels.clone(),
            ports: Vec::new(),
            service_account: "default",
            on_host_network: false,
            node: None,
            addresses: Vec::new(),
        });
    }
}

fn pods_of<'e>(template: &PodTemplate<'e>, workload: usize) -> Pods<'e> {
    let text = |path: &str| {
        let found = template.spec.get(path).map(Value::scalar);
        found.filter(|text| !text.is_empty())
    };
    let labels = template
        .metadata
        .and_then(|metadata| metadata.get("labels"));
    let status = template.owner.get("status");
    let is_pod = template.owner.kind() == "Pod";
    let mut ports: Vec<_> = template.containers().flat_map(container_ports).collect();
    ports.sort_unstable();
    ports.dedup();
    Pods {
        workload,
        labels: Labels::read(labels),
        ports,
        service_account: text("serviceAccountName")
            .or_else(|| text("serviceAccount"))
            .unwrap_or("default"),
        on_host_network: template.is_on_host_network(),
        node: text("nodeName"),
        addresses: status.filter(|_| is_pod).map(addresses).unwrap_or_default(),
    }
}

/// `podIPs`, or `podIP` where there is only that.
fn addresses(status: Value<'_>) -> Vec<IpAddr> {
    let all = status.get("podIPs").into_iter().flat_map(Value::items);
    let mut found: Vec<IpAddr> = all
        .filter_map(|entry| entry.get("ip")?.scalar().parse().ok())
        .collect();
    if found.is_empty() {
        let one = status.get("podIP").map(Value::scalar);
        found.extend(one.and_then(|text| text.parse::<IpAddr>().ok()));
    }
    found.sort_unstable();
    found
}

fn container_ports(container: Value<'_>) -> Vec<NamedPort<'_>> {
    let list = container
        .get("ports")
        .filter(|list| list.kind() == Kind::Array);
    list.into_iter()
        .flat_map(Value::items)
        .filter_map(|port| {
            let number = port.get("containerPort")?.as_i64()?;
            let protocol = port.get("protocol").filter(|value| !value.is_null());
            Some(NamedPort {
                name: port.get("name").map(Value::scalar).unwrap_or_default(),
                transport: Transport::named(protocol.map_or("TCP", Value::scalar))?,
                number: u16::try_from(number).ok().filter(|number| *number > 0)?,
            })
        })
        .collect()
}

/// Who owns whom, by kind, namespace and name.
struct Owners<'e> {
    known: HashMap<(&'e str, &'e str, String), Object<'e>>,
}

/// An owner as a reference names it.
struct Owner<'e> {
    kind: &'e str,
    namespace: &'e str,
    name: String,
}

impl<'e> Owners<'e> {
    fn of(cluster: &Cluster<'e>) -> Self {
        let kinds = [
            ("apps", "Deployment"),
            ("apps", "StatefulSet"),
            ("apps", "DaemonSet"),
            ("apps", "ReplicaSet"),
            ("extensions", "Deployment"),
            ("extensions", "DaemonSet"),
            ("extensions", "ReplicaSet"),
            ("", "ReplicationController"),
            ("batch", "Job"),
            ("batch", "CronJob"),
        ];
        let known = kinds.iter().flat_map(|(group, kind)| {
            cluster.objects_of(group, kind).map(|object| {
                let namespace = object.namespace().unwrap_or_default();
                ((object.kind(), namespace, object.name()), object)
            })
        });
        Self {
            known: known.collect(),
        }
    }

    fn find(&self, owner: &Owner<'e>) -> Option<Object<'e>> {
        let key = (owner.kind, owner.namespace, owner.name.clone());
        self.known.get(&key).copied()
    }

    /// The owner that controls an object.
    fn controller(&self, object: Object<'e>) -> Option<Owner<'e>> {
        let list = object.get("metadata.ownerReferences")?;
        let is_controller =
            |owner: &Value<'e>| owner.get("controller").and_then(Value::as_bool) == Some(true);
        let owner = list
            .items()
            .find(is_controller)
            .or_else(|| list.items().next())?;
        Some(Owner {
            // A reference without a kind is broken, but still says that pods belong together.
            kind: owner.get("kind").map_or(object.kind(), Value::scalar),
            namespace: object.namespace().unwrap_or_default(),
            name: owner.get("name")?.scalar().to_owned(),
        })
    }

    /// The kind and name of the outermost owner: the last one that the input names. Nodes own
    /// static pods, which stand for themselves.
    fn top(&self, object: Object<'e>) -> (&'e str, String) {
        let mut at = object;
        // Owners that name each other in a circle end the walk.
        for _ in 0..8 {
            let owner = match self.controller(at) {
                Some(owner) if owner.kind != "Node" => owner,
                _ => return (at.kind(), at.name()),
            };
            match self.find(&owner) {
                Some(next) => at = next,
                None => return (owner.kind, owner.name),
            }
        }
        (at.kind(), at.name())
    }
}
