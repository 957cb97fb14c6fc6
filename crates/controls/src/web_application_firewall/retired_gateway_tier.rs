use jiff::civil::{Date, date};
use palisade_estate::Unknown;
use palisade_estate::azure::ApplicationGateway;

use super::gateway_tier;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF017",
    name: "retired-gateway-tier",
    title: "application gateways are of the second generation",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::CisAzure.id("6.1.5"),
        Framework::Psrule.id("Azure.AppGw.MigrateV2"),
        Framework::Azqr.id("7893f0b3-8622-1d47-beed-4b50a19f7895"),
    ],
    parameters: &[],
    page: include_str!("retired_gateway_tier.md"),
    check,
};

/// The day on which Azure ended the first generation.
const END: Date = date(2026, 4, 28);

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<ApplicationGateway<'_>>(),
        |gateway, findings| judge(context, gateway, findings),
    );
}

fn judge(
    context: &Context<'_>,
    gateway: &ApplicationGateway<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let tier = gateway_tier::of(gateway)?;
    if !tier.is_first_generation {
        let message = format!("the tier is {}", tier.word);
        findings.pass(**gateway, message).at(tier.at, "");
        return Ok(());
    }
    let (verb, severity) = if context.today < END {
        ("retires", Severity::Medium)
    } else {
        ("was retired", Severity::High)
    };
    findings
        .fail(
            **gateway,
            format!("the tier {} {verb} on {END}", tier.word),
        )
        .at(tier.at, "")
        .severity(severity)
        .help("create a gateway of the tier WAF_v2 beside it and move the DNS names over; the address changes");
    Ok(())
}
