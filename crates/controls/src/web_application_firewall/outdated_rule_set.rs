use jiff::civil::{Date, date};
use palisade_estate::Unknown;
use palisade_estate::azure::WafPolicy;

use super::rule_set::{self, Kind, RuleSet};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF005",
    name: "outdated-rule-set",
    title: "the managed rules are a version that Azure still improves",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-6"),
        Framework::Psrule.id("Azure.AppGw.OWASP"),
    ],
    parameters: &[],
    page: include_str!("outdated_rule_set.md"),
    check,
};

/// How a version of a rule set stands with Azure's support policy of February 2026.
enum Support {
    /// The latest or the one before it.
    Current,
    /// The oldest of the three that are supported.
    Oldest,
    /// Only critical fixes until a day, and none after it.
    Ending(Date),
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<WafPolicy<'_>>(), |policy, findings| {
        judge(context, policy, findings)
    });
}

fn judge(
    context: &Context<'_>,
    policy: &WafPolicy<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let sets = rule_set::all(policy)?;
    let Some(index) = sets.iter().position(RuleSet::is_against_attacks) else {
        findings.not_applicable(
            **policy,
            "the policy has no rule set against attacks: see WAF006",
        );
        return Ok(());
    };
    let set = &sets[index];
    let name = name(set);
    let finding = match support(set)? {
        Support::Current => findings.pass(**policy, format!("the rule set is {name}")),
        Support::Oldest => findings
            .fail(
                **policy,
                format!(
                    "the rule set {name} is the oldest that Azure supports; DRS 2.2 is current"
                ),
            )
            .severity(Severity::Low)
            .help(command(policy, index)),
        Support::Ending(end) => {
            let verb = if context.today <= end {
                "ends"
            } else {
                "ended"
            };
            findings
                .fail(
                    **policy,
                    format!("the rule set {name} is outdated: its support {verb} on {end}"),
                )
                .help(command(policy, index))
        }
    };
    finding.at(set.at, "");
    Ok(())
}

fn support(set: &RuleSet<'_>) -> Result<Support, Unknown> {
    match (set.kind, set.version) {
        (Kind::Default, "2.1" | "2.2") => Ok(Support::Current),
        (Kind::Core, "3.2") => Ok(Support::Oldest),
        (Kind::Core, "3.0" | "3.1") => Ok(Support::Ending(date(2027, 2, 26))),
        (Kind::Core, "2.2.9") => Ok(Support::Ending(date(2025, 3, 15))),
        _ => Err(Unknown::because(
            format!(
                "this version of Palisade doesn't know the rule set {}",
                name(set)
            ),
            "a newer version of Palisade, or a correct version of the rule set",
        )),
    }
}

fn name(set: &RuleSet<'_>) -> String {
    match set.kind {
        Kind::Core => format!("OWASP {}", set.version),
        _ => format!("DRS {}", set.version),
    }
}

fn command(policy: &WafPolicy<'_>, index: usize) -> String {
    let set = format!("managedRules.managedRuleSets[{index}]");
    format!(
        "az network application-gateway waf-policy update --resource-group {} --name {} --set {set}.ruleSetType=Microsoft_DefaultRuleSet {set}.ruleSetVersion=2.2",
        policy.id().resource_group().unwrap_or_default(),
        policy.name()
    )
}
