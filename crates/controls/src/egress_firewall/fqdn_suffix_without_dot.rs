use palisade_document::Value;
use palisade_estate::Unknown;

use super::firewall_rules::{Rule, RuleKind, each_rule};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "FW008",
    name: "fqdn-suffix-without-dot",
    title: "a wildcard in a firewall rule stands before a dot",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[Framework::Mcsb.id("NS-10")],
    parameters: &[],
    page: include_str!("fqdn_suffix_without_dot.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    each_rule(
        context,
        findings,
        &[RuleKind::Application],
        |rule, findings| {
            // A denying rule that matches too much lets nothing pass.
            if rule.allows {
                judge(rule, findings)
            } else {
                Ok(())
            }
        },
    );
}

fn judge(rule: &Rule<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let mut wildcards = rule.settings.texts("targetFqdns")?;
    wildcards.retain(|(name, _)| name.starts_with('*') && *name != "*");
    if wildcards.is_empty() {
        return Ok(());
    }
    let loose: Vec<_> = wildcards
        .into_iter()
        .filter(|(name, _)| !name.starts_with("*."))
        .collect();
    let Some((_, first)) = loose.first() else {
        findings
            .pass(rule.subject.clone(), "every wildcard stands before a dot")
            .at(rule.settings.anchor(), "");
        return Ok(());
    };
    let finding = findings.fail(rule.subject.clone(), message(&loose));
    finding.at(*first, "").help(format!(
        "write {} and, if it is meant, {} as well",
        loose[0].0.replacen('*', "*.", 1),
        &loose[0].0[1..]
    ));
    for (_, at) in &loose[1..] {
        finding.related(*at, "this one too");
    }
    Ok(())
}

/// A star before anything but a dot matches every name that ends so.
fn message(loose: &[(&str, Value<'_>)]) -> String {
    let matched = |name: &str| format!("evil{}", &name[1..]);
    let names: Vec<_> = loose.iter().map(|(name, _)| *name).collect();
    let verb = if names.len() == 1 { "matches" } else { "match" };
    format!(
        "{} {verb} every name with that ending, such as {}",
        names.join(", "),
        matched(names[0])
    )
}
