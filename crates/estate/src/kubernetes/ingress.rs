//! Ingresses and the controllers that serve them.

use std::ops::Deref;

use palisade_document::Value;

use crate::{Cluster, Object, Unknown};

/// Who serves an Ingress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IngressController<'e> {
    /// The Application Gateway Ingress Controller.
    ApplicationGateway,
    /// The controller of Application Gateway for Containers.
    ApplicationGatewayForContainers,
    /// NGINX of the application routing add-on.
    ApplicationRouting,
    /// ingress-nginx of the Kubernetes project.
    IngressNginx,
    /// Another one, by the name its `IngressClass` gives.
    Other(&'e str),
}

impl<'e> IngressController<'e> {
    /// The controller that an `IngressClass` names in `spec.controller`.
    pub fn named(controller: &'e str) -> Self {
        match controller {
            "azure/application-gateway" => Self::ApplicationGateway,
            "alb.networking.azure.io/alb-controller" => Self::ApplicationGatewayForContainers,
            "k8s.io/ingress-nginx" => Self::IngressNginx,
            name if name.starts_with("webapprouting.kubernetes.azure.com/")
                || name.starts_with("approuting.kubernetes.azure.com/") =>
            {
                Self::ApplicationRouting
            }
            other => Self::Other(other),
        }
    }

    /// The controller of a class whose name Azure itself fixes.
    fn of_well_known_class(class: &str) -> Option<Self> {
        match class {
            "azure/application-gateway" | "azure-application-gateway" => {
                Some(Self::ApplicationGateway)
            }
            "azure-alb-external" => Some(Self::ApplicationGatewayForContainers),
            "webapprouting.kubernetes.azure.com" => Some(Self::ApplicationRouting),
            _ => None,
        }
    }
}

/// An Ingress. It dereferences to its object.
#[derive(Clone, Copy)]
pub struct Ingress<'e>(Object<'e>);

impl<'e> Deref for Ingress<'e> {
    type Target = Object<'e>;

    fn deref(&self) -> &Object<'e> {
        &self.0
    }
}

/// The Ingresses of a cluster, in the order of the input.
pub fn ingresses<'e>(cluster: &Cluster<'e>) -> impl Iterator<Item = Ingress<'e>> + use<'e> {
    cluster.objects().filter_map(Ingress::of)
}

impl<'e> Ingress<'e> {
    /// The Ingress if the object is one.
    pub fn of(object: Object<'e>) -> Option<Self> {
        let is_ingress =
            object.is("networking.k8s.io", "Ingress") || object.is("extensions", "Ingress");
        is_ingress.then_some(Self(object))
    }

    /// The class: the annotation that came before `spec.ingressClassName`, which controllers
    /// still read first, else that setting.
    pub fn class_name(&self) -> Option<Value<'e>> {
        let annotation = self.annotation("kubernetes.io/ingress.class");
        annotation
            .or_else(|| self.get("spec.ingressClassName"))
            .filter(|name| !name.scalar().is_empty())
    }

    /// Who serves it: what the `IngressClass` of its class says, or of the default class.
    pub fn controller(&self) -> Result<IngressController<'e>, Unknown> {
        let Some(name) = self.class_name() else {
            return self.default_controller();
        };
        let name = name.scalar();
        let class = self
            .classes()
            .find(|class| class.name() == name)
            .and_then(|class| class.get("spec.controller"));
        class
            .map(|controller| IngressController::named(controller.scalar()))
            .or_else(|| IngressController::of_well_known_class(name))
            .ok_or_else(|| missing_class(format!("the IngressClass `{name}` isn't in the input")))
    }

    fn default_controller(&self) -> Result<IngressController<'e>, Unknown> {
        let is_default = |class: &Object<'e>| {
            class
                .annotation("ingressclass.kubernetes.io/is-default-class")
                .is_some_and(|value| value.scalar() == "true")
        };
        self.classes()
            .find(is_default)
            .and_then(|class| class.get("spec.controller"))
            .map(|controller| IngressController::named(controller.scalar()))
            .ok_or_else(|| {
                missing_class("it names no class, and no default IngressClass is in the input")
            })
    }

    fn classes(&self) -> impl Iterator<Item = Object<'e>> + use<'e> {
        let objects = self.cluster().objects();
        objects.filter(|object| object.is("networking.k8s.io", "IngressClass"))
    }

    /// The rules.
    pub fn rules(&self) -> impl Iterator<Item = Value<'e>> + use<'e> {
        self.get("spec.rules").into_iter().flat_map(Value::items)
    }

    /// The hosts it serves, each once and in order, empty for any host. Without rules it is the
    /// default backend of any host.
    pub fn hosts(&self) -> Vec<&'e str> {
        let mut hosts: Vec<_> = self
            .rules()
            .map(|rule| rule.get("host").map(Value::scalar).unwrap_or_default())
            .collect();
        if hosts.is_empty() {
            hosts.push("");
        }
        hosts.sort_unstable();
        hosts.dedup();
        hosts
    }

    /// Whether an entry of `spec.tls` covers a host. An entry without hosts leaves them to the
    /// controller, which takes all of them.
    pub fn tls_covers(&self, host: &str) -> bool {
        let mut entries = self.get("spec.tls").into_iter().flat_map(Value::items);
        entries.any(|entry| match entry.get("hosts") {
            Some(hosts) if hosts.items().len() > 0 => {
                hosts.items().any(|pattern| covers(pattern.scalar(), host))
            }
            _ => true,
        })
    }
}

/// Whether a host of a certificate covers a host of a rule: the same, or `*` in place of the
/// first label. A wildcard in the rule is covered by the same wildcard only.
fn covers(pattern: &str, host: &str) -> bool {
    if pattern.eq_ignore_ascii_case(host) {
        return !host.is_empty();
    }
    let Some((_, domain)) = host.split_once('.') else {
        return false;
    };
    pattern
        .strip_prefix("*.")
        .is_some_and(|rest| rest.eq_ignore_ascii_case(domain))
}

fn missing_class(cause: impl Into<String>) -> Unknown {
    Unknown::because(cause, "kubectl get ingressclasses -o yaml")
}
