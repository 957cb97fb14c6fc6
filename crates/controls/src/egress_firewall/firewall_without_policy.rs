use palisade_estate::azure::AzureFirewall;
use palisade_estate::{Field, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "FW003",
    name: "firewall-without-policy",
    title: "every Azure Firewall takes its rules from a firewall policy",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("794d77cc-fe65-4801-8514-230c0be387a8"),
        Framework::Mcsb.id("NS-7"),
        Framework::Checkov.id("CKV_AZURE_219"),
        Framework::Cnspec.id("firewall-policy-configured"),
    ],
    parameters: &[],
    page: include_str!("firewall_without_policy.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<AzureFirewall<'_>>(), judge);
}

fn judge(firewall: &AzureFirewall<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    match firewall.policy() {
        Field::Present(policy, at) => {
            let message = format!("the rules come from the policy `{}`", policy.name());
            findings.pass(**firewall, message).at(at, "");
        }
        Field::Absent(_) if firewall.is_in_virtual_hub() => {
            let message = "the firewall stands in a virtual hub, where classic rules don't exist; without a policy it lets nothing pass";
            findings.not_applicable(**firewall, message);
        }
        Field::Absent(_) => {
            let message = "the firewall names no firewallPolicy, so it works with classic rules";
            findings.fail(**firewall, message).help(format!(
                "az network firewall update --ids {} --firewall-policy POLICY",
                firewall.id()
            ));
        }
        Field::Unknown(unknown) => return Err(unknown),
    }
    Ok(())
}
