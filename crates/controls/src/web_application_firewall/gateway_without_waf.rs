use palisade_estate::azure::ApplicationGateway;
use palisade_estate::{Field, Unknown};

use super::gateway_tier::{self, Tier};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF001",
    name: "gateway-without-waf",
    title: "every application gateway has a web application firewall",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("564feb30-bf6a-4854-b4bb-0d2d2d1e6c66"),
        Framework::AzurePolicy.id("ff1f1879-a60d-4f23-9641-41e7391ec19a"),
        Framework::Mcsb.id("NS-6"),
        Framework::CisAzure.id("7.10"),
        Framework::Psrule.id("Azure.AppGw.UseWAF"),
        Framework::Checkov.id("CKV_AZURE_120"),
        Framework::Azqr.id("8d9223c4-730d-ca47-af88-a9a024c37270"),
        Framework::Kics.id("app_gateway_waf_is_disabled"),
        Framework::Cnspec.id("appgw-waf-policy-enabled"),
    ],
    parameters: &[],
    page: include_str!("gateway_without_waf.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ApplicationGateway<'_>>(), judge);
}

fn judge(gateway: &ApplicationGateway<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let tier = gateway_tier::of(gateway)?;
    if !tier.has_waf {
        findings
            .fail(
                **gateway,
                format!(
                    "the tier is {}, which has no web application firewall",
                    tier.word
                ),
            )
            .at(tier.at, "requests reach the backends unread")
            .help(upgrade(gateway, &tier));
        return Ok(());
    }
    match gateway.firewall_policy() {
        Field::Present(id, at) => {
            findings
                .pass(**gateway, format!("the policy `{}` is attached", id.name()))
                .at(at, "");
            return Ok(());
        }
        Field::Unknown(unknown) => return Err(unknown),
        Field::Absent(_) => {}
    }
    match gateway.legacy_waf_configuration() {
        Field::Present(_, at) => {
            findings
                .pass(**gateway, "the firewall is configured on the gateway")
                .at(at, "");
        }
        Field::Unknown(unknown) => return Err(unknown),
        Field::Absent(_) => listeners(gateway, tier.word, findings)?,
    }
    Ok(())
}

/// Without a firewall of its own a gateway is as covered as its listeners are.
fn listeners(
    gateway: &ApplicationGateway<'_>,
    tier: &str,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let listeners = gateway.http_listeners()?;
    let mut bare = Vec::new();
    for listener in &listeners {
        match listener.reference("firewallPolicy") {
            Field::Present(..) => {}
            Field::Absent(_) => bare.push(listener),
            Field::Unknown(unknown) => return Err(unknown),
        }
    }
    if bare.is_empty() && !listeners.is_empty() {
        findings.pass(**gateway, "each listener has a policy of its own");
        return Ok(());
    }
    let covered = match listeners.len() - bare.len() {
        0 => " or to any of its listeners".to_owned(),
        some => format!(", and only to {some} of its {} listeners", listeners.len()),
    };
    let finding = findings.fail(
        **gateway,
        format!("the tier is {tier}, but no policy is attached to the gateway{covered}"),
    );
    finding.help(command(gateway, "--set firewallPolicy.id=POLICY_ID"));
    for listener in bare {
        finding.related(listener.anchor(), "this listener has none");
    }
    Ok(())
}

/// A gateway of the first generation can't become one of the second.
fn upgrade(gateway: &ApplicationGateway<'_>, tier: &Tier<'_>) -> String {
    if tier.is_first_generation {
        return "create a gateway of the tier WAF_v2 with a policy beside it and move the DNS names over; the address changes".to_owned();
    }
    command(
        gateway,
        "--set sku.name=WAF_v2 sku.tier=WAF_v2 firewallPolicy.id=POLICY_ID",
    )
}

fn command(gateway: &ApplicationGateway<'_>, change: &str) -> String {
    format!(
        "az network application-gateway update --resource-group {} --name {} {change}",
        gateway.id().resource_group().unwrap_or_default(),
        gateway.name()
    )
}
