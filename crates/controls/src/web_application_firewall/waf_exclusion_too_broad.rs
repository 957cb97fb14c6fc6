use palisade_estate::Unknown;
use palisade_estate::azure::WafPolicy;

use super::exclusion::{of_exception, of_exclusion};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF008",
    name: "waf-exclusion-too-broad",
    title: "exclusions spare one named field from named rules",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-6"),
        Framework::Psrule.id("Azure.AppGwWAF.Exclusions"),
    ],
    parameters: &[],
    page: include_str!("waf_exclusion_too_broad.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<WafPolicy<'_>>(), judge);
}

fn judge(policy: &WafPolicy<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let mut broad = Vec::new();
    for entry in policy.exclusions()? {
        broad.extend(of_exclusion(&entry)?);
    }
    for entry in policy.exceptions()? {
        broad.extend(of_exception(&entry)?);
    }
    broad.sort_by_key(|breadth| std::cmp::Reverse(breadth.severity));
    let Some(worst) = broad.first() else {
        let message = "no exclusion of the policy is broad";
        findings.pass(**policy, message);
        return Ok(());
    };
    let messages: Vec<_> = broad
        .iter()
        .map(|breadth| breadth.message.as_str())
        .collect();
    let finding = findings.fail(**policy, messages.join("; "));
    finding
        .at(worst.at, "")
        .severity(worst.severity)
        .help("name the whole field with Equals, and the rules that it troubles in exclusionManagedRuleSets");
    for breadth in &broad[1..] {
        finding.related(breadth.at, "this too");
    }
    Ok(())
}
