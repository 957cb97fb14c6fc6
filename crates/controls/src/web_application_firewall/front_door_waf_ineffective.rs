use palisade_estate::azure::FrontDoorWafPolicy;
use palisade_estate::{Field, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF016",
    name: "front-door-waf-ineffective",
    title: "the web application firewall of Front Door is on and prevents",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("425bea59-a659-4cbb-8d31-34499bd030b8"),
        Framework::Mcsb.id("NS-6"),
        Framework::Psrule.id("Azure.FrontDoorWAF.Enabled"),
        Framework::Psrule.id("Azure.FrontDoorWAF.PreventionMode"),
        Framework::Checkov.id("CKV_AZURE_123"),
    ],
    parameters: &[],
    page: include_str!("front_door_waf_ineffective.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<FrontDoorWafPolicy<'_>>(), judge);
}

fn judge(policy: &FrontDoorWafPolicy<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    match policy.is_enabled() {
        Field::Present(true, _) => {}
        Field::Present(false, at) => {
            findings
                .fail(**policy, "the policy is disabled, so it looks at nothing")
                .at(at, "")
                .help(command(policy, "--set policySettings.enabledState=Enabled"));
            return Ok(());
        }
        Field::Absent(_) => return Err(left_out(policy, "enabledState")),
        Field::Unknown(unknown) => return Err(unknown),
    }
    match policy.mode() {
        Field::Present(mode, at) if mode.eq_ignore_ascii_case("prevention") => {
            findings
                .pass(**policy, "the policy is enabled and its mode is Prevention")
                .at(at, "");
            Ok(())
        }
        Field::Present(mode, at) if mode.eq_ignore_ascii_case("detection") => {
            findings
                .fail(**policy, "the mode is Detection, which only logs")
                .at(at, "an attack is logged and let through")
                .help(command(policy, "--mode Prevention"));
            Ok(())
        }
        Field::Unknown(unknown) => Err(unknown),
        Field::Present(..) | Field::Absent(_) => Err(left_out(policy, "mode")),
    }
}

fn left_out(policy: &FrontDoorWafPolicy<'_>, setting: &str) -> Unknown {
    Unknown::because(
        format!(
            "policySettings.{setting} is left out or not a known word, and Azure documents no default for it"
        ),
        format!(
            "az network front-door waf-policy show --ids {}",
            policy.id()
        ),
    )
}

fn command(policy: &FrontDoorWafPolicy<'_>, change: &str) -> String {
    format!(
        "az network front-door waf-policy update --resource-group {} --name {} {change}",
        policy.id().resource_group().unwrap_or_default(),
        policy.name()
    )
}
