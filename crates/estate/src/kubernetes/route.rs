//! Routes of the Gateway API and the listeners they are attached to.

use std::ops::Deref;

use palisade_document::Value;

use super::Selector;
use crate::{Cluster, Object, Unknown};

const GROUP: &str = "gateway.networking.k8s.io";

/// The kinds of routes.
const KINDS: [&str; 5] = ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"];

/// A route of any kind. It dereferences to its object.
#[derive(Clone, Copy)]
pub struct Route<'e>(Object<'e>);

/// A listener of a Gateway.
#[derive(Clone, Copy)]
pub struct GatewayListener<'e> {
    /// The Gateway.
    pub gateway: Object<'e>,
    /// The listener in its `spec.listeners`.
    pub body: Value<'e>,
}

impl<'e> Deref for Route<'e> {
    type Target = Object<'e>;

    fn deref(&self) -> &Object<'e> {
        &self.0
    }
}

/// The HTTP routes of a cluster, in the order of the input.
pub fn http_routes<'e>(cluster: &Cluster<'e>) -> impl Iterator<Item = Route<'e>> + use<'e> {
    routes(cluster).filter(|route| route.kind() == "HTTPRoute")
}

/// The routes of every kind, in the order of the input.
pub fn routes<'e>(cluster: &Cluster<'e>) -> impl Iterator<Item = Route<'e>> + use<'e> {
    let objects = cluster.objects();
    objects
        .filter(|object| KINDS.iter().any(|kind| object.is(GROUP, kind)))
        .map(Route)
}

impl<'e> Route<'e> {
    /// The rules.
    pub fn rules(&self) -> impl Iterator<Item = Value<'e>> + use<'e> {
        self.get("spec.rules").into_iter().flat_map(Value::items)
    }

    /// The listeners it is attached to: those that its parent references name and that take its
    /// kind, its namespace and one of its hostnames. Parents other than Gateways are left out.
    pub fn listeners(&self) -> Result<Vec<GatewayListener<'e>>, Unknown> {
        let parents = self.get("spec.parentRefs");
        let mut listeners = Vec::new();
        for parent in parents.into_iter().flat_map(Value::items) {
            if is_gateway(parent) {
                listeners.extend(self.listeners_of(parent)?);
            }
        }
        Ok(listeners)
    }

    fn listeners_of(&self, parent: Value<'e>) -> Result<Vec<GatewayListener<'e>>, Unknown> {
        let text = |key| parent.get(key).map(Value::scalar);
        let namespace = text("namespace").or_else(|| self.namespace());
        let name = text("name").unwrap_or_default();
        let gateway = self.cluster().objects().find(|object| {
            object.is(GROUP, "Gateway") && object.namespace() == namespace && object.name() == name
        });
        let Some(gateway) = gateway else {
            return Err(Unknown::because(
                format!("the Gateway `{name}` that it is attached to isn't in the input"),
                format!(
                    "kubectl get gateway {name} --namespace {} -o yaml",
                    namespace.unwrap_or("default")
                ),
            ));
        };
        let listeners = gateway.get("spec.listeners");
        let listeners = listeners.into_iter().flat_map(Value::items);
        let is_named = |listener: &Value<'e>| {
            same_if_given(parent.get("sectionName"), listener.get("name"))
                && same_if_given(parent.get("port"), listener.get("port"))
        };
        let named = listeners.filter(is_named);
        let mut fitting = Vec::new();
        for listener in named.map(|body| GatewayListener { gateway, body }) {
            let takes = listener.takes_kind(self.kind()) && self.shares_a_hostname(&listener);
            if takes && listener.takes_namespace(self.namespace())? {
                fitting.push(listener);
            }
        }
        Ok(fitting)
    }

    fn shares_a_hostname(&self, listener: &GatewayListener<'e>) -> bool {
        let Some(wanted) = listener.body.get("hostname").map(Value::scalar) else {
            return true;
        };
        let Some(own) = self.get("spec.hostnames") else {
            return true;
        };
        let fits = |hostname: Value<'e>| intersects(wanted, hostname.scalar());
        own.items().len() == 0 || own.items().any(fits)
    }
}

