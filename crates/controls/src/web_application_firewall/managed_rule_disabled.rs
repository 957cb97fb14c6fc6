use palisade_estate::Unknown;
use palisade_estate::azure::WafPolicy;

use super::rule_override::{Effect, Weakened, weakened};
use super::rule_set;
use crate::{
    Confidence, Context, Control, Domain, Findings, Framework, Parameter, Recommendation, Severity,
    Weaker,
};

pub(super) static CONTROL: Control = Control {
    code: "WAF007",
    name: "managed-rule-disabled",
    title: "no managed rule is turned off or only logs",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-6"),
        Framework::Psrule.id("Azure.AppGw.WAFRules"),
        Framework::Checkov.id("CKV_AZURE_135"),
    ],
    parameters: &[&ALLOWED_RULES],
    page: include_str!("managed_rule_disabled.md"),
    check,
};

static ALLOWED_RULES: Parameter = Parameter {
    name: "allowed-rules",
    meaning: "ids of managed rules that may be off or only log, beside those that Microsoft advises against",
    domain: Domain::Names { default: &[] },
    weaker: Weaker::More,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let allowed = context.names(&ALLOWED_RULES);
    findings.each(context.estate.all::<WafPolicy<'_>>(), |policy, findings| {
        judge(policy, &allowed, findings)
    });
}

fn judge(
    policy: &WafPolicy<'_>,
    allowed: &[String],
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let sets = rule_set::all(policy)?;
    let mut all = Vec::new();
    for set in &sets {
        all.extend(weakened(set)?);
    }
    all.retain(|weakened| {
        !weakened
            .rule
            .is_some_and(|rule| allowed.iter().any(|id| id == rule))
    });
    all.sort_by_key(|weakened| std::cmp::Reverse(weakened.severity));
    let Some(worst) = all.first() else {
        let message = match allowed {
            [] => "no managed rule of the policy is weakened",
            _ => "no managed rule of the policy is weakened but for those that the project allows",
        };
        findings.pass(**policy, message);
        return Ok(());
    };
    let groups = by_group(&all);
    let described: Vec<_> = groups.iter().map(|group| describe(group)).collect();
    let finding = findings.fail(**policy, described.join("; "));
    finding
        .at(worst.at, "the worst of them")
        .severity(worst.severity)
        .help(format!(
            "az network application-gateway waf-policy managed-rule rule-set list --resource-group {} --policy-name {}",
            policy.id().resource_group().unwrap_or_default(),
            policy.name()
        ));
    for group in groups.iter().filter(|group| group[0].at != worst.at) {
        finding.related(group[0].at, "this too");
    }
    Ok(())
}

/// What is of one group and fares alike, groups in the order of their worst.
fn by_group<'a, 'e>(all: &'a [Weakened<'e>]) -> Vec<Vec<&'a Weakened<'e>>> {
    let mut groups: Vec<Vec<&Weakened<'e>>> = Vec::new();
    for weakened in all {
        let is_alike = |group: &&mut Vec<&Weakened<'e>>| {
            group[0].group == weakened.group
                && group[0].effect == weakened.effect
                && group[0].rule.is_some() == weakened.rule.is_some()
        };
        match groups.iter_mut().find(is_alike) {
            Some(group) => group.push(weakened),
            None => groups.push(vec![weakened]),
        }
    }
    groups
}

fn describe(group: &[&Weakened<'_>]) -> String {
    let first = group[0];
    let rules: Vec<_> = group.iter().filter_map(|weakened| weakened.rule).collect();
    let verb = match (first.effect, rules.len()) {
        (Effect::Off, 0 | 1) => "is off",
        (Effect::Off, _) => "are off",
        (Effect::LogsOnly, 0 | 1) => "only logs",
        (Effect::LogsOnly, _) => "only log",
        (Effect::LetsThrough, 0 | 1) => "lets through what it matches",
        (Effect::LetsThrough, _) => "let through what they match",
    };
    match rules.len() {
        0 => format!("all of {} {verb}", first.group),
        1 => format!("rule {} of {} {verb}", rules[0], first.group),
        count => format!(
            "{count} rules of {} {verb}: {}",
            first.group,
            rules.join(", ")
        ),
    }
}
