use palisade_estate::Unknown;
use palisade_estate::azure::FirewallPolicy;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "FW021",
    name: "firewall-below-premium",
    title: "a firewall policy is of the tier that inspects TLS and detects intrusions",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::Info,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("8c19196d-7fd7-45b2-a9b4-7288f47c769a"),
        Framework::Mcsb.id("NS-4"),
        Framework::Cnspec.id("firewall-policy-premium-sku"),
    ],
    parameters: &[],
    page: include_str!("firewall_below_premium.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<FirewallPolicy<'_>>(), judge);
}

fn judge(policy: &FirewallPolicy<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let (tier, at) = policy.tier().or_default("Standard")?;
    if tier.eq_ignore_ascii_case("Premium") {
        findings.pass(**policy, "the tier is Premium").at(at, "");
        return Ok(());
    }
    let message = format!("the tier is {tier}, which inspects no TLS and detects no intrusions");
    findings.fail(**policy, message).at(at, "").help(HELP);
    Ok(())
}

const HELP: &str = "az network firewall policy create --resource-group GROUP --name POLICY --sku Premium, move the rules to it, and attach it to a Premium firewall";
