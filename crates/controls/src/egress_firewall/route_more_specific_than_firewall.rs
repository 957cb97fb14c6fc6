use std::collections::BTreeMap;

use ipnet::{IpNet, Ipv4Net};
use palisade_document::Value;
use palisade_estate::azure::{NextHop, Route};
use palisade_estate::{Field, Unknown};

use super::address_set::AddressSet;
use super::firewall_address::firewall_with;
use super::node_subnet::{ApplianceRoute, each_node_subnet};
use crate::{
    Confidence, Context, Control, Domain, Findings, Framework, Parameter, Recommendation, Severity,
    Weaker,
};

pub(super) static CONTROL: Control = Control {
    code: "FW014",
    name: "route-more-specific-than-firewall",
    title: "no route beside the default one leads from nodes straight to the internet",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[Framework::Mcsb.id("NS-3")],
    parameters: &[&ALLOWED_RANGES],
    page: include_str!("route_more_specific_than_firewall.md"),
    check,
};

static ALLOWED_RANGES: Parameter = Parameter {
    name: "allowed-ranges",
    meaning: "public ranges to which packets may go past the firewall",
    domain: Domain::AddressRanges { default: &[] },
    weaker: Weaker::More,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut ways = BTreeMap::new();
    each_node_subnet(context, findings, |subnet, _| {
        if let Some(way) = ApplianceRoute::of(subnet)? {
            ways.insert(way.table.id().clone(), way);
        }
        Ok(())
    });
    for way in ways.into_values() {
        match way.table.routes() {
            Ok(routes) => {
                let others = routes.into_iter().filter(|route| **route != *way.route);
                findings.each(others, |route, findings| {
                    judge(context, route, &way, findings)
                });
            }
            Err(unknown) => {
                findings.unknown(*way.table, unknown);
            }
        }
    }
}

fn judge(
    context: &Context<'_>,
    route: &Route<'_>,
    way: &ApplianceRoute<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let (prefix, at) = match route.address_prefix() {
        Field::Present(prefix, at) => (prefix, at),
        Field::Absent(_) => return Ok(()),
        Field::Unknown(unknown) => return Err(unknown),
    };
    if is_private_or_ipv6(prefix) {
        return Ok(());
    }
    match route.next_hop() {
        Field::Present(NextHop::Internet, _) => {
            straight(context, route, (prefix, at), way, findings)
        }
        Field::Present(_, hop) => {
            let message = format!("packets to {prefix} go to {}", hop.scalar());
            findings.pass(**route, message).at(hop, "");
            Ok(())
        }
        Field::Absent(_) => Ok(()),
        Field::Unknown(unknown) => Err(unknown),
    }
}

/// Routes within the private network and those of IPv6 don't compete with the firewall's.
fn is_private_or_ipv6(prefix: &str) -> bool {
    let set = AddressSet::of([prefix]);
    prefix.contains(':') || (!set.is_empty() && set.is_private())
}

fn straight(
    context: &Context<'_>,
    route: &Route<'_>,
    (prefix, at): (&str, Value<'_>),
    way: &ApplianceRoute<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    if is_api_management(prefix) {
        let message = "the tag ApiManagement leads the control plane of API Management straight out, as Azure asks";
        findings.pass(**route, message).at(at, "");
        return Ok(());
    }
    let range = prefix.parse::<Ipv4Net>();
    let allowed = context.address_ranges(&ALLOWED_RANGES);
    if let Ok(range) = range
        && allowed.iter().any(|own| own.contains(&IpNet::V4(range)))
    {
        let message =
            format!("packets to {prefix} go straight to the internet, as the project allows");
        findings.pass(**route, message).at(at, "");
        return Ok(());
    }
    let length = range.map(|net| net.prefix_len());
    if length == Ok(32)
        && let Some(firewall) = firewall_with(context, prefix)?
    {
        let message = format!(
            "{prefix} is the public address of the firewall `{}`",
            firewall.name()
        );
        findings.pass(**route, message).at(at, "");
        return Ok(());
    }
    let severity = match length {
        Ok(32) => Severity::Low,
        Ok(..=8) => Severity::High,
        _ => Severity::Medium,
    };
    findings
        .fail(
            **route,
            format!("packets to {prefix} go straight to the internet, past the firewall"),
        )
        .at(at, "")
        .severity(severity)
        .related(way.route.anchor(), "the route to the firewall")
        .help(format!(
            "az network route-table route delete --ids {}",
            route.id()
        ));
    Ok(())
}

fn is_api_management(tag: &str) -> bool {
    let tag = tag.to_ascii_lowercase();
    tag == "apimanagement" || tag.starts_with("apimanagement.")
}
