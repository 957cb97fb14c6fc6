use palisade_estate::Unknown;
use palisade_estate::azure::ApplicationGateway;

use super::gateway_tier;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF025",
    name: "gateway-in-one-zone",
    title: "a gateway spans availability zones",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Psrule.id("Azure.AppGw.AvailabilityZone"),
        Framework::Azqr.id("c9c00f2a-3888-714b-a72b-b4c9e8fcffb2"),
    ],
    parameters: &[],
    page: include_str!("gateway_in_one_zone.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ApplicationGateway<'_>>(), judge);
}

fn judge(gateway: &ApplicationGateway<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    if gateway_tier::of(gateway)?.is_first_generation {
        let message = "gateways of the first generation have no zones: see WAF017";
        findings.not_applicable(**gateway, message);
        return Ok(());
    }
    let zones = gateway.texts("zones")?;
    match zones.as_slice() {
        [] => {
            return Err(Unknown::because(
                "the gateway names no zones, and in which of them Azure placed it isn't told",
                "recreate the gateway with zones, or see its zones in the portal",
            ));
        }
        [(zone, at)] => {
            findings
                .fail(**gateway, format!("the gateway stands in zone {zone} only"))
                .at(*at, "")
                .help("zones are set when a gateway is created: make one in zones 1 2 3 beside it and move the names over");
        }
        [(_, at), ..] => {
            let message = format!("the gateway spans {} zones", zones.len());
            findings.pass(**gateway, message).at(*at, "");
        }
    }
    Ok(())
}
