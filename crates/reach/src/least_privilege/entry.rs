//! Ways in: Services that are open to the outside, and what Ingresses and routes lead to.

use palisade_document::Value;
use palisade_estate::kubernetes::{Ingress, IngressController, pod_template};
use palisade_estate::{Object, Unknown};
use palisade_packet::{AddressSet, Set};

use super::Evidence;
use super::flow::{Collector, End};
use super::party::Party;
use crate::kubernetes::{EngineKind, Entry, EntryKind, SeenSource};

/// A controller of Ingresses, and how its pods are known.
struct Controller {
    /// The name that an `IngressClass` gives.
    name: &'static str,
    /// A label that its charts give them.
    label: (&'static str, &'static str),
    /// The end of the repository of its image.
    repository: &'static str,
}

const CONTROLLERS: [Controller; 5] = [
    Controller {
        name: "k8s.io/ingress-nginx",
        label: ("app.kubernetes.io/name", "ingress-nginx"),
        repository: "ingress-nginx/controller",
    },
    Controller {
        name: "nginx.org/ingress-controller",
        label: ("app.kubernetes.io/name", "nginx-ingress"),
        repository: "nginx/nginx-ingress",
    },
    Controller {
        name: "traefik.io/ingress-controller",
        label: ("app.kubernetes.io/name", "traefik"),
        repository: "traefik",
    },
    Controller {
        name: "ingress-controllers.konghq.com/kong",
        label: ("app.kubernetes.io/name", "kong"),
        repository: "kong",
    },
    Controller {
        name: "haproxy.org/ingress-controller",
        label: ("app.kubernetes.io/name", "kubernetes-ingress"),
        repository: "haproxytech/kubernetes-ingress",
    },
];

/// The label that the pods of a gateway carry (Gateway API, GEP-1762).
const OF_GATEWAY: &str = "gateway.networking.k8s.io/gateway-name";

/// The namespace of the application routing add-on.
const ROUTING: &str = "app-routing-system";

/// Keeps open what the ways in lead to.
pub(super) fn collect(collector: &mut Collector<'_, '_>) {
    for entry in collector.analysis.entries(collector.cluster) {
        let evidence = Evidence {
            at: entry.object.anchor().origin(),
            what: match entry.kind {
                EntryKind::Ingress | EntryKind::Route => entry.object.display_name(),
                kind => format!("{} {}", entry.object.display_name(), opened(kind)),
            },
        };
        let sources = match entry.kind {
            EntryKind::ClusterAddress | EntryKind::Headless => continue,
            EntryKind::NodePort if is_balanced(&entry.object) => continue,
            EntryKind::HostPort => continue,
            EntryKind::Ingress => serving(collector, entry.object),
            EntryKind::Route => gateways(collector, entry.object),
            _ => from_outside(collector, &entry),
        };
        let namespace = entry.object.namespace().unwrap_or_default();
        let name = entry.object.display_name();
        match sources {
            Ok(sources) => lead(collector, &entry, &sources, &evidence),
            Err(cause) => collector.leave(namespace, format!("{name}: {cause}"), &evidence),
        }
        for Unknown { cause, supply, .. } in &entry.unknown {
            let message = format!("{name}: {cause}; add what `{supply}` prints");
            collector.leave(namespace, message, &evidence);
        }
    }
}

/// How a Service is open to the outside.
fn opened(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::PublicLoadBalancer => "behind a public load balancer",
        EntryKind::InternalLoadBalancer => "behind an internal load balancer",
        EntryKind::ExternalAddress => "at external addresses",
        _ => "at a port of the nodes",
    }
}

/// Whether a Service takes ports of nodes only for the sake of its load balancer.
fn is_balanced(service: &Object<'_>) -> bool {
    service.get("spec.type").map(Value::scalar) == Some("LoadBalancer")
}

fn lead(
    collector: &mut Collector<'_, '_>,
    entry: &Entry<'_>,
    sources: &[End],
    evidence: &Evidence,
) {
    let namespace = entry.object.namespace().unwrap_or_default();
    for (pod, traffic) in &entry.backends {
        // To the network of nodes nothing has to be opened but by pods that get policies.
        match collector.end_of(*pod) {
            Ok(end) => {
                for source in sources {
                    collector.keep(source.clone(), end.clone(), traffic, evidence);
                }
            }
            Err(cause) => {
                let name = entry.object.display_name();
                let message = format!("{name} leads to the network of nodes; {cause}");
                collector.leave(namespace, message, evidence);
            }
        }
    }
}

/// Who comes from outside, as policies at the pods see it: the clients, or the node that passes
/// their packets on. Where the subnets of the nodes aren't known, nodes are anywhere outside.
fn from_outside(collector: &Collector<'_, '_>, entry: &Entry<'_>) -> Result<Vec<End>, String> {
    let is_cilium = collector.analysis.engine.kind == EngineKind::Cilium;
    let end = match (entry.seen, &collector.nodes) {
        (SeenSource::Node, Ok(nodes)) => nodes.clone(),
        (SeenSource::Node, Err(cause)) if is_cilium => {
            return Err(format!(
                "a node passes its packets on (externalTrafficPolicy Cluster); {cause}"
            ));
        }
        (SeenSource::Node, Err(_)) => collector.outside(&AddressSet::full()),
        _ => collector.outside(&entry.clients),
    };
    Ok(vec![end])
}

