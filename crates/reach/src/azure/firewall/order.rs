//! The rules of a firewall in the order in which it asks them.
//!
//! In each of its passes a firewall asks the groups of the base policy before those of the policy
//! itself, whatever their numbers; groups and within them collections by ascending priority; rules
//! from the top ("Azure Firewall rule processing logic", Microsoft Learn, 2026-03-23). Rules of
//! the firewall's own body are classic ones, which a policy puts out of force.

use palisade_estate::azure::{AzureFirewall, FirewallPolicy, RuleCollectionGroup};
use palisade_estate::{Coverage, Field, ResourceId, Settings, Unknown};

use crate::azure::{Access, Rule};

/// The kind of a rule, each asked in a pass of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Nat,
    Network,
    Application,
}

impl Kind {
    fn named(rule_type: &str) -> Option<Self> {
        match rule_type.to_ascii_lowercase().as_str() {
            "natrule" => Some(Self::Nat),
            "networkrule" => Some(Self::Network),
            "applicationrule" => Some(Self::Application),
            _ => None,
        }
    }

    fn classic_path(self) -> &'static str {
        match self {
            Self::Nat => "natRuleCollections",
            Self::Network => "networkRuleCollections",
            Self::Application => "applicationRuleCollections",
        }
    }
}

/// What stands at a place in the order.
pub(super) enum Entry<'e> {
    Rule(Placed<'e>),
    /// Rules may stand here of which the input doesn't tell.
    Gap(Rule, Unknown),
}

/// A rule with what its collection says.
pub(super) struct Placed<'e> {
    pub(super) rule: Rule,
    pub(super) settings: Settings<'e>,
    /// What its collection does; a collection of NAT rules lets pass.
    pub(super) access: Result<Access, Unknown>,
}

/// The rules of a kind.
pub(super) fn entries<'e>(firewall: &AzureFirewall<'e>, kind: Kind) -> Vec<Entry<'e>> {
    let gap = |unknown| vec![Entry::Gap(Rule::implied("policy", firewall.id()), unknown)];
    match firewall.policy() {
        Field::Present(id, _) => match firewall.estate().require::<FirewallPolicy<'e>>(&id) {
            Ok(policy) => of_policy(policy, kind),
            Err(unknown) => gap(unknown),
        },
        Field::Absent(_) => {
            let collections = firewall.elements(kind.classic_path());
            of_collections(firewall.id(), collections, kind, true)
        }
        Field::Unknown(unknown) => gap(unknown),
    }
}

/// A policy and those it inherits from, the base first, and why that may not be all.
pub(super) fn lineage(policy: FirewallPolicy<'_>) -> (Vec<FirewallPolicy<'_>>, Option<Unknown>) {
    let mut levels = vec![policy];
    let mut next = policy;
    let gap = loop {
        let id = match next.base_policy() {
            Field::Present(id, _) => id,
            Field::Absent(_) => break None,
            Field::Unknown(unknown) => break Some(unknown),
        };
        if levels.iter().any(|level| *level.id() == id) {
            break Some(Unknown::because(
                format!("policy `{}` inherits from itself", policy.name()),
                "correct `basePolicy`",
            ));
        }
        match policy.estate().require(&id) {
            Ok(base) => {
                levels.push(base);
                next = base;
            }
            Err(unknown) => break Some(unknown),
        }
    };
    levels.reverse();
    (levels, gap)
}

