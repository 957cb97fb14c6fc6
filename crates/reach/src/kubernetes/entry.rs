//! The ways into pods that Services, Ingresses and routes open.

use std::collections::HashMap;

use palisade_document::Value;
use palisade_estate::kubernetes::{
    Selector, ingresses, is_internal_load_balancer, is_load_balancer,
};
use palisade_estate::{Cluster, Object, Unknown};
use palisade_packet::{PortSet, Set, Traffic, Transport};

use super::{Analysis, EndpointId, Endpoints};

/// A way in.
pub struct Entry<'e> {
    /// The Service, Ingress or route that opens it.
    pub object: Object<'e>,
    /// What kind of way it is.
    pub kind: EntryKind,
    /// Whose address network policies at the pods see as the source.
    pub seen: SeenSource,
    /// The pods that it leads to, with the traffic that arrives there: after the Service's port
    /// has become the pod's.
    pub backends: Vec<(EndpointId, Traffic)>,
    /// What the input doesn't tell about it.
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
    /// A Service behind a load balancer inside the network.
    InternalLoadBalancer,
    /// A Service behind a public load balancer.
    PublicLoadBalancer,
    /// An Ingress, by its controller.
    Ingress,
    /// A route of the Gateway API, by its gateway.
    Route,
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

/// The routes of the Gateway API whose backends are Services.
const ROUTES: [&str; 4] = ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute"];
const GATEWAY: &str = "gateway.networking.k8s.io";

impl<'e> Analysis<'e> {
    /// The ways into the pods of the cluster.
    pub fn entries(&self, cluster: &Cluster<'e>) -> Vec<Entry<'e>> {
        let reader = Reader::of(cluster, &self.endpoints);
        let mut entries = Vec::new();
        for service in cluster.objects_of("", "Service") {
            entries.extend(reader.service(service));
        }
        for ingress in ingresses(cluster) {
            entries.push(reader.proxied(*ingress, EntryKind::Ingress, ingress_backends(*ingress)));
        }
        for kind in ROUTES {
            for route in cluster.objects_of(GATEWAY, kind) {
                entries.push(reader.proxied(route, EntryKind::Route, route_backends(route)));
            }
        }
        entries
    }
}

/// A Service as something else names it.
struct Backend<'e> {
    namespace: &'e str,
    name: &'e str,
    /// The port of the Service: its number or its name.
    port: Option<Value<'e>>,
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

    /// The ways that a Service opens. One of type `ExternalName` leads out and opens none.
    fn service(&self, service: Object<'e>) -> Vec<Entry<'e>> {
        let kind = service.get("spec.type").map_or("ClusterIP", Value::scalar);
        let text = |path: &str| service.get(path).map(Value::scalar).unwrap_or_default();
        let inside = match text("spec.clusterIP") {
            "None" => EntryKind::Headless,
            _ => EntryKind::ClusterAddress,
        };
        let from_outside = match text("spec.externalTrafficPolicy") {
            "Local" => SeenSource::Client,
            _ => SeenSource::Node,
        };
        let mut ways = vec![(inside, SeenSource::Client)];
        match kind {
            "ExternalName" => return Vec::new(),
            "NodePort" => ways.push((EntryKind::NodePort, from_outside)),
            "LoadBalancer" => {
                let has_ports = service.get("spec.allocateLoadBalancerNodePorts");
                if has_ports.and_then(Value::as_bool) != Some(false) {
                    ways.push((EntryKind::NodePort, from_outside));
                }
                if is_load_balancer(&service) {
                    let way = match is_internal_load_balancer(&service) {
                        true => EntryKind::InternalLoadBalancer,
                        false => EntryKind::PublicLoadBalancer,
                    };
                    ways.push((way, from_outside));
                }
            }
            _ => {}
        }
        let backends = self.backends(service, None);
        ways.into_iter()
            .map(|(kind, seen)| Entry {
                object: service,
                kind,
                seen,
                backends: backends.clone(),
                unknown: Vec::new(),
            })
            .collect()
    }

    /// A way through a proxy to the Services that an object names.
    fn proxied(&self, object: Object<'e>, kind: EntryKind, named: Vec<Backend<'e>>) -> Entry<'e> {
        let (mut backends, mut unknown) = (Vec::new(), Vec::new());
        for backend in named {
            if !self.is_granted(&object, &backend) {
                continue;
            }
            let key = (backend.namespace, backend.name.to_owned());
            match self.services.get(&key) {
                Some(service) => backends.extend(self.backends(*service, backend.port)),
                None => unknown.push(Unknown::because(
                    format!(
                        "the Service `{}/{}` isn't in the input",
                        backend.namespace, backend.name
                    ),
                    format!(
                        "kubectl get service {} -n {} -o json",
                        backend.name, backend.namespace
                    ),
                )),
            }
        }
        Entry {
            object,
            kind,
            seen: SeenSource::Proxy,
            backends,
            unknown,
        }
    }

