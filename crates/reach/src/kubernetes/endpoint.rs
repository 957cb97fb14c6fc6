//! The things that send and receive.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::ops::Range;

use ipnet::IpNet;
use palisade_document::{Kind, Value};
use palisade_estate::kubernetes::PolicyDialect;
use palisade_estate::{Cluster, Object};
use palisade_packet::{AddressSet, Set, Transport};

use super::exposure::PodToCome;
use super::namespace::{Namespace, namespaces};
use super::workload::{Labels, Pods, Workload, add_to_come, workloads};
use super::{EndpointId, EndpointSet, Engine, Options, outside, stand_in};

/// Something that sends and receives, as far as policies can tell it from others.
pub struct Endpoint<'e> {
    /// What it is.
    pub kind: EndpointKind<'e>,
    /// The namespace of pods.
    pub namespace: Option<usize>,
    /// The labels of pods or of a node.
    pub labels: Labels<'e>,
    /// The ports that containers name.
    pub ports: Vec<NamedPort<'e>>,
    /// The service account of pods; empty for others.
    pub service_account: &'e str,
    /// Where its addresses lie: just they where they are known, else all that they may be.
    pub addresses: AddressSet,
    /// Whether the addresses are known.
    pub is_located: bool,
    /// The nodes on which pods of a network of their own run, in their order; nothing for those
    /// of which it isn't known.
    pub nodes: Vec<Option<&'e str>>,
}

/// What an endpoint is.
pub enum EndpointKind<'e> {
    /// Pods that no policy can tell apart.
    Pods {
        /// Their workloads, by number.
        workloads: Vec<usize>,
        /// How many of them the input holds; templates count as one.
        count: usize,
    },
    /// Pods on the network of their node. No engine selects them by their labels: they have the
    /// node's addresses.
    HostPods {
        /// Their workloads, by number.
        workloads: Vec<usize>,
        /// The node, where it is known.
        node: Option<&'e str>,
    },
    /// A node.
    Node(Object<'e>),
    /// Addresses outside the cluster.
    Outside,
}

/// A port that a container declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamedPort<'e> {
    /// Its name; empty if it has none.
    pub name: &'e str,
    /// Its protocol.
    pub transport: Transport,
    /// Its number.
    pub number: u16,
}

/// The endpoints of a cluster: pods in the order of their namespaces, then pods on host networks,
/// nodes, and ranges of outside addresses.
pub struct Endpoints<'e> {
    list: Vec<Endpoint<'e>>,
    workloads: Vec<Workload<'e>>,
    namespaces: Vec<Namespace<'e>>,
    /// The endpoints that are pods of each namespace.
    of_namespace: Vec<Range<usize>>,
    /// How many are pods that policies can select.
    pods: usize,
    /// How many are in the cluster.
    inside: usize,
    /// All addresses of the families that the cluster has.
    families: AddressSet,
}

