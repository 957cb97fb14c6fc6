//! The rules of a firewall as a list, for who judges them and not packets.

use palisade_estate::Unknown;
use palisade_packet::AddressSet;

use super::application_rule::INFRASTRUCTURE;
use super::order::{Entry, Placed};
use super::rule_book::RuleBook;
use crate::azure::{Access, Bounds, Rule};

/// A network or application rule.
#[derive(Clone, Debug)]
pub struct ListedRule {
    /// The rule.
    pub rule: Rule,
    /// Whether it lets pass.
    pub access: Result<Access, Unknown>,
    /// Whose packets it is for.
    pub sources: Bounds<AddressSet>,
    /// The names of servers that it lists: those of an application rule with their wildcards, or
    /// those whose addresses a network rule looks up.
    pub names: Vec<String>,
    /// Whether it names more than these by FQDN tags, categories or URLs.
    pub has_other_targets: bool,
}

impl RuleBook<'_, '_> {
    /// The network and application rules, in their order, and why there may be others.
    pub fn listing(&self) -> (Vec<ListedRule>, Vec<Unknown>) {
        let (mut rules, mut gaps) = (Vec::new(), Vec::new());
        for (entry, sources) in self.entries() {
            match entry {
                Entry::Rule(placed) => rules.push(ListedRule {
                    sources: sources.clone(),
                    names: names(placed),
                    has_other_targets: has_other_targets(placed),
                    rule: placed.rule.clone(),
                    access: placed.access.clone(),
                }),
                Entry::Gap(_, unknown) if !gaps.contains(unknown) => gaps.push(unknown.clone()),
                Entry::Gap(..) => {}
            }
        }
        (rules, gaps)
    }

    /// The names of servers, perhaps with a `*` at the left, that the rules tell from others: two
    /// that are among the same of these are treated alike, but for what FQDN tags and categories
    /// hold.
    pub fn named_servers(&self) -> Vec<String> {
        let mut servers: Vec<_> = INFRASTRUCTURE.map(str::to_owned).into();
        for (entry, _) in self.entries() {
            if let Entry::Rule(placed) = entry {
                servers.extend(names(placed));
            }
        }
        servers
    }
}

fn names(placed: &Placed<'_>) -> Vec<String> {
    let paths = ["targetFqdns", "destinationFqdns", "targetUrls"];
    let texts = paths
        .iter()
        .filter_map(|path| placed.settings.texts(path).ok());
    let host = |text: &str| {
        let without_scheme = text.split_once("://").map_or(text, |(_, rest)| rest);
        without_scheme
            .split('/')
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    texts.flatten().map(|(text, _)| host(text)).collect()
}

fn has_other_targets(placed: &Placed<'_>) -> bool {
    ["fqdnTags", "webCategories", "targetUrls"]
        .iter()
        .any(|path| {
            let texts = placed.settings.texts(path);
            texts.map_or(true, |texts| !texts.is_empty())
        })
}
