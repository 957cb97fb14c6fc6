//! HTTP routes of the Gateway API and the listeners they are attached to.

use std::ops::Deref;

use palisade_document::Value;

use crate::{Cluster, Object, Unknown};

const GROUP: &str = "gateway.networking.k8s.io";

/// An HTTPRoute. It dereferences to its object.
#[derive(Clone, Copy)]
pub struct HttpRoute<'e>(Object<'e>);

/// A listener of a Gateway.
#[derive(Clone, Copy)]
pub struct GatewayListener<'e> {
    /// The Gateway.
    pub gateway: Object<'e>,
    /// The listener in its `spec.listeners`.
    pub body: Value<'e>,
}

impl<'e> Deref for HttpRoute<'e> {
    type Target = Object<'e>;

    fn deref(&self) -> &Object<'e> {
        &self.0
    }
}

/// The HTTP routes of a cluster, in the order of the input.
pub fn http_routes<'e>(cluster: &Cluster<'e>) -> impl Iterator<Item = HttpRoute<'e>> + use<'e> {
    let routes = cluster.objects();
    routes
        .filter(|object| object.is(GROUP, "HTTPRoute"))
        .map(HttpRoute)
}

impl<'e> HttpRoute<'e> {
    /// The rules.
    pub fn rules(&self) -> impl Iterator<Item = Value<'e>> + use<'e> {
        self.get("spec.rules").into_iter().flat_map(Value::items)
    }

    /// The listeners it asks to be attached to: those that its parent references name and whose
    /// hostname and namespaces fit. Parents other than Gateways are left out.
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
        Ok(listeners
            .filter(is_named)
            .map(|body| GatewayListener { gateway, body })
            .filter(|listener| self.fits(listener))
            .collect())
    }

    fn fits(&self, listener: &GatewayListener<'e>) -> bool {
        let is_near = listener.gateway.namespace() == self.namespace();
        (is_near || !listener.takes_own_namespace_only()) && self.shares_a_hostname(listener)
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

    /// Whether routes of other namespaces are refused, which is what saying nothing means.
    fn takes_own_namespace_only(&self) -> bool {
        let from = ["allowedRoutes", "namespaces", "from"]
            .iter()
            .try_fold(self.body, |at, key| at.get(key));
        from.is_none_or(|from| from.scalar() == "Same")
    }
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