impl<'e> Endpoints<'e> {
    /// The endpoints in a cluster, with pods that aren't there yet; those outside not yet among
    /// them.
    pub(super) fn read(
        cluster: &Cluster<'e>,
        options: &Options,
        to_come: &[PodToCome<'e>],
    ) -> Self {
        let (mut workloads, mut pods) = workloads(cluster);
        add_to_come(to_come, &mut workloads, &mut pods);
        let names = workloads.iter().map(|workload| workload.namespace);
        let of_policies = cluster
            .objects()
            .filter(|object| PolicyDialect::of(object).is_some())
            .filter_map(|object| object.namespace());
        let elsewhere = options.with_stand_ins.then_some(stand_in::ELSEWHERE);
        let used: Vec<_> = names.chain(of_policies).chain(elsewhere).collect();
        let mut namespaces = namespaces(cluster, used.into_iter());
        for pod in to_come {
            let place = namespaces.binary_search_by_key(&pod.namespace, |known| known.name);
            if let (Ok(place), Some(labels)) = (place, &pod.namespace_labels) {
                namespaces[place].is_to_come(labels.clone());
            }
        }
        let pieces = pieces(cluster, options.engine);
        let given = options.pod_addresses.clone();
        let families = anywhere(cluster, &pods);
        let anywhere = given
            .or_else(|| own_range(cluster))
            .unwrap_or_else(|| families.clone());
        let mut list = merge(pods, &workloads, &namespaces, &pieces, &anywhere);
        if options.with_stand_ins {
            let stand_ins = (0..namespaces.len())
                .flat_map(|namespace| stand_in::of_namespace(namespace, &anywhere));
            list.extend(stand_ins);
        }
        list.sort_by_key(|endpoint| {
            let is_on_host = matches!(endpoint.kind, EndpointKind::HostPods { .. });
            (is_on_host, endpoint.namespace)
        });
        let is_pod = |endpoint: &Endpoint<'_>| matches!(endpoint.kind, EndpointKind::Pods { .. });
        let pods = list.iter().filter(|endpoint| is_pod(endpoint)).count();
        let nodes = cluster.objects_of("", "Node").map(node);
        list.extend(nodes);
        for (number, endpoint) in list.iter().enumerate() {
            let id = EndpointId(u32::try_from(number).unwrap_or(u32::MAX));
            if let EndpointKind::Pods { workloads: own, .. }
            | EndpointKind::HostPods { workloads: own, .. } = &endpoint.kind
            {
                own.iter()
                    .for_each(|&own| workloads[own].endpoints.push(id));
            }
        }
        let of_namespace = (0..namespaces.len())
            .map(|number| {
                let before = |limit| list[..pods].partition_point(|pod| pod.namespace < limit);
                before(Some(number))..before(Some(number + 1))
            })
            .collect();
        Self {
            inside: list.len(),
            list,
            workloads,
            namespaces,
            of_namespace,
            pods,
            families,
        }
    }

    /// Adds the pieces of the outside and gives them numbers.
    pub(super) fn add_outside(&mut self, pieces: Vec<AddressSet>) {
        self.list.truncate(self.inside);
        self.list
            .extend(pieces.into_iter().map(|addresses| Endpoint {
                kind: EndpointKind::Outside,
                namespace: None,
                labels: Labels::default(),
                ports: Vec::new(),
                service_account: "",
                addresses,
                is_located: true,
                nodes: Vec::new(),
            }));
    }

    /// An endpoint by its number.
    pub fn get(&self, id: EndpointId) -> &Endpoint<'e> {
        &self.list[id.index()]
    }

    /// All endpoints with their numbers.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (EndpointId, &Endpoint<'e>)> {
        (0..u32::MAX).map(EndpointId).zip(&self.list)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All of them.
    pub fn all(&self) -> EndpointSet {
        EndpointSet::range(0..self.list.len())
    }

    /// The pods that policies can select: those on networks of their own.
    pub fn pods(&self) -> EndpointSet {
        EndpointSet::range(0..self.pods)
    }

    /// The pods on the networks of their nodes, and the nodes.
    pub fn hosts(&self) -> EndpointSet {
        EndpointSet::range(self.pods..self.inside)
    }

    /// Everything but outside addresses.
    pub fn inside(&self) -> EndpointSet {
        EndpointSet::range(0..self.inside)
    }

    /// All addresses of the families that the cluster has: IPv4 alone unless an address of a pod
    /// or the cluster's settings say otherwise.
    pub fn families(&self) -> &AddressSet {
        &self.families
    }

    /// The ranges of outside addresses.
    pub fn outside(&self) -> EndpointSet {
        EndpointSet::range(self.inside..self.list.len())
    }

    /// The workloads.
    pub fn workloads(&self) -> &[Workload<'e>] {
        &self.workloads
    }

    /// The namespaces, ordered by name.
    pub fn namespaces(&self) -> &[Namespace<'e>] {
        &self.namespaces
    }

    /// The number of a namespace.
    pub fn namespace(&self, name: &str) -> Option<usize> {
        let place = self
            .namespaces
            .binary_search_by_key(&name, |known| known.name);
        place.ok()
    }

    /// The pods of a namespace that policies can select.
    pub fn pods_of(&self, namespace: usize) -> EndpointSet {
        EndpointSet::range(self.range_of(namespace))
    }

    /// The objects of the workloads that an endpoint's pods belong to.
    pub fn objects_of(&self, id: EndpointId) -> impl Iterator<Item = Object<'e>> + '_ {
        let numbers: &[usize] = match &self.get(id).kind {
            EndpointKind::Pods { workloads, .. } | EndpointKind::HostPods { workloads, .. } => {
                workloads
            }
            EndpointKind::Node(_) | EndpointKind::Outside => &[],
        };
        numbers.iter().map(|&number| self.workloads[number].object)
    }