fn of_policy(policy: FirewallPolicy<'_>, kind: Kind) -> Vec<Entry<'_>> {
    let (levels, gap) = lineage(policy);
    let mut entries = Vec::new();
    entries.extend(gap.map(|gap| Entry::Gap(Rule::implied("base policy", policy.id()), gap)));
    for level in levels {
        let at = || Rule::implied("rule collection groups", level.id());
        let missing = missing_groups(&level).into_iter();
        entries.extend(missing.map(|unknown| Entry::Gap(at(), unknown)));
        let (groups, gaps) = by_priority(level.rule_collection_groups(), |group| group);
        entries.extend(gaps.into_iter().map(|unknown| Entry::Gap(at(), unknown)));
        for group in groups {
            let collections = group.elements("ruleCollections");
            entries.extend(of_collections(group.id(), collections, kind, false));
        }
    }
    entries
}

/// Why a policy may have groups that aren't in the input.
fn missing_groups(policy: &FirewallPolicy<'_>) -> Vec<Unknown> {
    let estate = policy.estate();
    let ids = match policy.rule_collection_group_ids() {
        Ok(ids) => ids,
        Err(unknown) => return vec![unknown],
    };
    let is_listed = matches!(policy.list("ruleCollectionGroups"), Field::Present(..));
    let is_unseen = estate.coverage::<RuleCollectionGroup<'_>>(policy.id()) == Coverage::Unseen;
    if !is_listed && is_unseen && policy.rule_collection_groups().is_empty() {
        return vec![Unknown::because(
            format!(
                "the input holds no rule collection group of `{}`",
                policy.name()
            ),
            format!(
                "az network firewall policy rule-collection-group list --policy-name {}",
                policy.name()
            ),
        )];
    }
    let outside = ids
        .iter()
        .filter_map(|id| estate.require::<RuleCollectionGroup<'_>>(id).err());
    outside.collect()
}

/// Those with a known priority in its order, and why others have none.
fn by_priority<'e, T>(
    all: Vec<T>,
    settings: impl Fn(&T) -> &Settings<'e>,
) -> (Vec<T>, Vec<Unknown>) {
    let mut placed = Vec::new();
    let mut gaps = Vec::new();
    for one in all {
        match settings(&one).number("priority") {
            Field::Present(priority, _) => placed.push((priority, one)),
            Field::Unknown(unknown) => gaps.push(unknown),
            Field::Absent(_) => gaps.push(Unknown::because(
                format!("`{}` has no priority", settings(&one).name()),
                "give it one",
            )),
        }
    }
    placed.sort_by_key(|(priority, _)| *priority);
    (placed.into_iter().map(|(_, one)| one).collect(), gaps)
}

fn of_collections<'e>(
    holder: &ResourceId,
    collections: Result<Vec<Settings<'e>>, Unknown>,
    kind: Kind,
    is_classic: bool,
) -> Vec<Entry<'e>> {
    let gap = |unknown| Entry::Gap(Rule::implied("rule collections", holder), unknown);
    let collections = match collections {
        Ok(collections) => collections,
        Err(unknown) => return vec![gap(unknown)],
    };
    let (collections, gaps) = by_priority(collections, |collection| collection);
    let mut entries: Vec<_> = gaps.into_iter().map(gap).collect();
    for collection in collections {
        let rules = match collection.elements("rules") {
            Ok(rules) => rules,
            Err(unknown) => {
                let at = Rule::written(collection.name(), holder, &collection);
                entries.push(Entry::Gap(at, unknown));
                continue;
            }
        };
        for rule in rules {
            let named = Rule::written(rule.name(), holder, &rule);
            let own = match is_classic {
                true => Ok(kind),
                false => kind_of(&rule),
            };
            match own {
                Ok(own) if own != kind => {}
                Ok(_) => entries.push(Entry::Rule(Placed {
                    rule: named,
                    settings: rule,
                    access: access(&collection, kind),
                })),
                Err(unknown) => entries.push(Entry::Gap(named, unknown)),
            }
        }
    }
    entries
}

fn kind_of(rule: &Settings<'_>) -> Result<Kind, Unknown> {
    let text = match rule.text("ruleType") {
        Field::Present(text, _) => text,
        Field::Absent(_) => "",
        Field::Unknown(unknown) => return Err(unknown),
    };
    Kind::named(text).ok_or_else(|| {
        let cause = format!("`{text}` of rule `{}` is no type of rule", rule.name());
        Unknown::because(cause, "correct `ruleType`")
    })
}

fn access(collection: &Settings<'_>, kind: Kind) -> Result<Access, Unknown> {
    if kind == Kind::Nat {
        return Ok(Access::Allow);
    }
    let text = match collection.text("action.type") {
        Field::Present(text, _) => text,
        Field::Absent(_) => "",
        Field::Unknown(unknown) => return Err(unknown),
    };
    match text.to_ascii_lowercase().as_str() {
        "allow" => Ok(Access::Allow),
        "deny" => Ok(Access::Deny),
        _ => Err(Unknown::because(
            format!(
                "`{text}` of `{}` is neither allow nor deny",
                collection.name()
            ),
            "correct `action`",
        )),
    }
}
