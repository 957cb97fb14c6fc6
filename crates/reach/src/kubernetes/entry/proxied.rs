//! Ways through a proxy: Ingresses, and routes of the Gateway API.

use std::collections::HashSet;

use palisade_document::Value;
use palisade_estate::kubernetes::{GatewayListener, Ingress, Route};
use palisade_estate::{Coverage, Object, Unknown};
use palisade_packet::{AddressSet, PortSet, Set, Traffic, Transport};

use super::{Entry, EntryKind, Reader, SeenSource};

const GATEWAY: &str = "gateway.networking.k8s.io";

/// A Service as something else names it.
struct Backend<'e> {
    namespace: &'e str,
    name: &'e str,
    /// The port of the Service: its number or its name.
    port: Option<Value<'e>>,
}

/// Whether a route may name a Service.
enum Grant {
    Given,
    Missing,
    /// The namespace may grant it in an object that isn't in the input.
    Open,
}

impl<'e> Reader<'_, 'e> {
    /// The way that an Ingress opens, at port 80 and with `tls` at 443 (Kubernetes documentation
    /// of Ingress).
    pub(super) fn ingress(&self, ingress: Ingress<'e>) -> Entry<'e> {
        let has_tls = ingress
            .get("spec.tls")
            .is_some_and(|tls| tls.items().len() > 0);
        let ports = [(80, 80)].into_iter().chain(has_tls.then_some((443, 443)));
        let front = Traffic::to_ports(Transport::Tcp, ports.collect());
        let mut entry = proxied(*ingress, EntryKind::Ingress, front);
        self.lead_to(ingress_backends(*ingress), &mut entry);
        entry
    }

    /// The way that a route opens: it leads somewhere if a listener of a Gateway takes it.
    pub(super) fn route(&self, route: &Route<'e>) -> Entry<'e> {
        let mut entry = proxied(**route, EntryKind::Route, Traffic::empty());
        match route.listeners() {
            Ok(listeners) if listeners.is_empty() => return entry,
            Ok(listeners) => entry.front = ports(&listeners),
            Err(unknown) => {
                entry.front = Traffic::all_ports();
                entry.unknown.push(unknown);
            }
        }
        self.lead_to(route_backends(**route), &mut entry);
        entry
    }

    fn lead_to(&self, named: Vec<Backend<'e>>, entry: &mut Entry<'e>) {
        let mut seen = HashSet::new();
        for backend in named {
            match self.grant(&entry.object, &backend) {
                Grant::Given => {}
                Grant::Missing => continue,
                Grant::Open => {
                    entry.unknown.push(Unknown::because(
                        format!(
                            "no ReferenceGrant in the input lets it name the Service `{}/{}`, and there may be one",
                            backend.namespace, backend.name
                        ),
                        format!("kubectl get referencegrants -n {} -o json", backend.namespace),
                    ));
                    continue;
                }
            }
            let port = backend.port.map(Value::scalar);
            if !seen.insert((backend.namespace, backend.name, port)) {
                continue;
            }
            match self.services.named(backend.namespace, backend.name) {
                Some(service) => entry.backends.extend(self.services.backends(service, port)),
                None => entry.unknown.push(Unknown::because(
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
    }

    /// A route may name the Services of its own namespace, and those of another that grants it
    /// with a ReferenceGrant.
    fn grant(&self, object: &Object<'e>, backend: &Backend<'e>) -> Grant {
        let own = object.namespace().unwrap_or_default();
        if own == backend.namespace {
            return Grant::Given;
        }
        let grants = self.cluster.objects_of(GATEWAY, "ReferenceGrant");
        let is = |value: Value<'e>, key: &str, wanted: &str| {
            value.get(key).map(Value::scalar).unwrap_or_default() == wanted
        };
        let mut local = grants.filter(|grant| grant.namespace() == Some(backend.namespace));
        let is_given = local.any(|grant| {
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
        });
        let coverage = || self.cluster.coverage(&[(GATEWAY, "ReferenceGrant")]);
        match is_given {
            true => Grant::Given,
            false if coverage() == Coverage::Complete => Grant::Missing,
            false => Grant::Open,
        }
    }
}

fn proxied(object: Object<'_>, kind: EntryKind, front: Traffic) -> Entry<'_> {
    Entry {
        object,
        kind,
        clients: AddressSet::full(),
        front,
        seen: SeenSource::Proxy,
        backends: Vec::new(),
        unknown: Vec::new(),
    }
}

/// Where listeners listen.
fn ports(listeners: &[GatewayListener<'_>]) -> Traffic {
    let ports = listeners.iter().filter_map(|listener| {
        let number = u16::try_from(listener.body.get("port")?.as_i64()?).ok()?;
        let transport = match listener.protocol() {
            "UDP" => Transport::Udp,
            _ => Transport::Tcp,
        };
        Some(Traffic::to_ports(transport, PortSet::one(number)))
    });
    ports.fold(Traffic::empty(), |all, next| all.union(&next))
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
