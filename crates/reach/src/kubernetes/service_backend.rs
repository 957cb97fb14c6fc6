//! What stands behind a Service.

use std::net::IpAddr;

use palisade_document::Value;
use palisade_estate::kubernetes::Selector;
use palisade_estate::{Cluster, Coverage, Object};
use palisade_packet::{AddressSet, PortSet, Transport};

use super::EndpointSet;
use super::translator::Translator;

/// The Service of a name; why it isn't known otherwise. Nothing if the cluster has none.
pub(super) fn service<'e>(
    cluster: &Cluster<'e>,
    namespace: &str,
    name: &str,
) -> Result<Option<Object<'e>>, String> {
    let mut services = cluster.objects_of("", "Service");
    let found =
        services.find(|service| service.name() == name && service.namespace() == Some(namespace));
    match found {
        Some(service) => Ok(Some(service)),
        None if cluster.coverage(&[("", "Service")]) == Coverage::Complete => Ok(None),
        None => Err(format!(
            "the Service `{namespace}/{name}` isn't in the input"
        )),
    }
}

/// The pods that a Service selects; nothing if it has no selector.
pub(super) fn pods<'e>(service: &Object<'e>, translator: &Translator<'e>) -> Option<EndpointSet> {
    let labels = service.get("spec.selector")?;
    if labels.entries().len() == 0 {
        return None;
    }
    let selector = Selector::of_labels(labels);
    let namespace = service.namespace().unwrap_or_default();
    Some(translator.pods_in(namespace, &selector).certain)
}

/// The addresses that EndpointSlices and Endpoints list for a Service without a selector.
pub(super) fn addresses(cluster: &Cluster<'_>, service: &Object<'_>) -> AddressSet {
    listed(cluster, service.namespace(), &service.name())
}

/// Where the Kubernetes API server answers: the addresses of the Service `default/kubernetes`.
/// None if they aren't in the input.
pub(super) fn api_server(cluster: &Cluster<'_>) -> AddressSet {
    listed(cluster, Some("default"), "kubernetes")
}

/// At which ports the Kubernetes API server answers there. None if they aren't in the input.
pub(super) fn api_server_ports(cluster: &Cluster<'_>) -> PortSet {
    let of_slices = slices(cluster, Some("default"), "kubernetes")
        .filter_map(|slice| slice.get("ports"))
        .flat_map(Value::items);
    let of_lists = lists(cluster, Some("default"), "kubernetes")
        .filter_map(|list| list.get("subsets"))
        .flat_map(Value::items)
        .filter_map(|subset| subset.get("ports"))
        .flat_map(Value::items);
    of_slices
        .chain(of_lists)
        .filter_map(|port| u16::try_from(port.get("port")?.as_i64()?).ok())
        .map(|port| (port, port))
        .collect()
}

/// The EndpointSlices of a Service.
fn slices<'e>(
    cluster: &Cluster<'e>,
    namespace: Option<&str>,
    name: &str,
) -> impl Iterator<Item = Object<'e>> {
    let slices = cluster.objects_of("discovery.k8s.io", "EndpointSlice");
    slices.filter(move |slice| {
        slice.namespace() == namespace && slice.label("kubernetes.io/service-name") == Some(name)
    })
}

/// The Endpoints of a Service.
fn lists<'e>(
    cluster: &Cluster<'e>,
    namespace: Option<&str>,
    name: &str,
) -> impl Iterator<Item = Object<'e>> {
    let lists = cluster.objects_of("", "Endpoints");
    lists.filter(move |list| list.namespace() == namespace && list.name() == name)
}

fn listed(cluster: &Cluster<'_>, namespace: Option<&str>, name: &str) -> AddressSet {
    let of_slices = slices(cluster, namespace, name)
        .filter_map(|slice| slice.get("endpoints"))
        .flat_map(Value::items)
        .filter_map(|endpoint| endpoint.get("addresses"))
        .flat_map(Value::items)
        .map(Value::scalar);
    let of_lists = lists(cluster, namespace, name)
        .filter_map(|list| list.get("subsets"))
        .flat_map(Value::items)
        .filter_map(|subset| subset.get("addresses"))
        .flat_map(Value::items)
        .filter_map(|address| address.get("ip"))
        .map(Value::scalar);
    of_slices
        .chain(of_lists)
        .filter_map(|text| text.parse::<IpAddr>().ok())
        .map(AddressSet::from)
        .collect()
}

/// The ports of a Service's backends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BackendPort<'e> {
    /// The same for all.
    Number(u16),
    /// The container port of this name.
    Named(&'e str),
}

/// The protocol and port at the backends of each port of a Service.
pub(super) fn ports<'e>(service: &Object<'e>) -> Vec<(Transport, BackendPort<'e>)> {
    let written = service.get("spec.ports").into_iter().flat_map(Value::items);
    written.filter_map(port).collect()
}

/// The protocol and port at the backends of one port of a Service.
pub(super) fn port(port: Value<'_>) -> Option<(Transport, BackendPort<'_>)> {
    let given = |name: &str| port.get(name).filter(|value| !value.is_null());
    let transport = Transport::named(given("protocol").map_or("TCP", Value::scalar))?;
    let target = given("targetPort").or_else(|| given("port"))?;
    let number = target
        .as_i64()
        .and_then(|number| u16::try_from(number).ok());
    let backend = match number {
        Some(number) => BackendPort::Number(number),
        None => BackendPort::Named(target.scalar()),
    };
    Some((transport, backend))
}

/// The ports of a protocol that backends of a Service listen on, for one pod.
pub(super) fn ports_at(
    ports: &[(Transport, BackendPort<'_>)],
    transport: Transport,
    pod: &super::Endpoint<'_>,
) -> PortSet {
    let own = ports.iter().filter(|(known, _)| *known == transport);
    own.filter_map(|(_, port)| match port {
        BackendPort::Number(number) => Some((*number, *number)),
        BackendPort::Named(name) => {
            let mut named = pod.ports.iter();
            let found = named.find(|own| own.name == *name && own.transport == transport)?;
            Some((found.number, found.number))
        }
    })
    .collect()
}
