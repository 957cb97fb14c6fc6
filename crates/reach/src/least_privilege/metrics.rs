//! Metrics that the pods of a Prometheus fetch: pods annotated with `prometheus.io/scrape`, and
//! those that a ServiceMonitor or PodMonitor selects.

use palisade_document::Value;
use palisade_estate::Object;
use palisade_estate::kubernetes::{Selector, pod_template};
use palisade_packet::{PortSet, Traffic, Transport};

use super::Evidence;
use super::entry::has;
use super::flow::{Collector, End};
use crate::kubernetes::{Endpoint, EndpointId};

/// Labels of the pods of a Prometheus, as its charts and its operator give them.
const SCRAPERS: [(&str, &str); 2] = [
    ("app.kubernetes.io/name", "prometheus"),
    ("app", "prometheus"),
];

/// The workloads of Azure's own Prometheus, in `kube-system`.
const OF_AZURE: [&str; 2] = ["/ama-metrics", "/ama-metrics-node"];

/// The API groups of monitors: that of the Prometheus operator, and of Azure's own Prometheus.
const GROUPS: [&str; 2] = ["monitoring.coreos.com", "azmonitoring.coreos.com"];

/// Keeps open what a Prometheus fetches.
pub(super) fn collect(collector: &mut Collector<'_, '_>) {
    let is_of_azure = |name: &str| OF_AZURE.iter().any(|ending| name.ends_with(ending));
    let mut scrapers =
        collector.pods_where(|party| SCRAPERS.iter().any(|label| has(party, *label)));
    scrapers.extend(collector.pods_of("kube-system", |party| is_of_azure(&party.name)));
    scrapers.sort();
    scrapers.dedup();
    annotated(collector, &scrapers);
    for group in GROUPS {
        for monitor in collector.cluster.objects_of(group, "ServiceMonitor") {
            service_monitor(collector, monitor, &scrapers);
        }
        for monitor in collector.cluster.objects_of(group, "PodMonitor") {
            pod_monitor(collector, monitor, &scrapers);
        }
    }
}

fn annotated(collector: &mut Collector<'_, '_>, scrapers: &[End]) {
    let analysis = collector.analysis;
    for workload in analysis.endpoints.workloads() {
        let template = pod_template(workload.object);
        let metadata = template.and_then(|template| template.metadata);
        let Some(annotations) = metadata.and_then(|metadata| metadata.get("annotations")) else {
            continue;
        };
        let Some(scrape) = annotations.get("prometheus.io/scrape") else {
            continue;
        };
        if scrape.scalar() != "true" {
            continue;
        }
        let evidence = Evidence {
            at: scrape.origin(),
            what: format!("prometheus.io/scrape of {}", workload.object.display_name()),
        };
        let port = annotations.get("prometheus.io/port").map(Value::scalar);
        for &id in &workload.endpoints {
            let traffic = match port.map(str::parse::<u16>) {
                Some(Ok(port)) => Traffic::to_ports(Transport::Tcp, PortSet::one(port)),
                _ => declared(analysis.endpoints.get(id), |_| true),
            };
            open(
                collector,
                workload.namespace,
                scrapers,
                (id, &traffic),
                &evidence,
            );
        }
    }
}

/// The TCP ports of containers with a name that is wanted.
fn declared(endpoint: &Endpoint<'_>, is_wanted: impl Fn(&str) -> bool) -> Traffic {
    let ports = endpoint.ports.iter();
    let ports = ports.filter(|port| port.transport == Transport::Tcp && is_wanted(port.name));
    let numbers: PortSet = ports.map(|port| (port.number, port.number)).collect();
    Traffic::to_ports(Transport::Tcp, numbers)
}

fn open(
    collector: &mut Collector<'_, '_>,
    namespace: &str,
    scrapers: &[End],
    (pod, traffic): (EndpointId, &Traffic),
    evidence: &Evidence,
) {
    if scrapers.is_empty() {
        let message = "metrics are offered, and no Prometheus that fetches them is in the input";
        collector.leave(namespace, message, evidence);
    }
    // Nodes are reached whatever the policies of a namespace say.
    if let Ok(end @ End::Party(_)) = collector.end_of(pod) {
        for scraper in scrapers {
            collector.keep(scraper.clone(), end.clone(), traffic, evidence);
        }
    }
}

/// The Services of its namespaces that a monitor selects, through the ports that it names.
fn service_monitor<'e>(collector: &mut Collector<'_, 'e>, monitor: Object<'e>, scrapers: &[End]) {
    let Some(selector) = selector(monitor) else {
        return;
    };
    let evidence = evidence(monitor);
    let services = collector.cluster.objects_of("", "Service");
    let selected = services.filter(|service| {
        is_within(monitor, service.namespace().unwrap_or_default())
            && selector.matches(|key| service.label(key))
    });
    for service in selected {
        for endpoint in monitor
            .get("spec.endpoints")
            .into_iter()
            .flat_map(Value::items)
        {
            let Some(port) = endpoint.get("port").map(Value::scalar) else {
                continue;
            };
            let namespace = service.namespace().unwrap_or_default();
            for (pod, traffic) in collector.services.backends(service, Some(port)) {
                open(collector, namespace, scrapers, (pod, &traffic), &evidence);
            }
        }
    }
}

/// The pods of its namespaces that a monitor selects, at the ports that it names.
fn pod_monitor<'e>(collector: &mut Collector<'_, 'e>, monitor: Object<'e>, scrapers: &[End]) {
    let Some(selector) = selector(monitor) else {
        return;
    };
    let evidence = evidence(monitor);
    let analysis = collector.analysis;
    let namespaces = analysis.endpoints.namespaces();
    for (id, endpoint) in analysis.endpoints.iter() {
        let Some(namespace) = endpoint.namespace.map(|number| namespaces[number].name) else {
            continue;
        };
        if !is_within(monitor, namespace) || !selector.matches(|key| endpoint.labels.get(key)) {
            continue;
        }
        let written = monitor.get("spec.podMetricsEndpoints");
        for written in written.into_iter().flat_map(Value::items) {
            let name = written.get("port").map(Value::scalar);
            let number = written.get("portNumber").and_then(Value::as_i64);
            let traffic = match number.and_then(|number| u16::try_from(number).ok()) {
                Some(number) => Traffic::to_ports(Transport::Tcp, PortSet::one(number)),
                None => declared(endpoint, |port| name == Some(port)),
            };
            open(collector, namespace, scrapers, (id, &traffic), &evidence);
        }
    }
}

fn evidence(monitor: Object<'_>) -> Evidence {
    Evidence {
        at: monitor.anchor().origin(),
        what: monitor.display_name(),
    }
}

fn selector(monitor: Object<'_>) -> Option<Selector<'_>> {
    Selector::read(monitor.get("spec.selector")?).ok()
}

/// Whether a monitor looks into a namespace: its own, unless it names others or any.
fn is_within(monitor: Object<'_>, namespace: &str) -> bool {
    let any = monitor.get("spec.namespaceSelector.any");
    let names = monitor.get("spec.namespaceSelector.matchNames");
    let mut names = names.into_iter().flat_map(Value::items).peekable();
    if any.and_then(Value::as_bool) == Some(true) {
        true
    } else if names.peek().is_some() {
        names.any(|name| name.scalar() == namespace)
    } else {
        monitor.namespace() == Some(namespace)
    }
}
