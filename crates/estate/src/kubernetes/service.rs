//! Services of type LoadBalancer.

use crate::Object;

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