    /// The pods of a namespace, those on the networks of their nodes as well.
    pub(super) fn every_pod_of(&self, namespace: usize) -> Vec<EndpointId> {
        let hosts = self.hosts();
        let on_hosts = hosts
            .iter()
            .filter(|id| self.get(*id).namespace == Some(namespace));
        let own = self.pods_of(namespace);
        own.iter().chain(on_hosts).collect()
    }

    /// The numbers of the pods of a namespace that policies can select.
    pub(super) fn range_of(&self, namespace: usize) -> Range<usize> {
        self.of_namespace[namespace].clone()
    }

    /// The range of outside addresses that holds an address.
    pub fn outside_at(&self, address: IpAddr) -> Option<EndpointId> {
        let mut outside = self.outside().iter().collect::<Vec<_>>().into_iter();
        outside.find(|&id| self.get(id).addresses.contains(&address))
    }
}

/// What makes pods one endpoint.
#[derive(PartialEq, Eq, Hash)]
struct Likeness<'e> {
    namespace: usize,
    labels: Labels<'e>,
    ports: Vec<NamedPort<'e>>,
    service_account: &'e str,
    on_host_network: bool,
    /// The node of pods on its network.
    node: Option<&'e str>,
    /// The pieces in which their addresses lie.
    pieces: Vec<usize>,
}

/// Pods that are one endpoint.
#[derive(Default)]
struct Alike<'e> {
    workloads: Vec<usize>,
    count: usize,
    addresses: Vec<IpAddr>,
    nodes: Vec<Option<&'e str>>,
}

fn merge<'e>(
    pods: Vec<Pods<'e>>,
    owners: &[Workload<'e>],
    namespaces: &[Namespace<'e>],
    pieces: &Pieces,
    anywhere: &AddressSet,
) -> Vec<Endpoint<'e>> {
    let numbers: HashMap<&str, usize> = namespaces
        .iter()
        .enumerate()
        .map(|(number, namespace)| (namespace.name, number))
        .collect();
    let mut order: HashMap<Likeness<'e>, usize> = HashMap::new();
    let mut merged: Vec<Alike<'e>> = Vec::new();
    for pod in pods {
        let name = owners[pod.workload].namespace;
        let mut within: Vec<_> = pod.addresses.iter().map(|ip| pieces.of(*ip)).collect();
        within.sort_unstable();
        let likeness = Likeness {
            namespace: numbers.get(name).copied().unwrap_or_default(),
            labels: pod.labels,
            ports: pod.ports,
            service_account: pod.service_account,
            on_host_network: pod.on_host_network,
            node: pod.node.filter(|_| pod.on_host_network),
            pieces: within,
        };
        let next = merged.len();
        let place = *order.entry(likeness).or_insert(next);
        if place == next {
            merged.push(Alike::default());
        }
        let alike = &mut merged[place];
        if alike.workloads.last() != Some(&pod.workload) {
            alike.workloads.push(pod.workload);
        }
        alike.count += 1;
        alike.addresses.extend(pod.addresses);
        if !pod.on_host_network {
            alike.nodes.push(pod.node);
        }
    }
    let mut order: Vec<_> = order.into_iter().collect();
    order.sort_unstable_by_key(|(_, place)| *place);
    order
        .into_iter()
        .zip(merged)
        .map(|((likeness, _), alike)| {
            let Alike {
                mut workloads,
                count,
                addresses,
                mut nodes,
            } = alike;
            workloads.sort_unstable();
            workloads.dedup();
            nodes.sort_unstable();
            nodes.dedup();
            let is_known = !addresses.is_empty();
            let own = addresses.into_iter().map(AddressSet::from);
            Endpoint {
                namespace: Some(likeness.namespace),
                labels: likeness.labels,
                ports: likeness.ports,
                service_account: likeness.service_account,
                is_located: is_known,
                nodes,
                addresses: if is_known {
                    own.collect()
                } else {
                    anywhere.clone()
                },
                kind: match likeness.on_host_network {
                    true => EndpointKind::HostPods {
                        workloads,
                        node: likeness.node,
                    },
                    false => EndpointKind::Pods { workloads, count },
                },
            }
        })
        .collect()
}

