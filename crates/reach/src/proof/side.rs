//! Who is meant by a side of an intent.

use palisade_estate::kubernetes::Selector;
use palisade_packet::{AddressSet, Set};

use crate::azure::address::{PLATFORM, public_addresses};
use crate::intent::{Party, Pods};
use crate::kubernetes::{Endpoint, EndpointId, EndpointKind, EndpointSet, Endpoints};

/// One side of an intent, found in the cluster.
pub(super) struct Side {
    /// Who is meant.
    pub(super) certain: EndpointSet,
    /// Namespaces whose labels aren't known may be meant.
    possible: EndpointSet,
    /// The addresses that are meant of what is outside.
    addresses: AddressSet,
}

impl Side {
    /// The endpoints that parties name.
    pub(super) fn of(parties: &[Party<'_>], endpoints: &Endpoints<'_>) -> Self {
        let mut side = Self {
            certain: EndpointSet::empty(),
            possible: EndpointSet::empty(),
            addresses: AddressSet::empty(),
        };
        for party in parties {
            match party {
                Party::Cluster => side.certain.extend(&endpoints.inside()),
                Party::Outside => side.outside(&AddressSet::full(), endpoints),
                Party::Internet => side.outside(&internet(), endpoints),
                Party::Prefix(prefix) => side.outside(&AddressSet::from(*prefix), endpoints),
                Party::Node(name) => {
                    let is_it = |endpoint: &Endpoint<'_>| match &endpoint.kind {
                        EndpointKind::Node(node) => node.name() == *name,
                        _ => false,
                    };
                    let found = endpoints.iter().filter(|(_, endpoint)| is_it(endpoint));
                    side.certain.extend(&found.map(|(id, _)| id).collect());
                }
                Party::Pods(pods) => side.pods(pods, endpoints),
            }
        }
        side.possible = side.possible.difference(&side.certain);
        side
    }

    /// Those who may be meant as well.
    pub(super) fn widest(&self) -> Self {
        Self {
            certain: self.certain.union(&self.possible),
            possible: EndpointSet::empty(),
            addresses: self.addresses.clone(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.certain.is_empty() && self.possible.is_empty()
    }

    /// The addresses outside the cluster that are meant.
    pub(super) fn outside_addresses(&self) -> &AddressSet {
        &self.addresses
    }

    /// The addresses that are meant of an endpoint outside the cluster; none of one inside.
    pub(super) fn addresses(&self, endpoint: &Endpoint<'_>) -> Option<AddressSet> {
        let is_outside = matches!(endpoint.kind, EndpointKind::Outside);
        is_outside.then(|| self.addresses.intersection(&endpoint.addresses))
    }

    fn outside(&mut self, addresses: &AddressSet, endpoints: &Endpoints<'_>) {
        let outside = endpoints.outside();
        let within = outside
            .iter()
            .filter(|id| !endpoints.get(*id).addresses.is_disjoint(addresses));
        self.certain.extend(&within.collect());
        self.addresses = self.addresses.union(addresses);
    }

    fn pods(&mut self, pods: &Pods<'_>, endpoints: &Endpoints<'_>) {
        for (id, endpoint) in endpoints.iter() {
            let (EndpointKind::Pods { workloads, .. } | EndpointKind::HostPods { workloads, .. }) =
                &endpoint.kind
            else {
                continue;
            };
            let Some(namespace) = endpoint.namespace.map(|it| &endpoints.namespaces()[it]) else {
                continue;
            };
            let is_named = |number: &usize| {
                let workload = &endpoints.workloads()[*number];
                let long = || format!("{}/{}", workload.kind, workload.name);
                pods.workload
                    .is_none_or(|name| name == workload.name || name.eq_ignore_ascii_case(&long()))
            };
            let fits = pods.namespace.is_none_or(|name| name == namespace.name)
                && workloads.iter().any(is_named)
                && fulfils(pods.labels.as_ref(), |key| endpoint.labels.get(key));
            if !fits {
                continue;
            }
            let asks_for_more = pods.namespaces.as_ref().is_some_and(|selector| {
                let mut keys = selector.keys();
                keys.any(|key| key != "kubernetes.io/metadata.name")
            });
            let one = EndpointSet::one(id);
            if !namespace.is_read && asks_for_more {
                self.possible.extend(&one);
            } else if fulfils(pods.namespaces.as_ref(), |key| namespace.labels.get(key)) {
                self.certain.extend(&one);
            }
        }
    }
}

/// The addresses of the internet. That of Azure's platform looks like one and is reached in every
/// network, and only there ("What is IP address 168.63.129.16?", Microsoft Learn, 2025).
fn internet() -> AddressSet {
    public_addresses().difference(&AddressSet::from(PLATFORM))
}

fn fulfils<'l>(selector: Option<&Selector<'_>>, label: impl Fn(&str) -> Option<&'l str>) -> bool {
    selector.is_none_or(|selector| selector.matches(label))
}

/// Whether an endpoint is a single pod, node or address range, which policies don't keep from
/// itself.
pub(super) fn is_alone(endpoints: &Endpoints<'_>, id: EndpointId) -> bool {
    match &endpoints.get(id).kind {
        EndpointKind::Pods { workloads, count } => {
            let is_pod = |number: &usize| endpoints.workloads()[*number].kind == "Pod";
            *count <= 1 && workloads.iter().all(is_pod)
        }
        EndpointKind::HostPods { workloads, .. } => workloads.len() <= 1,
        EndpointKind::Node(_) | EndpointKind::Outside => true,
    }
}
