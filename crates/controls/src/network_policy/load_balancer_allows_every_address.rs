use ipnet::IpNet;
use palisade_document::Value;
use palisade_estate::kubernetes::{
    AllowedSources, allowed_sources, is_internal_load_balancer, is_load_balancer, is_placeholder,
};
use palisade_estate::{Object, Unknown};

use super::address_range::hold_every_address;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NP014",
    name: "load-balancer-allows-every-address",
    title: "every public load balancer names the addresses that may use it",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    equivalents: &[Framework::KubeLinter.id("exposed-services")],
    parameters: &[],
    page: include_str!("load_balancer_allows_every_address.md"),
    check,
};

const INTERNAL: &str = "service.beta.kubernetes.io/azure-load-balancer-internal";

fn check(context: &Context<'_>, findings: &mut Findings) {
    for service in context.estate.objects().filter(is_load_balancer) {
        if let Err(unknown) = judge(service, findings) {
            findings.unknown(service, unknown);
        }
    }
}

fn judge(service: Object<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    if is_internal_load_balancer(&service) {
        findings.pass(service, "the load balancer is inside the network");
        return Ok(());
    }
    require_plain_annotation(&service)?;
    let AllowedSources { ranges, tags } = allowed_sources(&service)?;
    let ranges = ranges
        .into_iter()
        .map(|(text, at)| Ok((parse(text)?, at)))
        .collect::<Result<Vec<_>, _>>()?;
    let listed: Vec<_> = ranges.iter().map(|(range, _)| *range).collect();
    if let Some((_, at)) = ranges.first().filter(|_| hold_every_address(&listed)) {
        return open(
            service,
            *at,
            "the allowed ranges hold every address",
            findings,
        );
    }
    if let Some((tag, at)) = tags.iter().find(|(tag, _)| is_internet(tag)) {
        return open(
            service,
            *at,
            &format!("the allowed service tag {tag} is every address"),
            findings,
        );
    }
    if ranges.is_empty() && tags.is_empty() {
        let at = service.get("spec.type").unwrap_or(service.anchor());
        return open(
            service,
            at,
            "the load balancer is public and names no allowed addresses",
            findings,
        );
    }
    let allowed: Vec<_> = listed
        .iter()
        .map(IpNet::to_string)
        .chain(tags.iter().map(|(tag, _)| (*tag).to_owned()))
        .collect();
    findings.pass(
        service,
        format!("the load balancer allows only {}", allowed.join(", ")),
    );
    Ok(())
}

fn open(
    service: Object<'_>,
    at: Value<'_>,
    message: &str,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let namespace = service.namespace().unwrap_or_default();
    findings.fail(service, message).at(at, "").help(format!(
        "kubectl patch service {} --namespace {namespace} --patch '{{\"spec\":{{\"loadBalancerSourceRanges\":[\"203.0.113.0/24\"]}}}}'",
        service.name()
    ));
    Ok(())
}

/// Only `true` makes a load balancer internal, but the rule of the security group is left out for
/// `True` as well, so that such a Service is neither open nor closed for certain.
fn require_plain_annotation(service: &Object<'_>) -> Result<(), Unknown> {
    match service.annotation(INTERNAL).map(Value::scalar) {
        Some(text) if text.eq_ignore_ascii_case("true") || is_placeholder(text) => {
            Err(Unknown::because(
                format!(
                    "the annotation {INTERNAL} is `{text}`, and only `true` makes the load balancer internal"
                ),
                "the value `true` or `false`",
            ))
        }
        _ => Ok(()),
    }
}

fn is_internet(tag: &str) -> bool {
    tag == "*" || tag.eq_ignore_ascii_case("Internet")
}

fn parse(text: &str) -> Result<IpNet, Unknown> {
    text.parse().map_err(|_| {
        Unknown::because(
            format!("`{text}` is not an address range"),
            "correct the value",
        )
    })
}
