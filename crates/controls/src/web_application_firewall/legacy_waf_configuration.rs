use jiff::civil::{Date, date};
use palisade_estate::azure::ApplicationGateway;
use palisade_estate::{Field, Unknown};

use super::gateway_tier;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF004",
    name: "legacy-waf-configuration",
    title: "the firewall of a gateway is configured by a policy",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("882e19a6-996f-400e-a30f-c090887254f4"),
        Framework::Mcsb.id("NS-7"),
        Framework::Psrule.id("Azure.AppGw.MigrateWAFPolicy"),
    ],
    parameters: &[],
    page: include_str!("legacy_waf_configuration.md"),
    check,
};

/// The day on which Azure ends the configuration on the gateway.
const END: Date = date(2027, 3, 15);

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
    if !tier.has_waf || tier.is_first_generation {
        let message = format!("a gateway of the tier {} takes no policy", tier.word);
        findings.not_applicable(**gateway, message).at(tier.at, "");
        return Ok(());
    }
    if let Some((id, at)) = gateway.firewall_policy().found() {
        let message = format!("the policy `{}` configures the firewall", id.name());
        findings.pass(**gateway, message).at(at, "");
        return Ok(());
    }
    match gateway.legacy_waf_configuration() {
        Field::Present(_, at) => {
            let verb = if context.today < END { "ends" } else { "ended" };
            let message =
                format!("the firewall is configured on the gateway itself, which {verb} on {END}");
            findings
                .fail(**gateway, message)
                .at(at, "")
                .help(format!(
                    "az network application-gateway update --resource-group {} --name {} --set firewallPolicy.id=POLICY_ID",
                    gateway.id().resource_group().unwrap_or_default(),
                    gateway.name()
                ));
        }
        Field::Absent(_) => {
            findings.pass(
                **gateway,
                "the gateway has no firewall configuration of its own",
            );
        }
        Field::Unknown(unknown) => return Err(unknown),
    }
    Ok(())
}
