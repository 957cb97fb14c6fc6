use palisade_estate::Unknown;
use palisade_estate::azure::WafPolicy;

use super::rule_set::{self, Kind};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF010",
    name: "bot-rules-missing",
    title: "every policy has the managed rules against bots",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("ebea0d86-7fbd-42e3-8a46-27e7568c2525"),
        Framework::Mcsb.id("NS-6"),
        Framework::CisAzure.id("7.15"),
    ],
    parameters: &[],
    page: include_str!("bot_rules_missing.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<WafPolicy<'_>>(), judge);
}

fn judge(policy: &WafPolicy<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let sets = rule_set::all(policy)?;
    let Some(set) = sets.iter().find(|set| set.kind == Kind::Bot) else {
        findings
            .fail(**policy, "the policy has no rules against bots")
            .help(command(policy, "add"));
        return Ok(());
    };
    let version = set.version;
    match version {
        "1.0" | "1.1" => {
            findings
                .pass(**policy, format!("the policy has the bot rules {version}"))
                .at(set.at, "");
            Ok(())
        }
        "0.1" => {
            findings
                .fail(
                    **policy,
                    "the bot rules 0.1 were a preview and are not supported",
                )
                .at(set.at, "")
                .help(command(policy, "update"));
            Ok(())
        }
        _ => Err(Unknown::because(
            format!("this version of Palisade doesn't know the bot rules {version}"),
            "a newer version of Palisade, or a correct version of the rule set",
        )),
    }
}

fn command(policy: &WafPolicy<'_>, verb: &str) -> String {
    format!(
        "az network application-gateway waf-policy managed-rule rule-set {verb} --resource-group {} --policy-name {} --type Microsoft_BotManagerRuleSet --version 1.1",
        policy.id().resource_group().unwrap_or_default(),
        policy.name()
    )
}
