//! The ways into pods: Services, Ingresses, routes of the Gateway API, and ports of nodes that
//! containers take.

mod host_port;
mod proxied;
mod service;

use std::collections::HashMap;

use palisade_document::Value;
use palisade_estate::kubernetes::{Selector, ingresses, routes};
use palisade_estate::{Cluster, Object, Unknown};
use palisade_packet::{AddressSet, PortSet, Set, Traffic, Transport};

use super::{Analysis, EndpointId, Endpoints};

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
        let reader = Reader::of(cluster, &self.endpoints);
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
    endpoints: &'c Endpoints<'e>,
    services: HashMap<(&'e str, String), Object<'e>>,
}

impl<'c, 'e> Reader<'c, 'e> {
    fn of(cluster: &'c Cluster<'e>, endpoints: &'c Endpoints<'e>) -> Self {
        let services = cluster.objects_of("", "Service");
        let services = services.map(|service| {
            (
                (service.namespace().unwrap_or_default(), service.name()),
                service,
            )
        });
        Self {
            cluster,
            endpoints,
            services: services.collect(),
        }
    }

    /// The pods of a Service with what arrives at them, through one of its ports or all.
    fn backends(&self, service: Object<'e>, port: Option<Value<'e>>) -> Vec<(EndpointId, Traffic)> {
        let Some(labels) = service.get("spec.selector") else {
            return Vec::new();
        };
        let namespace = service.namespace().unwrap_or_default();
        let Some(number) = self.endpoints.namespace(namespace) else {
            return Vec::new();
        };
        let selector = Selector::of_labels(labels);
        let mut backends = Vec::new();
        for id in self.endpoints.every_pod_of(number) {
            let own = &self.endpoints.get(id).labels;
            if selector.is_empty() || !selector.matches(|key| own.get(key)) {
                continue;
            }
            let traffic = self.arriving(service, port, id);
            if !traffic.is_empty() {
                backends.push((id, traffic));
            }
        }
        backends
    }

    fn arriving(&self, service: Object<'e>, wanted: Option<Value<'e>>, id: EndpointId) -> Traffic {
        let address = service.get("spec.clusterIP").map(Value::scalar);
        let is_headless = address == Some("None");
        let mut traffic = Traffic::empty();
        for port in service.get("spec.ports").into_iter().flat_map(Value::items) {
            let given = |name: &str| port.get(name).filter(|value| !value.is_null());
            let is_wanted = wanted.is_none_or(|wanted| {
                ["port", "name"]
                    .iter()
                    .any(|key| given(key).is_some_and(|value| value.scalar() == wanted.scalar()))
            });
            let protocol = given("protocol").map_or("TCP", Value::scalar);
            let Some(transport) = Transport::named(protocol).filter(|_| is_wanted) else {
                continue;
            };
            // The name of a headless Service leads to the pods themselves: nothing turns its port
            // into theirs.
            let mapped = given("targetPort").filter(|_| !is_headless);
            let target = mapped.or_else(|| given("port"));
            let number = target.and_then(|target| self.number(target, transport, id));
            if let Some(number) = number {
                let more = Traffic::to_ports(transport, PortSet::one(number));
                traffic = traffic.union(&more);
            }
        }
        traffic
    }

    /// The number of a target port at a pod.
    fn number(&self, target: Value<'e>, transport: Transport, id: EndpointId) -> Option<u16> {
        if let Some(number) = target.as_i64() {
            return u16::try_from(number).ok();
        }
        let ports = self.endpoints.get(id).ports.iter();
        let mut named = ports.filter(|port| port.transport == transport);
        named
            .find(|port| port.name == target.scalar())
            .map(|port| port.number)
    }
}
