use palisade_estate::Unknown;
use palisade_estate::azure::FirewallPolicy;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "FW023",
    name: "firewall-policy-analytics-off",
    title: "what a firewall's rules match is analysed",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::Info,
    confidence: Confidence::High,
    equivalents: &[Framework::AzurePolicy.id("dfb5ac92-ce74-4dbc-81fa-87243e62d5d3")],
    parameters: &[],
    page: include_str!("firewall_policy_analytics_off.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<FirewallPolicy<'_>>(), judge);
}

fn judge(policy: &FirewallPolicy<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let (is_on, at) = policy.flag("insights.isEnabled").or_default(false)?;
    if is_on {
        findings
            .pass(**policy, "insights.isEnabled is true")
            .at(at, "");
        return Ok(());
    }
    let message = "insights.isEnabled isn't true, so policy analytics is off";
    findings.fail(**policy, message).help(format!(
        "az resource update --ids {} --set properties.insights.isEnabled=true",
        policy.id()
    ));
    Ok(())
}
