//! Managed rules that a policy has weakened, and how much each was worth.

use palisade_document::Value;
use palisade_estate::{Field, Settings, Unknown};

use super::rule_set::{Kind, RuleSet};
use crate::Severity;

/// What became of a rule or a group of rules.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Off,
    LogsOnly,
    LetsThrough,
}

/// A rule, or a whole group, that no longer counts towards refusing a request.
pub(super) struct Weakened<'e> {
    pub(super) group: &'e str,
    /// The rule; nothing for the whole group.
    pub(super) rule: Option<&'e str>,
    pub(super) effect: Effect,
    pub(super) severity: Severity,
    pub(super) at: Value<'e>,
}

/// Rules that Microsoft itself advises to turn off, since rules of its own replace them or they
/// match too much.
const ADVISED_OFF: [&str; 5] = ["942110", "942150", "942260", "942430", "942440"];

/// Rules that can only log unless told otherwise.
const LOG_BY_DEFAULT: [&str; 2] = ["800114", "99001017"];

/// Rules of OWASP 3.2 that are never active, whatever their state (paranoia levels 3 and 4).
const INACTIVE: [&str; 20] = [
    "920202", "920272", "920273", "920274", "920460", "921170", "921180", "932106", "932190",
    "933111", "933131", "933161", "933190", "942251", "942420", "942421", "942431", "942432",
    "942460", "942490",
];

/// Rules of paranoia level 2, which DRS 2.2 leaves off unless told otherwise. Microsoft's own,
/// from 99001001 on, are all of that level.
const LEVEL_TWO: [&str; 44] = [
    "920121", "920200", "920201", "920230", "920271", "920300", "920320", "921151", "931130",
    "933151", "941101", "941150", "941320", "941330", "941340", "941380", "942110", "942120",
    "942130", "942150", "942180", "942200", "942210", "942260", "942300", "942310", "942330",
    "942340", "942361", "942370", "942380", "942390", "942400", "942410", "942430", "942440",
    "942450", "942470", "942480", "942510", "944200", "944210", "944240", "944250",
];

/// What groups are called that are about the form of requests rather than attacks. Names of
/// OWASP hold these words too: `REQUEST-920-PROTOCOL-ENFORCEMENT`.
const ABOUT_FORM: [&str; 3] = ["GENERAL", "ENFORCEMENT", "SCANNER-DETECTION"];

/// The rules of a set that overrides weaken. Of the rules against bots only those against bad
/// ones refuse anything.
pub(super) fn weakened<'e>(set: &RuleSet<'e>) -> Result<Vec<Weakened<'e>>, Unknown> {
    let mut weakened = Vec::new();
    if matches!(set.kind, Kind::Flood | Kind::Other) {
        return Ok(weakened);
    }
    for group in set.settings.elements("ruleGroupOverrides")? {
        let (name, at) = group.text("ruleGroupName").or_default("")?;
        if set.kind == Kind::Bot && !name.eq_ignore_ascii_case("BadBots") {
            continue;
        }
        match group.list("rules") {
            Field::Present(rules, _) => {
                for rule in rules {
                    weakened.extend(read(set, name, &rule)?);
                }
            }
            // A group without rules is off as a whole.
            Field::Absent(_) => weakened.push(Weakened {
                group: name,
                rule: None,
                effect: Effect::Off,
                severity: if is_about_form(set, name) {
                    Severity::Medium
                } else {
                    Severity::High
                },
                at,
            }),
            Field::Unknown(unknown) => return Err(unknown),
        }
    }
    Ok(weakened)
}

/// A rule without a state is off: that is what Azure takes when an override names none.
fn read<'e>(
    set: &RuleSet<'e>,
    group: &'e str,
    rule: &Settings<'e>,
) -> Result<Option<Weakened<'e>>, Unknown> {
    let (id, at) = rule.text("ruleId").or_default("")?;
    if set.kind == Kind::Core && set.version == "3.2" && INACTIVE.contains(&id) {
        return Ok(None);
    }
    let (is_on, _) = rule.flag("state").or_default(false)?;
    let (action, _) = rule.text("action").or_default("")?;
    let effect = match action.to_ascii_lowercase().as_str() {
        _ if !is_on => Effect::Off,
        "allow" => Effect::LetsThrough,
        "log" if !LOG_BY_DEFAULT.contains(&id) => Effect::LogsOnly,
        _ => return Ok(None),
    };
    Ok(Some(Weakened {
        group,
        rule: Some(id),
        effect,
        severity: severity(set, group, id, effect),
        at,
    }))
}

fn severity(set: &RuleSet<'_>, group: &str, rule: &str, effect: Effect) -> Severity {
    let is_off_anyway = set.kind == Kind::Default
        && set.version == "2.2"
        && (LEVEL_TWO.contains(&rule) || rule.starts_with("99"));
    match effect {
        Effect::LetsThrough => Severity::High,
        _ if is_off_anyway || ADVISED_OFF.contains(&rule) => Severity::Low,
        _ if is_about_form(set, group) => Severity::Low,
        _ => Severity::Medium,
    }
}

fn is_about_form(set: &RuleSet<'_>, group: &str) -> bool {
    let group = group.to_ascii_uppercase();
    set.kind == Kind::Bot || ABOUT_FORM.iter().any(|word| group.contains(word))
}
