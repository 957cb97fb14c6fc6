//! The ways that a Service opens.

use ipnet::IpNet;
use palisade_document::Value;
use palisade_estate::kubernetes::{
    allowed_sources, external_addresses, is_internal_load_balancer, is_load_balancer,
};
use palisade_estate::{Object, Unknown};
use palisade_packet::{AddressSet, PortSet, Set, Traffic, Transport};

use super::{Entry, EntryKind, Reader, SeenSource};

/// The ports that clusters give Services on their nodes where these name none
/// (`--service-node-port-range` of the API server, which AKS leaves at its default).
const NODE_PORTS: (u16, u16) = (30000, 32767);

impl<'e> Reader<'_, 'e> {
    /// The ways that a Service opens. One of type `ExternalName` leads out and opens none.
    pub(super) fn service(&self, service: Object<'e>) -> Vec<Entry<'e>> {
        let text = |path: &str| service.get(path).map(Value::scalar).unwrap_or_default();
        let kind = text("spec.type");
        if kind == "ExternalName" {
            return Vec::new();
        }
        let inside = match text("spec.clusterIP") {
            "None" => EntryKind::Headless,
            _ => EntryKind::ClusterAddress,
        };
        let from_outside = match text("spec.externalTrafficPolicy") {
            "Local" => SeenSource::Client,
            _ => SeenSource::Node,
        };
        let backends = self.services.backends(service, None);
        let way = |kind, seen| Entry {
            object: service,
            kind,
            clients: AddressSet::full(),
            front: fronts(&service, kind == EntryKind::NodePort),
            seen,
            backends: backends.clone(),
            unknown: Vec::new(),
        };
        let mut ways = vec![way(inside, SeenSource::Client)];
        let takes_node_ports = service
            .get("spec.allocateLoadBalancerNodePorts")
            .and_then(Value::as_bool)
            != Some(false);
        if kind == "NodePort" || (kind == "LoadBalancer" && takes_node_ports) {
            ways.push(way(EntryKind::NodePort, from_outside));
        }
        if is_load_balancer(&service) {
            let kind = match is_internal_load_balancer(&service) {
                true => EntryKind::InternalLoadBalancer,
                false => EntryKind::PublicLoadBalancer,
            };
            let mut balanced = way(kind, from_outside);
            limit(&mut balanced);
            ways.push(balanced);
        }
        match external_addresses(&service) {
            Ok(addresses) if addresses.is_empty() => {}
            Ok(_) => ways.push(way(EntryKind::ExternalAddress, from_outside)),
            Err(unknown) => {
                let mut external = way(EntryKind::ExternalAddress, from_outside);
                external.unknown.push(unknown);
                ways.push(external);
            }
        }
        ways
    }
}

/// What clients send to a Service: to its own ports, or to those that it takes on nodes.
fn fronts(service: &Object<'_>, on_nodes: bool) -> Traffic {
    let ports = service.get("spec.ports").into_iter().flat_map(Value::items);
    let fronts = ports.filter_map(|port| {
        let given = |name: &str| port.get(name).filter(|value| !value.is_null());
        let transport = Transport::named(given("protocol").map_or("TCP", Value::scalar))?;
        let number = |name| u16::try_from(given(name)?.as_i64()?).ok();
        let numbers = match on_nodes {
            false => PortSet::one(number("port")?),
            true => number("nodePort")
                .filter(|number| *number > 0)
                .map_or_else(|| PortSet::range(NODE_PORTS.0, NODE_PORTS.1), PortSet::one),
        };
        Some(Traffic::to_ports(transport, numbers))
    });
    fronts.fold(Traffic::empty(), |all, next| all.union(&next))
}

/// Takes away the clients that the load balancer keeps out. Only its own address is limited so:
/// the ports of nodes stay open to all.
fn limit(entry: &mut Entry<'_>) {
    let sources = match allowed_sources(&entry.object) {
        Ok(sources) => sources,
        Err(unknown) => {
            entry.unknown.push(unknown);
            return;
        }
    };
    if sources.ranges.is_empty() && sources.tags.is_empty() {
        return;
    }
    let mut clients = AddressSet::empty();
    for (text, _) in &sources.ranges {
        match text.parse::<IpNet>() {
            Ok(range) => clients = clients.union(&range.into()),
            Err(_) => entry.unknown.push(Unknown::because(
                format!("the source range `{text}` isn't a range of addresses"),
                "correct the range",
            )),
        }
    }
    for (tag, _) in &sources.tags {
        entry.unknown.push(Unknown::because(
            format!(
                "the addresses of the service tag `{tag}`, which it lets in, aren't known here"
            ),
            "source ranges in place of the tag",
        ));
    }
    entry.clients = clients;
}
