//! How Services reach beyond the cluster.

use palisade_document::{Kind, Value};

use crate::{Object, Unknown};

/// Whether a Service asks Azure for a load balancer. One with a `loadBalancerClass` is left to
/// the controller of that class.
pub fn is_load_balancer(service: &Object<'_>) -> bool {
    service.is("", "Service")
        && service
            .get("spec.type")
            .is_some_and(|kind| kind.scalar() == "LoadBalancer")
        && service.get("spec.loadBalancerClass").is_none()
}

/// Whether the load balancer is inside the network. Only the annotation with the exact value
/// `true` makes it so (cloud-provider-azure, `pkg/consts`, 2026).
pub fn is_internal_load_balancer(service: &Object<'_>) -> bool {
    let annotation = service.annotation("service.beta.kubernetes.io/azure-load-balancer-internal");
    annotation.is_some_and(|value| value.scalar() == "true")
}

/// The addresses of `spec.externalIPs`: nodes take packets to them wherever they come from.
pub fn external_addresses<'e>(service: &Object<'e>) -> Result<Vec<Value<'e>>, Unknown> {
    match service.get("spec.externalIPs") {
        None => Ok(Vec::new()),
        Some(list) if list.kind() == Kind::Array => Ok(list.items().collect()),
        Some(_) => Err(Unknown::because(
            "spec.externalIPs is not a list, which the API server refuses",
            "correct the value",
        )),
    }
}
