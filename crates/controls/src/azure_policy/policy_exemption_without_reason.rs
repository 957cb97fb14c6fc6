use palisade_estate::azure::PolicyExemption;
use palisade_estate::{Field, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "AP013",
    name: "policy-exemption-without-reason",
    title: "an exemption from a policy says why it is there",
    recommendation: Recommendation::AzurePolicy,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("PV-2"),
        Framework::Psrule.id("Azure.Policy.ExemptionDescriptors"),
    ],
    parameters: &[],
    page: include_str!("policy_exemption_without_reason.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<PolicyExemption<'_>>(), judge);
}

fn judge(exemption: &PolicyExemption<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    match exemption.text("description") {
        Field::Present(text, at) if !text.trim().is_empty() => {
            findings
                .pass(**exemption, "the description says why")
                .at(at, "");
        }
        Field::Present(..) | Field::Absent(_) => {
            let scope = exemption.id().parent().map(|scope| scope.to_string());
            findings
                .fail(
                    **exemption,
                    "the exemption has no description, so nobody knows why it is there",
                )
                .help(format!(
                    "az policy exemption update --name {} --scope {} --description REASON",
                    exemption.name(),
                    scope.unwrap_or_default()
                ));
        }
        Field::Unknown(unknown) => return Err(unknown),
    }
    Ok(())
}