fn node(object: Object<'_>) -> Endpoint<'_> {
    let listed = object.get("status.addresses").into_iter();
    let addresses: Vec<AddressSet> = listed
        .flat_map(Value::items)
        .filter_map(|entry| entry.get("address")?.scalar().parse::<IpAddr>().ok())
        .map(AddressSet::from)
        .collect();
    Endpoint {
        kind: EndpointKind::Node(object),
        namespace: None,
        labels: Labels::read(object.get("metadata.labels")),
        ports: Vec::new(),
        service_account: "",
        is_located: !addresses.is_empty(),
        nodes: Vec::new(),
        addresses: match addresses.is_empty() {
            true => AddressSet::full(),
            false => addresses.into_iter().collect(),
        },
    }
}

/// The range from which a managed cluster gives its pods addresses, if it has one of its own.
pub(crate) fn own_range(cluster: &Cluster<'_>) -> Option<AddressSet> {
    let managed = cluster.managed().ok()?;
    let several = managed.texts("networkProfile.podCidrs").ok()?;
    let one = managed.text("networkProfile.podCidr").present();
    let texts = several.iter().map(|(text, _)| *text).chain(one);
    let ranges = texts.map(|text| text.parse::<IpNet>().ok().map(AddressSet::from));
    let ranges: AddressSet = ranges.collect::<Option<Vec<_>>>()?.into_iter().collect();
    (!ranges.is_empty()).then_some(ranges)
}

/// Anywhere in the address families that a cluster has: IPv4 alone unless an address or the
/// cluster says otherwise.
fn anywhere(cluster: &Cluster<'_>, pods: &[Pods<'_>]) -> AddressSet {
    let families = cluster.managed().ok().and_then(|managed| {
        let families = managed.texts("networkProfile.ipFamilies").ok()?;
        Some(families.iter().any(|(family, _)| *family == "IPv6"))
    });
    let has_v6 = families.unwrap_or(false)
        || pods
            .iter()
            .any(|pod| pod.addresses.iter().any(IpAddr::is_ipv6));
    match has_v6 {
        true => AddressSet::full(),
        false => AddressSet::all_v4(),
    }
}

/// All addresses, cut where a policy of the cluster names a range. Pods whose addresses lie in
/// the same piece are alike.
struct Pieces {
    starts: BTreeMap<IpAddr, usize>,
}

impl Pieces {
    fn of(&self, address: IpAddr) -> usize {
        let piece = self.starts.range(..=address).next_back();
        piece.map_or(0, |(_, piece)| *piece)
    }
}

fn pieces(cluster: &Cluster<'_>, engine: Engine) -> Pieces {
    let mut named = Vec::new();
    // Without an engine there still may be a mesh.
    let is_asked = |object: &Object<'_>| {
        engine.kind != super::EngineKind::None || object.group() == "security.istio.io"
    };
    for object in cluster.objects().filter(names_addresses).filter(is_asked) {
        ranges_in(object.body(), 0, &mut named);
    }
    let pieces = outside::cut(&named);
    let starts = pieces.iter().enumerate().flat_map(|(number, piece)| {
        let firsts = piece.ranges().map(|(first, _)| first);
        firsts.map(move |first| (first, number)).collect::<Vec<_>>()
    });
    Pieces {
        starts: starts.collect(),
    }
}

/// Whether the address ranges in an object may be matched against pods.
fn names_addresses(object: &Object<'_>) -> bool {
    let groups = [
        "networking.k8s.io",
        "policy.networking.k8s.io",
        "projectcalico.org",
        "crd.projectcalico.org",
        "cilium.io",
        "security.istio.io",
    ];
    groups.contains(&object.group())
}

/// Every text that reads as an address or a range, wherever it stands: a cut too many does no
/// harm.
fn ranges_in(value: Value<'_>, depth: usize, found: &mut Vec<AddressSet>) {
    const DEEPEST: usize = 32;
    match value.kind() {
        Kind::Object if depth < DEEPEST => {
            for entry in value.entries() {
                ranges_in(entry.value, depth + 1, found);
            }
        }
        Kind::Array if depth < DEEPEST => {
            for item in value.items() {
                ranges_in(item, depth + 1, found);
            }
        }
        Kind::String => {
            let text = value.scalar();
            if let Ok(range) = text.parse::<IpNet>() {
                found.push(range.into());
            } else if let Ok(address) = text.parse::<IpAddr>() {
                found.push(address.into());
            }
        }
        _ => {}
    }
}
