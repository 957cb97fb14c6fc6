use palisade_estate::azure::WafPolicy;
use palisade_estate::{Field, Settings, Unknown};

use super::match_condition::{Reach, reach};
use super::protection;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity, Subject};

pub(super) static CONTROL: Control = Control {
    code: "WAF013",
    name: "custom-rule-lets-everything-pass",
    title: "custom rules allow only requests that no attacker can make",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[Framework::Mcsb.id("NS-6")],
    parameters: &[],
    page: include_str!("custom_rule_lets_everything_pass.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<WafPolicy<'_>>(), judge);
}

fn judge(policy: &WafPolicy<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    if protection::is_off(policy) {
        findings.not_applicable(**policy, "the policy is disabled: see WAF002");
        return Ok(());
    }
    let rules = policy.custom_rules()?;
    let mut allows = Vec::new();
    for rule in &rules {
        if has_action(rule, "Allow")? {
            allows.push(rule);
        }
    }
    if allows.is_empty() {
        findings.pass(**policy, "no custom rule in force allows requests");
        return Ok(());
    }
    for rule in allows {
        if let Err(unknown) = allowed(policy, &rules, rule, findings) {
            findings
                .unknown(Subject::from(**policy).part(rule.name()), unknown)
                .at(rule.anchor(), "");
        }
    }
    Ok(())
}

fn allowed(
    policy: &WafPolicy<'_>,
    rules: &[Settings<'_>],
    rule: &Settings<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let subject = Subject::from(**policy).part(rule.name());
    let (why, at) = match reach(rule)? {
        Reach::Narrow => {
            findings
                .pass(subject, "the rule allows only certain clients or paths")
                .at(rule.anchor(), "");
            return Ok(());
        }
        Reach::Spoofable(why, at) | Reach::Everything(why, at) => (why, at),
    };
    let before = blocking_before(rules, rule)?;
    let finding = findings.fail(
        subject,
        format!("the rule allows requests past all other rules, and {why}"),
    );
    finding.at(at, "").help(format!(
        "az network application-gateway waf-policy custom-rule update --resource-group {} --policy-name {} --name {} --action Log",
        policy.id().resource_group().unwrap_or_default(),
        policy.name(),
        rule.name()
    ));
    if let Some(block) = before {
        // What is refused before the rule may leave only those whom it is meant for.
        finding
            .confidence(Confidence::Medium)
            .related(block.anchor(), "this rule refuses some requests before");
    }
    Ok(())
}

/// A rule in force that refuses requests before `rule`: the lower number comes first.
fn blocking_before<'r, 'e>(
    rules: &'r [Settings<'e>],
    rule: &Settings<'e>,
) -> Result<Option<&'r Settings<'e>>, Unknown> {
    let (priority, _) = rule.number("priority").or_default(i64::MAX)?;
    for other in rules {
        let (earlier, _) = other.number("priority").or_default(i64::MAX)?;
        if earlier < priority && has_action(other, "Block")? {
            return Ok(Some(other));
        }
    }
    Ok(None)
}

/// Whether a rule that matches requests, rather than counts them, is in force with an action.
/// Rules are in force unless they say otherwise.
fn has_action(rule: &Settings<'_>, wanted: &str) -> Result<bool, Unknown> {
    let (is_in_force, _) = rule.flag("state").or_default(true)?;
    let (kind, _) = rule.text("ruleType").or_default("MatchRule")?;
    match rule.text("action") {
        Field::Present(action, _) => Ok(is_in_force
            && kind.eq_ignore_ascii_case("MatchRule")
            && action.eq_ignore_ascii_case(wanted)),
        Field::Absent(_) => Ok(false),
        Field::Unknown(unknown) => Err(unknown),
    }
}
