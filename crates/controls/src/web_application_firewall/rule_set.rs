//! The kinds of managed rule sets.

use palisade_document::Value;
use palisade_estate::azure::WafPolicy;
use palisade_estate::{Field, Settings, Unknown};

/// What a managed rule set is against.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Attacks, by the rules of OWASP: `OWASP`.
    Core,
    /// Attacks, by Microsoft's rules on top of those: `Microsoft_DefaultRuleSet`.
    Default,
    /// Bots: `Microsoft_BotManagerRuleSet`.
    Bot,
    /// Floods of requests: `Microsoft_HTTPDDoSRuleSet`.
    Flood,
    /// Something that this version of Palisade doesn't know.
    Other,
}

/// A managed rule set of a policy.
#[derive(Clone, Copy)]
pub(super) struct RuleSet<'e> {
    pub(super) kind: Kind,
    pub(super) version: &'e str,
    /// The place of the version.
    pub(super) at: Value<'e>,
    pub(super) settings: Settings<'e>,
}

impl RuleSet<'_> {
    /// Whether it is against attacks, rather than bots or floods.
    pub(super) fn is_against_attacks(&self) -> bool {
        matches!(self.kind, Kind::Core | Kind::Default)
    }
}

/// The rule sets of a policy. Azure requires a type and a version of each.
pub(super) fn all<'e>(policy: &WafPolicy<'e>) -> Result<Vec<RuleSet<'e>>, Unknown> {
    policy.managed_rule_sets()?.into_iter().map(read).collect()
}

fn read(settings: Settings<'_>) -> Result<RuleSet<'_>, Unknown> {
    let kind = match required(&settings, "ruleSetType")?.0 {
        word if word.eq_ignore_ascii_case("OWASP") => Kind::Core,
        word if word.eq_ignore_ascii_case("Microsoft_DefaultRuleSet") => Kind::Default,
        word if word.eq_ignore_ascii_case("Microsoft_BotManagerRuleSet") => Kind::Bot,
        word if word.eq_ignore_ascii_case("Microsoft_HTTPDDoSRuleSet") => Kind::Flood,
        _ => Kind::Other,
    };
    let (version, at) = required(&settings, "ruleSetVersion")?;
    Ok(RuleSet {
        kind,
        version,
        at,
        settings,
    })
}

fn required<'e>(settings: &Settings<'e>, path: &str) -> Result<(&'e str, Value<'e>), Unknown> {
    match settings.text(path) {
        Field::Present(word, at) => Ok((word, at)),
        Field::Absent(_) => Err(Unknown::because(
            format!("a managed rule set has no {path}"),
            "correct the rule set",
        )),
        Field::Unknown(unknown) => Err(unknown),
    }
}

/// The command that gives a policy the current rules against attacks.
pub(super) fn add_command(policy: &WafPolicy<'_>) -> String {
    format!(
        "az network application-gateway waf-policy managed-rule rule-set add --resource-group {} --policy-name {} --type Microsoft_DefaultRuleSet --version 2.2",
        policy.id().resource_group().unwrap_or_default(),
        policy.name()
    )
}
