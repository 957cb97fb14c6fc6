use palisade_estate::azure::{ApplicationGateway, WafPolicy};
use palisade_estate::{Field, Unknown};

use super::protection::{self, Protection};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF003",
    name: "waf-only-detects",
    title: "every web application firewall refuses what its rules match",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("12430be1-6cc8-4527-a9a8-e3d38f250096"),
        Framework::Mcsb.id("NS-6"),
        Framework::Psrule.id("Azure.AppGw.Prevention"),
        Framework::Psrule.id("Azure.AppGwWAF.PreventionMode"),
        Framework::Cnspec.id("appgw-waf-prevention-mode"),
    ],
    parameters: &[],
    page: include_str!("waf_only_detects.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<WafPolicy<'_>>(), policy);
    findings.each(context.estate.all::<ApplicationGateway<'_>>(), gateway);
}

fn policy(policy: &WafPolicy<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    match protection::of(policy)? {
        Protection::Off(at) => {
            findings
                .not_applicable(**policy, "the policy is disabled: see WAF002")
                .at(at, "");
        }
        Protection::Detects(at) => {
            findings
                .fail(**policy, "the mode is Detection, which only logs")
                .at(at, "an attack is logged and let through")
                .help(protection::command(policy, "--mode Prevention"));
        }
        Protection::Prevents(at) => {
            findings.pass(**policy, "the mode is Prevention").at(at, "");
        }
    }
    Ok(())
}

fn gateway(gateway: &ApplicationGateway<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let Some((configuration, _)) = protection::of_gateway(gateway)? else {
        return Ok(());
    };
    if let Field::Present(false, at) = configuration.flag("enabled") {
        let message = "the firewall on the gateway is disabled: see WAF002";
        findings.not_applicable(**gateway, message).at(at, "");
        return Ok(());
    }
    match configuration.text("firewallMode") {
        Field::Present(mode, at) if mode.eq_ignore_ascii_case("prevention") => {
            findings
                .pass(
                    **gateway,
                    "the mode of the firewall on the gateway is Prevention",
                )
                .at(at, "");
            Ok(())
        }
        Field::Present(mode, at) if mode.eq_ignore_ascii_case("detection") => {
            findings
                .fail(
                    **gateway,
                    "the mode of the firewall on the gateway is Detection, which only logs",
                )
                .at(at, "an attack is logged and let through")
                .help("attach a policy in Prevention mode to the gateway");
            Ok(())
        }
        Field::Unknown(unknown) => Err(unknown),
        Field::Present(..) | Field::Absent(_) => Err(Unknown::because(
            "webApplicationFirewallConfiguration.firewallMode is neither Prevention nor Detection",
            format!("az network application-gateway show --ids {}", gateway.id()),
        )),
    }
}