impl<'e> GatewayListener<'e> {
    /// `protocol`: `HTTP`, `HTTPS`, `TLS`, `TCP` or `UDP`.
    pub fn protocol(&self) -> &'e str {
        self.body
            .get("protocol")
            .map(Value::scalar)
            .unwrap_or_default()
    }

    /// Its name.
    pub fn name(&self) -> &'e str {
        self.body.get("name").map(Value::scalar).unwrap_or_default()
    }

    /// Whether it takes routes of a kind: those that `allowedRoutes.kinds` lists, or else those
    /// that its protocol carries (Gateway API, `Listener.protocol` and `RouteGroupKind`).
    fn takes_kind(&self, kind: &str) -> bool {
        let listed = at(self.body, &["allowedRoutes", "kinds"]);
        if let Some(listed) = listed.filter(|list| list.items().len() > 0) {
            let is_kind = |entry: Value<'_>| entry.get("kind").map(Value::scalar) == Some(kind);
            return listed.items().any(is_kind);
        }
        match self.protocol() {
            "HTTP" | "HTTPS" => matches!(kind, "HTTPRoute" | "GRPCRoute"),
            "TLS" => matches!(kind, "TLSRoute" | "TCPRoute"),
            "TCP" => kind == "TCPRoute",
            "UDP" => kind == "UDPRoute",
            // A protocol of the controller's own takes what the controller says.
            _ => true,
        }
    }

    /// Whether it takes routes of a namespace. Where nothing is said it takes those of its own.
    fn takes_namespace(&self, namespace: Option<&str>) -> Result<bool, Unknown> {
        let of_routes = at(self.body, &["allowedRoutes", "namespaces"]);
        let from = of_routes.and_then(|namespaces| namespaces.get("from"));
        match from.map_or("Same", Value::scalar) {
            "All" => Ok(true),
            "Selector" => {
                let written = of_routes.and_then(|namespaces| namespaces.get("selector"));
                let selector = written.map(Selector::read).transpose().map_err(|error| {
                    Unknown::because(
                        format!("a listener's selector is refused: {}", error.message),
                        "correct the selector",
                    )
                })?;
                self.selects(&selector.unwrap_or_default(), namespace)
            }
            "None" => Ok(false),
            _ => Ok(self.gateway.namespace() == namespace),
        }
    }

    fn selects(&self, selector: &Selector<'_>, namespace: Option<&str>) -> Result<bool, Unknown> {
        let name = namespace.unwrap_or_default();
        let cluster = self.gateway.cluster();
        let mut objects = cluster.objects_of("", "Namespace");
        match objects.find(|object| object.name() == name) {
            Some(object) => Ok(selector.matches(|key| match key {
                "kubernetes.io/metadata.name" => Some(name),
                key => object.label(key),
            })),
            None => Err(Unknown::because(
                format!(
                    "the labels of the namespace `{name}`, by which the Gateway `{}` takes routes, aren't in the input",
                    self.gateway.name()
                ),
                format!("kubectl get namespace {name} -o json"),
            )),
        }
    }
}

fn at<'e>(body: Value<'e>, path: &[&str]) -> Option<Value<'e>> {
    path.iter().try_fold(body, |at, key| at.get(key))
}

fn is_gateway(parent: Value<'_>) -> bool {
    let is_default_or = |key, wanted| {
        parent
            .get(key)
            .is_none_or(|value: Value<'_>| value.scalar() == wanted)
    };
    is_default_or("group", GROUP) && is_default_or("kind", "Gateway")
}

fn same_if_given(wanted: Option<Value<'_>>, actual: Option<Value<'_>>) -> bool {
    wanted.is_none_or(|wanted| actual.is_some_and(|actual| actual.scalar() == wanted.scalar()))
}

/// Whether some host fits both names. A wildcard stands for one or more labels.
fn intersects(one: &str, other: &str) -> bool {
    let fits = |pattern: &str, name: &str| {
        pattern
            .strip_prefix('*')
            .is_some_and(|suffix| name.len() > suffix.len() && name.ends_with(suffix))
    };
    one == other || fits(one, other) || fits(other, one)
}
