use palisade_estate::Unknown;
use palisade_estate::azure::WafPolicy;

use super::rule_set::{self, Kind};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF006",
    name: "no-managed-rule-set",
    title: "every policy has a managed rule set against attacks",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-6"),
        Framework::Psrule.id("Azure.AppGwWAF.RuleGroups"),
        Framework::Checkov.id("CKV_AZURE_135"),
    ],
    parameters: &[],
    page: include_str!("no_managed_rule_set.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<WafPolicy<'_>>(), judge);
}

fn judge(policy: &WafPolicy<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let sets = rule_set::all(policy)?;
    if let Some(set) = sets.iter().find(|set| set.is_against_attacks()) {
        let family = if set.kind == Kind::Core {
            "OWASP"
        } else {
            "DRS"
        };
        let message = format!("the policy has the rule set {family} {}", set.version);
        findings.pass(**policy, message).at(set.at, "");
        return Ok(());
    }
    if let Some(set) = sets.iter().find(|set| set.kind == Kind::Other) {
        let (name, _) = set.settings.text("ruleSetType").or_default("")?;
        return Err(Unknown::because(
            format!("this version of Palisade doesn't know what the rule set {name} is against"),
            "a newer version of Palisade, or a correct type of the rule set",
        ));
    }
    let message = match sets.len() {
        0 => "the policy has no managed rule set",
        _ => "none of the policy's managed rule sets is against attacks such as SQL injection",
    };
    let finding = findings.fail(**policy, message);
    finding.help(rule_set::add_command(policy));
    for set in &sets {
        finding.related(set.settings.value(), "this one is not");
    }
    Ok(())
}