/// The pods of the controller that serves an Ingress.
fn serving(collector: &Collector<'_, '_>, object: Object<'_>) -> Result<Vec<End>, String> {
    let Some(ingress) = Ingress::of(object) else {
        return Ok(Vec::new());
    };
    let known = |name: &str| CONTROLLERS.iter().find(|known| known.name == name);
    match ingress.controller() {
        Ok(
            IngressController::ApplicationGateway
            | IngressController::ApplicationGatewayForContainers,
        ) => Err(
            "packets come from the subnet of the Application Gateway: open that by address"
                .to_owned(),
        ),
        Ok(IngressController::ApplicationRouting) => {
            let pods = collector.pods_of(ROUTING, |party| has(party, ("app", "nginx")));
            found(pods, || {
                format!(
                    "the pods of the application routing add-on aren't in the input; add what `kubectl get pods -n {ROUTING} -o json` prints"
                )
            })
        }
        Ok(controller) => {
            let name = match controller {
                IngressController::Other(name) => name,
                _ => "k8s.io/ingress-nginx",
            };
            let Some(controller) = known(name) else {
                return Err(format!(
                    "which pods are its controller `{name}` isn't known"
                ));
            };
            found(collector.pods_of_controller(controller), || {
                format!("the pods of its controller `{name}` aren't in the input")
            })
        }
        Err(unknown) => only_controller(collector).ok_or(unknown.cause),
    }
}

/// The pods of the one controller that the input holds, if it holds one.
fn only_controller(collector: &Collector<'_, '_>) -> Option<Vec<End>> {
    let mut there = CONTROLLERS
        .iter()
        .map(|controller| collector.pods_of_controller(controller))
        .filter(|pods| !pods.is_empty());
    let only = there.next()?;
    there.next().is_none().then_some(only)
}

/// The pods of the Gateways that a route is attached to.
fn gateways(collector: &Collector<'_, '_>, route: Object<'_>) -> Result<Vec<End>, String> {
    let own = route.namespace().unwrap_or_default();
    let parents = route
        .get("spec.parentRefs")
        .into_iter()
        .flat_map(Value::items);
    let mut ends = Vec::new();
    for parent in parents {
        let text = |key: &str| parent.get(key).map(Value::scalar);
        if text("kind").is_some_and(|kind| kind != "Gateway") {
            continue;
        }
        let (Some(name), namespace) = (text("name"), text("namespace").unwrap_or(own)) else {
            continue;
        };
        let pods = collector.pods_of(namespace, |party| has(party, (OF_GATEWAY, name)));
        let missing = || format!("the pods of Gateway/{name} aren't in the input");
        ends.extend(found(pods, missing)?);
    }
    Ok(ends)
}

pub(super) fn has(party: &Party<'_>, label: (&str, &str)) -> bool {
    party.labels.contains(&label)
}

fn found(pods: Vec<End>, missing: impl Fn() -> String) -> Result<Vec<End>, String> {
    match pods.is_empty() {
        true => Err(missing()),
        false => Ok(pods),
    }
}

impl Collector<'_, '_> {
    /// The parties that are wanted, in whatever namespace.
    pub(super) fn pods_where(&self, is_wanted: impl Fn(&Party<'_>) -> bool) -> Vec<End> {
        let list = self.parties.list.iter().enumerate();
        list.filter(|(_, party)| is_wanted(party))
            .map(|(number, _)| End::Party(number))
            .collect()
    }

    /// The parties of a namespace that are wanted.
    pub(super) fn pods_of(
        &self,
        namespace: &str,
        is_wanted: impl Fn(&Party<'_>) -> bool,
    ) -> Vec<End> {
        match self.analysis.endpoints.namespace(namespace) {
            Some(own) => self.pods_where(|party| party.namespace == own && is_wanted(party)),
            None => Vec::new(),
        }
    }

    /// The pods of a controller, by their label or image.
    fn pods_of_controller(&self, controller: &Controller) -> Vec<End> {
        let workloads = self.analysis.endpoints.workloads();
        self.pods_where(|party| {
            let mut own = party.workloads.iter().map(|&number| &workloads[number]);
            has(party, controller.label)
                || own.any(|workload| runs(workload.object, controller.repository))
        })
    }
}

/// Whether a workload runs an image whose repository ends so.
fn runs(workload: Object<'_>, repository: &str) -> bool {
    let Some(template) = pod_template(workload) else {
        return false;
    };
    let mut images = template
        .containers()
        .filter_map(|container| container.get("image"));
    images.any(|image| {
        let image = image.scalar().split('@').next().unwrap_or_default();
        // A colon before the last slash is that of a registry's port.
        let name = match image.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => name,
            _ => image,
        };
        let before = name.strip_suffix(repository);
        before.is_some_and(|before| before.is_empty() || before.ends_with('/'))
    })
}
