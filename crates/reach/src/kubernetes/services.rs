//! Services by name and address, and the pods that they lead to.

use std::collections::HashMap;
use std::net::IpAddr;

use palisade_document::Value;
use palisade_estate::kubernetes::Selector;
use palisade_estate::{Cluster, Object};
use palisade_packet::{AddressSet, PortSet, Set, Traffic, Transport};

use super::service_backend::{self, BackendPort};
use super::{EndpointId, Endpoints};

/// The Services of a cluster; of two with one name the last.
pub(crate) struct Services<'c, 'e> {
    cluster: &'c Cluster<'e>,
    endpoints: &'c Endpoints<'e>,
    by_name: HashMap<(&'e str, String), Object<'e>>,
    by_address: HashMap<IpAddr, Object<'e>>,
}

impl<'c, 'e> Services<'c, 'e> {
    pub(crate) fn of(cluster: &'c Cluster<'e>, endpoints: &'c Endpoints<'e>) -> Self {
        let (mut by_name, mut by_address) = (HashMap::new(), HashMap::new());
        for service in cluster.objects_of("", "Service") {
            let namespace = service.namespace().unwrap_or_default();
            by_name.insert((namespace, service.name()), service);
            let one = service.get("spec.clusterIP").into_iter();
            let several = service.get("spec.clusterIPs").into_iter();
            for address in one.chain(several.flat_map(Value::items)) {
                if let Ok(address) = address.scalar().parse() {
                    by_address.insert(address, service);
                }
            }
        }
        Self {
            cluster,
            endpoints,
            by_name,
            by_address,
        }
    }

    /// The Service of a name.
    pub(crate) fn named(&self, namespace: &str, name: &str) -> Option<Object<'e>> {
        self.by_name.get(&(namespace, name.to_owned())).copied()
    }

    /// The Service of an address in the cluster.
    pub(crate) fn at(&self, address: IpAddr) -> Option<Object<'e>> {
        self.by_address.get(&address).copied()
    }

    /// The pods of a Service with what arrives at them, through one of its ports, by its number
    /// or name, or through all.
    pub(crate) fn backends(
        &self,
        service: Object<'e>,
        port: Option<&str>,
    ) -> Vec<(EndpointId, Traffic)> {
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

    fn arriving(&self, service: Object<'e>, wanted: Option<&str>, id: EndpointId) -> Traffic {
        let address = service.get("spec.clusterIP").map(Value::scalar);
        let is_headless = address == Some("None");
        let mut traffic = Traffic::empty();
        for port in service.get("spec.ports").into_iter().flat_map(Value::items) {
            let given = |name: &str| port.get(name).filter(|value| !value.is_null());
            let protocol = given("protocol").map_or("TCP", Value::scalar);
            let is_wanted = is_wanted(port, wanted);
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

    /// The addresses that are listed for a Service without a selector, with what arrives there
    /// through one of its ports or all.
    pub(crate) fn listed(&self, service: Object<'e>, port: Option<&str>) -> (AddressSet, Traffic) {
        let addresses = service_backend::addresses(self.cluster, &service);
        let ports = service.get("spec.ports").into_iter().flat_map(Value::items);
        let ports = ports.filter(|it| is_wanted(*it, port));
        let traffic = ports
            .filter_map(service_backend::port)
            .filter_map(|(transport, port)| match port {
                BackendPort::Number(number) => {
                    Some(Traffic::to_ports(transport, PortSet::one(number)))
                }
                BackendPort::Named(_) => None,
            })
            .fold(Traffic::empty(), |all, one| all.union(&one));
        (addresses, traffic)
    }

    /// Where the Kubernetes API server answers: the addresses and ports that are listed for the
    /// Service `default/kubernetes`; nothing if they aren't in the input.
    pub(crate) fn api_server(&self) -> (AddressSet, Traffic) {
        let addresses = service_backend::api_server(self.cluster);
        let ports = service_backend::api_server_ports(self.cluster);
        (addresses, Traffic::to_ports(Transport::Tcp, ports))
    }
}

/// Whether a port of a Service is the one of a number or name.
fn is_wanted(port: Value<'_>, wanted: Option<&str>) -> bool {
    wanted.is_none_or(|wanted| {
        let mut keys = ["port", "name"].into_iter();
        keys.any(|key| port.get(key).is_some_and(|value| value.scalar() == wanted))
    })
}
