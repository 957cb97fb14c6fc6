use palisade_estate::azure::Subnet;
use palisade_estate::{Field, Settings, Unknown};

use super::node_subnet::{ApplianceRoute, each_node_subnet};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "FW012",
    name: "service-endpoint-bypasses-firewall",
    title: "node and pod subnets behind a firewall have no service endpoints",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[Framework::Azqr.id("24ae3773-cc2c-3649-88de-c9788e25b463")],
    parameters: &[],
    page: include_str!("service_endpoint_bypasses_firewall.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    each_node_subnet(context, findings, judge);
}

fn judge(subnet: &Subnet<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let endpoints = subnet.service_endpoints()?;
    let Some(first) = endpoints.first() else {
        findings.pass(**subnet, "the subnet has no service endpoints");
        return Ok(());
    };
    let Some(way) = ApplianceRoute::of(subnet)? else {
        let message =
            "no default route of its own leads to an appliance, so the endpoints bypass nothing";
        findings.not_applicable(**subnet, message);
        return Ok(());
    };
    let message = format!(
        "packets to {} leave by service endpoints, past the default route to the firewall",
        services(&endpoints)
    );
    let is_narrowed = is_narrowed(subnet, &endpoints);
    let finding = findings.fail(**subnet, message);
    finding
        .at(first.value(), "")
        .related(way.route.anchor(), "the route that they bypass")
        .help(format!(
            "reach the services over private endpoints, then: az network vnet subnet update --ids {} --remove serviceEndpoints",
            subnet.id()
        ));
    if is_narrowed {
        finding
            .message
            .push_str("; a service endpoint policy limits which accounts");
        finding.severity(Severity::Low);
    }
    Ok(())
}

fn services(endpoints: &[Settings<'_>]) -> String {
    let names: Vec<_> = endpoints
        .iter()
        .filter_map(|endpoint| endpoint.text("service").present())
        .collect();
    names.join(", ")
}

/// Service endpoint policies exist for storage only.
fn is_narrowed(subnet: &Subnet<'_>, endpoints: &[Settings<'_>]) -> bool {
    matches!(subnet.list("serviceEndpointPolicies"), Field::Present(..))
        && endpoints.iter().all(|endpoint| {
            let service = endpoint.text("service").present().unwrap_or_default();
            service
                .to_ascii_lowercase()
                .starts_with("microsoft.storage")
        })
}
