use palisade_estate::azure::Subnet;
use palisade_estate::{Field, Settings, Unknown};

use super::node_subnet::{ApplianceRoute, each_node_subnet};
use crate::{
    Confidence, Context, Control, Domain, Findings, Framework, Parameter, Recommendation, Severity,
    Weaker,
};

pub(super) static CONTROL: Control = Control {
    code: "FW012",
    name: "service-endpoint-bypasses-firewall",
    title: "node and pod subnets behind a firewall have no service endpoints",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[Framework::Azqr.id("24ae3773-cc2c-3649-88de-c9788e25b463")],
    parameters: &[&ALLOWED_SERVICES],
    page: include_str!("service_endpoint_bypasses_firewall.md"),
    check,
};

static ALLOWED_SERVICES: Parameter = Parameter {
    name: "allowed-services",
    meaning: "services that may be reached past the firewall, such as Microsoft.Storage",
    domain: Domain::Names { default: &[] },
    weaker: Weaker::More,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let allowed = context.names(&ALLOWED_SERVICES);
    each_node_subnet(context, findings, |subnet, findings| {
        judge(subnet, &allowed, findings)
    });
}

fn judge(subnet: &Subnet<'_>, allowed: &[String], findings: &mut Findings) -> Result<(), Unknown> {
    let is_allowed = |endpoint: &Settings<'_>| {
        let service = endpoint.text("service").present().unwrap_or_default();
        allowed
            .iter()
            .any(|name| name.eq_ignore_ascii_case(service))
    };
    let mut endpoints = subnet.service_endpoints()?;
    let count = endpoints.len();
    endpoints.retain(|endpoint| !is_allowed(endpoint));
    let Some(first) = endpoints.first() else {
        let message = match count {
            0 => "the subnet has no service endpoints",
            _ => "the subnet has only service endpoints that the project allows",
        };
        findings.pass(**subnet, message);
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
