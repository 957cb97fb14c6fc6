//! How Services reach beyond the cluster.

use palisade_document::{Kind, Value};

use super::is_placeholder;
use crate::{Object, Unknown};

const SOURCE_RANGES: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";
const ALLOWED_RANGES: &str = "service.beta.kubernetes.io/azure-allowed-ip-ranges";
const ALLOWED_TAGS: &str = "service.beta.kubernetes.io/azure-allowed-service-tags";

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

/// Whom a Service lets use its public load balancer, each with its place: ranges as they are
/// written, and service tags. Nobody named means everybody; either is enough to come in.
#[derive(Clone, Debug, Default)]
pub struct AllowedSources<'e> {
    /// The ranges of addresses.
    pub ranges: Vec<(&'e str, Value<'e>)>,
    /// The service tags.
    pub tags: Vec<(&'e str, Value<'e>)>,
}

/// Whom the Service names: in `spec.loadBalancerSourceRanges`, else in the annotation that came
/// before it, and in Azure's own annotations (cloud-provider-azure, `loadbalancer.AccessControl`).
pub fn allowed_sources<'e>(service: &Object<'e>) -> Result<AllowedSources<'e>, Unknown> {
    let listed = |name: &str| -> Vec<_> {
        let list = service.annotation(name);
        list.into_iter().flat_map(entries).collect()
    };
    let field = service.get("spec.loadBalancerSourceRanges");
    let mut ranges: Vec<_> = field
        .into_iter()
        .flat_map(Value::items)
        .map(|value| (value.scalar().trim(), value))
        .collect();
    if ranges.is_empty() {
        ranges = listed(SOURCE_RANGES);
    }
    let own = listed(ALLOWED_RANGES);
    if !ranges.is_empty() && !own.is_empty() {
        return Err(Unknown::because(
            format!(
                "{ALLOWED_RANGES} and the source ranges both name ranges, which the cloud controller refuses"
            ),
            "one of the two",
        ));
    }
    ranges.extend(own);
    let tags = listed(ALLOWED_TAGS);
    match tags
        .iter()
        .find(|(tag, _)| tag.is_empty() || is_placeholder(tag))
    {
        Some((tag, _)) => Err(Unknown::because(
            format!("`{tag}` of {ALLOWED_TAGS} is not a service tag"),
            "correct the value",
        )),
        None => Ok(AllowedSources { ranges, tags }),
    }
}

fn entries<'e>(list: Value<'e>) -> impl Iterator<Item = (&'e str, Value<'e>)> {
    list.scalar()
        .trim()
        .split(',')
        .map(move |entry| (entry.trim(), list))
}
