use palisade_estate::azure::{NextHop, Subnet};
use palisade_estate::kubernetes::{is_internal_load_balancer, is_load_balancer};
use palisade_estate::{Cluster, Object, Unknown};

use super::address_set::AddressSet;
use super::node_subnet::ApplianceRoute;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "FW013",
    name: "public-load-balancer-behind-firewall-route",
    title: "a Service of a cluster behind a firewall has no public load balancer",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("public_load_balancer_behind_firewall_route.md"),
    check,
};

/// A node subnet whose replies to the internet go to an appliance.
struct ForcedSubnet<'e> {
    subnet: Subnet<'e>,
    way: ApplianceRoute<'e>,
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for cluster in context.estate.clusters() {
        let forced = forced_subnets(&cluster);
        for service in cluster.objects_of("", "Service").filter(is_load_balancer) {
            if let Err(unknown) = judge(&service, forced.as_deref(), findings) {
                findings.unknown(service, unknown);
            }
        }
    }
}

/// The subnets of nodes whose default route leads to an appliance. Unknown if there is none in
/// the input and not all are in it.
fn forced_subnets<'e>(cluster: &Cluster<'e>) -> Result<Vec<ForcedSubnet<'e>>, Unknown> {
    let (mut forced, mut unread) = (Vec::new(), None);
    for subnet in cluster.managed()?.subnets()? {
        let way = subnet.and_then(|subnet| Ok((subnet, ApplianceRoute::of(&subnet)?)));
        match way {
            Ok((subnet, Some(way))) => forced.push(ForcedSubnet { subnet, way }),
            Ok((_, None)) => {}
            Err(unknown) => unread = Some(unknown),
        }
    }
    match unread {
        Some(unknown) if forced.is_empty() => Err(unknown),
        _ => Ok(forced),
    }
}

fn judge(
    service: &Object<'_>,
    forced: Result<&[ForcedSubnet<'_>], &Unknown>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    if is_internal_load_balancer(service) {
        findings.pass(*service, "the load balancer is internal");
        return Ok(());
    }
    let forced = forced.map_err(Clone::clone)?;
    let Some(first) = forced.first() else {
        let message = "no node subnet sends its packets to an appliance";
        findings.not_applicable(*service, message);
        return Ok(());
    };
    if has_routes_back(service, forced)? {
        let message = "the ranges that may connect have routes to the internet of their own";
        findings.not_applicable(*service, message);
        return Ok(());
    }
    let message = format!(
        "the load balancer is public, but replies leave `{}` over an appliance that never saw the request and drops them",
        first.subnet.name()
    );
    let finding = findings.fail(*service, message);
    finding
        .help("set the annotation service.beta.kubernetes.io/azure-load-balancer-internal: \"true\" and lead the firewall's public address to it with a DNAT rule");
    for subnet in forced {
        finding.related(subnet.way.route.anchor(), "the way of the replies");
    }
    Ok(())
}

/// Whether replies to all the Service's sources have routes to the internet that are narrower
/// than the default route, in every table.
fn has_routes_back(service: &Object<'_>, forced: &[ForcedSubnet<'_>]) -> Result<bool, Unknown> {
    let ranges = service.get("spec.loadBalancerSourceRanges");
    let mut sources: Vec<&str> = ranges
        .into_iter()
        .flat_map(|list| list.items())
        .map(|item| item.scalar())
        .collect();
    let annotation = service.annotation("service.beta.kubernetes.io/azure-allowed-ip-ranges");
    sources.extend(
        annotation
            .into_iter()
            .flat_map(|value| value.scalar().split(',')),
    );
    let sources = AddressSet::of(sources);
    if sources.is_empty() {
        return Ok(false);
    }
    for subnet in forced {
        if !straight_out(&subnet.way)?.holds(&sources) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The addresses for which a table has routes to the internet.
fn straight_out(way: &ApplianceRoute<'_>) -> Result<AddressSet, Unknown> {
    let routes = way.table.routes()?;
    let straight = routes
        .iter()
        .filter(|route| route.next_hop().present() == Some(NextHop::Internet));
    Ok(AddressSet::of(
        straight.filter_map(|route| route.address_prefix().present()),
    ))
}
