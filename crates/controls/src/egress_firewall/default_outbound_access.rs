use palisade_estate::azure::{ManagedCluster, NextHop, OutboundType, RouteTable, Subnet};
use palisade_estate::{Field, Unknown};

use super::node_subnet::each_node_subnet;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "FW010",
    name: "default-outbound-access",
    title: "node and pod subnets have no default outbound access",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("7bca8353-aa3b-429b-904a-9229c4385837"),
        Framework::Mcsb.id("NS-3"),
        Framework::Psrule.id("Azure.VNET.PrivateSubnet"),
        Framework::Cnspec.id("network-subnet-default-outbound-disabled"),
    ],
    parameters: &[],
    page: include_str!("default_outbound_access.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    each_node_subnet(context, findings, |subnet, findings| {
        judge(context, subnet, findings)
    });
}

fn judge(
    context: &Context<'_>,
    subnet: &Subnet<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let (message, at, confidence) = match subnet.default_outbound_access() {
        Field::Present(false, at) => {
            findings
                .pass(**subnet, "defaultOutboundAccess is false")
                .at(at, "");
            return Ok(());
        }
        Field::Present(true, at) => ("defaultOutboundAccess is true", at, Confidence::High),
        // Networks made after 2026-03-31 with a newer API have it off, and say so.
        Field::Absent(_) => (
            "defaultOutboundAccess isn't set, which leaves it on in a network made before 2026-03-31",
            subnet.anchor(),
            Confidence::Medium,
        ),
        Field::Unknown(unknown) => return Err(unknown),
    };
    let finding = findings.fail(**subnet, message);
    finding.at(at, "").confidence(confidence).help(format!(
        "az network vnet subnet update --ids {} --default-outbound false",
        subnet.id()
    ));
    if let Some(way) = other_way_out(context, subnet) {
        finding.message = format!("{message}; today {way} takes precedence");
        finding.severity(Severity::Low);
    }
    Ok(())
}

/// What carries the subnet's packets to the internet, or stops them, before default outbound
/// access does.
fn other_way_out(context: &Context<'_>, subnet: &Subnet<'_>) -> Option<&'static str> {
    match default_route(subnet) {
        Some(NextHop::Internet) | None => {}
        Some(NextHop::Other(_)) => return None,
        Some(_) => return Some("the default route"),
    }
    if matches!(subnet.nat_gateway(), Field::Present(..)) {
        return Some("a NAT gateway");
    }
    let mut users = context
        .estate
        .all::<ManagedCluster<'_>>()
        .filter(|cluster| {
            let subnets = cluster.subnet_ids().unwrap_or_default();
            subnets.iter().any(|(id, _)| id == subnet.id())
        });
    let by_load_balancer = users.all(|cluster| {
        let outbound = cluster
            .outbound_type()
            .or_default(OutboundType::LoadBalancer);
        matches!(outbound, Ok((OutboundType::LoadBalancer, _)))
    });
    by_load_balancer.then_some("the cluster's load balancer")
}

fn default_route<'e>(subnet: &Subnet<'e>) -> Option<NextHop<'e>> {
    let id = subnet.route_table().present()?;
    let table = subnet.estate().require::<RouteTable<'e>>(&id).ok()?;
    table.default_route().ok()??.next_hop().present()
}
