//! The ways into pods: Services, Ingresses, routes of the Gateway API, and ports of nodes that
//! containers take.

mod host_port;
mod proxied;
mod service;

use palisade_estate::kubernetes::{ingresses, routes};
use palisade_estate::{Cluster, Object, Unknown};
use palisade_packet::{AddressSet, Traffic};

use super::{Analysis, EndpointId, Services};

/// A way in.
pub struct Entry<'e> {
    /// The Service, Ingress, route or workload that opens it.
    pub object: Object<'e>,
    /// What kind of way it is.
    pub kind: EntryKind,
    /// From which addresses it can be used for certain: all, unless the way itself limits them
    /// (`loadBalancerSourceRanges`).
    pub clients: AddressSet,
    /// What clients send: to the ports of the Service, node or listener, not to those of pods.
    pub front: Traffic,
    /// Whose address network policies at the pods see as the source.
    pub seen: SeenSource,
    /// The pods that it leads to, with the traffic that arrives there: after the Service's port
    /// has become the pod's.
    pub backends: Vec<(EndpointId, Traffic)>,
    /// What the input doesn't tell about it. There may then be more or fewer backends.
    pub unknown: Vec<Unknown>,
}

/// What kind of way in something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// A Service with an address in the cluster.
    ClusterAddress,
    /// A Service without an address of its own: its name leads to the pods.
    Headless,
    /// A Service that takes a port of every node.
    NodePort,
    /// A Service that takes packets to addresses outside the cluster, wherever a node sees them
    /// (`externalIPs`).
    ExternalAddress,
    /// A Service behind a load balancer inside the network.
    InternalLoadBalancer,
    /// A Service behind a public load balancer.
    PublicLoadBalancer,
    /// An Ingress, by its controller.
    Ingress,
    /// A route of the Gateway API, by its gateway.
    Route,
    /// A port of the pods' own nodes: `hostPort`, or any port of pods on their node's network.
    HostPort,
}

/// Whose address network policies at the pods see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SeenSource {
    /// The client's: within the cluster, and from outside where `externalTrafficPolicy` is
    /// `Local`.
    Client,
    /// A node's, which passes traffic on for any pod (`externalTrafficPolicy` `Cluster`).
    Node,
    /// That of the controller or gateway, which opens connections of its own.
    Proxy,
}

impl<'e> Analysis<'e> {
    /// The ways into the pods of the cluster.
    pub fn entries(&self, cluster: &Cluster<'e>) -> Vec<Entry<'e>> {
        let reader = Reader {
            cluster,
            services: Services::of(cluster, &self.endpoints),
        };
        let mut entries = Vec::new();
        for service in cluster.objects_of("", "Service") {
            entries.extend(reader.service(service));
        }
        entries.extend(ingresses(cluster).map(|ingress| reader.ingress(ingress)));
        entries.extend(routes(cluster).map(|route| reader.route(&route)));
        for workload in self.endpoints.workloads() {
            entries.extend(reader.host_ports(workload));
        }
        entries
    }
}

struct Reader<'c, 'e> {
    cluster: &'c Cluster<'e>,
    services: Services<'c, 'e>,
}