    /// Whether a route may name a Service: one of its own namespace, or one whose namespace
    /// grants it with a ReferenceGrant.
    fn is_granted(&self, object: &Object<'e>, backend: &Backend<'e>) -> bool {
        let own = object.namespace().unwrap_or_default();
        if own == backend.namespace {
            return true;
        }
        let grants = self.cluster.objects_of(GATEWAY, "ReferenceGrant");
        let is = |value: Value<'e>, key: &str, wanted: &str| {
            value.get(key).map(Value::scalar).unwrap_or_default() == wanted
        };
        let mut local = grants.filter(|grant| grant.namespace() == Some(backend.namespace));
        local.any(|grant| {
            let list = |path: &str| grant.get(path).into_iter().flat_map(Value::items);
            let is_from = list("spec.from").any(|from| {
                is(from, "group", object.group())
                    && is(from, "kind", object.kind())
                    && is(from, "namespace", own)
            });
            let is_to = list("spec.to").any(|to| {
                let names_it = to.get("name").is_none() || is(to, "name", backend.name);
                is(to, "group", "") && is(to, "kind", "Service") && names_it
            });
            is_from && is_to
        })
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

/// The Services that an Ingress names: of its rules, and its default.
fn ingress_backends(ingress: Object<'_>) -> Vec<Backend<'_>> {
    let rules = ingress.get("spec.rules").into_iter().flat_map(Value::items);
    let paths = rules
        .filter_map(|rule| rule.get("http")?.get("paths"))
        .flat_map(Value::items)
        .filter_map(|path| path.get("backend"));
    let default = ingress.get("spec.defaultBackend");
    let namespace = ingress.namespace().unwrap_or_default();
    paths
        .chain(default)
        .filter_map(|backend| {
            let service = backend.get("service")?;
            let port = service.get("port");
            let port = port.and_then(|port| port.get("number").or_else(|| port.get("name")));
            Some(Backend {
                namespace,
                name: service.get("name")?.scalar(),
                port,
            })
        })
        .collect()
}

/// The Services that a route names.
fn route_backends(route: Object<'_>) -> Vec<Backend<'_>> {
    let rules = route.get("spec.rules").into_iter().flat_map(Value::items);
    let own = route.namespace().unwrap_or_default();
    rules
        .filter_map(|rule| rule.get("backendRefs"))
        .flat_map(Value::items)
        .filter(|reference| {
            let kind = reference.get("kind").map_or("Service", Value::scalar);
            let group = reference.get("group").map_or("", Value::scalar);
            (group, kind) == ("", "Service")
        })
        .filter_map(|reference| {
            Some(Backend {
                namespace: reference.get("namespace").map_or(own, Value::scalar),
                name: reference.get("name")?.scalar(),
                port: reference.get("port"),
            })
        })
        .collect()
}
