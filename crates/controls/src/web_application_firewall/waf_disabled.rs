use palisade_estate::azure::{ApplicationGateway, WafPolicy};
use palisade_estate::{Field, Unknown};

use super::protection;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF002",
    name: "waf-disabled",
    title: "every web application firewall is on",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-6"),
        Framework::CisAzure.id("7.10"),
        Framework::Psrule.id("Azure.AppGw.WAFEnabled"),
        Framework::Psrule.id("Azure.AppGwWAF.Enabled"),
        Framework::Checkov.id("CKV_AZURE_122"),
        Framework::Cnspec.id("appgw-waf-policy-enabled"),
    ],
    parameters: &[],
    page: include_str!("waf_disabled.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<WafPolicy<'_>>(), policy);
    findings.each(context.estate.all::<ApplicationGateway<'_>>(), gateway);
}

fn policy(policy: &WafPolicy<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    match policy.is_enabled() {
        Field::Present(true, at) => {
            findings.pass(**policy, "the policy is enabled").at(at, "");
        }
        Field::Present(false, at) => {
            findings
                .fail(**policy, "the policy is disabled, so it looks at nothing")
                .at(at, "")
                .help(protection::command(policy, "--state Enabled"));
        }
        Field::Absent(_) => return Err(protection::left_out(policy, "state")),
        Field::Unknown(unknown) => return Err(unknown),
    }
    Ok(())
}

fn gateway(gateway: &ApplicationGateway<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let Some((configuration, at)) = protection::of_gateway(gateway)? else {
        return Ok(());
    };
    match configuration.flag("enabled") {
        Field::Present(true, at) => {
            findings
                .pass(**gateway, "the firewall on the gateway is enabled")
                .at(at, "");
        }
        Field::Present(false, at) => {
            findings
                .fail(**gateway, "the firewall on the gateway is disabled")
                .at(at, "")
                .help(format!(
                    "az network application-gateway update --resource-group {} --name {} --set firewallPolicy.id=POLICY_ID",
                    gateway.id().resource_group().unwrap_or_default(),
                    gateway.name()
                ));
        }
        Field::Absent(_) => {
            let cause = "webApplicationFirewallConfiguration doesn't say whether it is enabled";
            let supply = format!("az network application-gateway show --ids {}", gateway.id());
            findings
                .unknown(**gateway, Unknown::because(cause, supply))
                .at(at, "");
        }
        Field::Unknown(unknown) => return Err(unknown),
    }
    Ok(())
}
