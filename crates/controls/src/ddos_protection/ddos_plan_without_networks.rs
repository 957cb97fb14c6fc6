use palisade_estate::Unknown;
use palisade_estate::azure::{DdosProtectionPlan, PublicIpAddress, VirtualNetwork};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "DD007",
    name: "ddos-plan-without-networks",
    title: "each DDoS protection plan protects something",
    recommendation: Recommendation::DdosProtection,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-5"),
        Framework::Azqr.id("0b1c2d3e-4f5a-6b7c-8d9e-0f1a2b3c4d5e"),
    ],
    parameters: &[],
    page: include_str!("ddos_plan_without_networks.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<DdosProtectionPlan<'_>>(),
        |plan, findings| judge(context, plan, findings),
    );
}

fn judge(
    context: &Context<'_>,
    plan: &DdosProtectionPlan<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let networks = plan.virtual_networks()?.len();
    let addresses = plan.public_ip_addresses()?.len();
    if networks + addresses > 0 {
        let message = format!(
            "the plan lists {} and {}",
            count(networks, "network", "networks"),
            count(addresses, "address", "addresses")
        );
        findings.pass(**plan, message);
        return Ok(());
    }
    named_by_others(context, plan)?;
    let message = "the plan protects nothing, and its monthly fee is paid all the same";
    findings.fail(**plan, message).help(format!(
        "az network vnet update --ids NETWORK_ID --ddos-protection true \
         --ddos-protection-plan {0}, \
         or az network ddos-protection delete --ids {0}",
        plan.id()
    ));
    Ok(())
}

fn count(number: usize, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

/// Azure keeps the plan's lists; where they are empty though something names the plan, the
/// export is older or partial.
fn named_by_others(context: &Context<'_>, plan: &DdosProtectionPlan<'_>) -> Result<(), Unknown> {
    let networks = context.estate.referrers_of::<VirtualNetwork<'_>>(plan.id());
    let addresses = context
        .estate
        .referrers_of::<PublicIpAddress<'_>>(plan.id());
    let user = networks.first().map(|network| network.name());
    match user.or_else(|| addresses.first().map(|address| address.name())) {
        None => Ok(()),
        Some(name) => Err(Unknown::because(
            format!("the plan lists nothing that it protects, but `{name}` names the plan"),
            format!("az network ddos-protection show --ids {}", plan.id()),
        )),
    }
}
