use palisade_estate::Unknown;
use palisade_estate::azure::{
    ApplicationGateway, FrontDoorProfile, FrontDoorSecurityPolicy, TrafficController,
};

use super::resource_log::{Log, report};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "MON012",
    name: "gateway-log-not-collected",
    title: "the access logs of HTTP gateways and the logs of their web application firewalls are kept",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("cd906338-3453-47ba-9334-2d654bf845af"),
        Framework::Mcsb.id("LT-4"),
        Framework::CisAzure.id("6.1.4"),
        Framework::Azqr.id("537b4d94-edd1-4041-b13d-8217dfa485f0"),
        Framework::Azqr.id("5d035919-898d-a047-8d5d-454e199692e5"),
    ],
    parameters: &[],
    page: include_str!("gateway_log_not_collected.md"),
    check,
};

const ACCESS: Log = Log {
    name: "access",
    categories: &["ApplicationGatewayAccessLog"],
    groups: &[],
};

const FIREWALL: Log = Log {
    name: "web application firewall",
    categories: &["ApplicationGatewayFirewallLog"],
    groups: &[],
};

const FRONT_DOOR_ACCESS: Log = Log {
    name: "access",
    categories: &["FrontDoorAccessLog"],
    groups: &[],
};

const FRONT_DOOR_FIREWALL: Log = Log {
    name: "web application firewall",
    categories: &["FrontDoorWebApplicationFirewallLog"],
    groups: &[],
};

const CONTAINERS_ACCESS: Log = Log {
    name: "access",
    categories: &["TrafficControllerAccessLog"],
    groups: &[],
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let estate = context.estate;
    findings.each(
        estate.all::<ApplicationGateway<'_>>(),
        |gateway, findings| application_gateway(context, gateway, findings),
    );
    findings.each(estate.all::<FrontDoorProfile<'_>>(), |profile, findings| {
        front_door(context, profile, findings)
    });
    for controller in estate.all::<TrafficController<'_>>() {
        report(context, &controller, &CONTAINERS_ACCESS, findings);
    }
}

fn application_gateway(
    context: &Context<'_>,
    gateway: &ApplicationGateway<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    report(context, gateway, &ACCESS, findings);
    let (tier, _) = gateway.tier().or_default("")?;
    if tier.to_ascii_lowercase().starts_with("waf") {
        report(context, gateway, &FIREWALL, findings);
    }
    Ok(())
}

/// Profiles of the same type that only deliver content keep other logs and aren't judged.
fn front_door(
    context: &Context<'_>,
    profile: &FrontDoorProfile<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let (sku, _) = profile.text("sku.name").or_default("")?;
    if !sku.to_ascii_lowercase().ends_with("_azurefrontdoor") {
        return Ok(());
    }
    report(context, profile, &FRONT_DOOR_ACCESS, findings);
    let policies: Vec<FrontDoorSecurityPolicy<'_>> = context.estate.children(profile.id());
    if !policies.is_empty() {
        report(context, profile, &FRONT_DOOR_FIREWALL, findings);
    }
    Ok(())
}
