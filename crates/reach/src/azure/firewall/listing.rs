//! The rules of a firewall as a list, for who judges them and not packets.

use palisade_estate::Unknown;
use palisade_estate::azure::AzureFirewall;
use palisade_packet::AddressSet;

use super::application_rule::INFRASTRUCTURE;
use super::order::{Entry, Kind, Placed, entries};
use super::question::Question;
use super::rule_side::Lookup;
use crate::azure::{Access, Bounds, Network, Rule};

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
}

/// The network and application rules of a firewall, in their order, and why there may be others.
pub fn listing<'e>(
    network: &Network<'e>,
    firewall: &AzureFirewall<'e>,
) -> (Vec<ListedRule>, Vec<Unknown>) {
    let question = Question::default();
    let lookup = Lookup {
        estate: network.estate(),
        tags: network.service_tags(firewall.location().as_deref()),
        question: &question,
    };
    let (mut rules, mut gaps) = (Vec::new(), Vec::new());
    for kind in [Kind::Network, Kind::Application] {
        for entry in entries(firewall, kind) {
            match entry {
                Entry::Rule(placed) => rules.push(ListedRule {
                    sources: lookup.sources(&placed.settings),
                    names: names(&placed),
                    rule: placed.rule,
                    access: placed.access,
                }),
                Entry::Gap(_, unknown) if !gaps.contains(&unknown) => gaps.push(unknown),
                Entry::Gap(..) => {}
            }
        }
    }
    (rules, gaps)
}

/// The names of servers, perhaps with a `*` at the left, that the rules of a firewall tell from
/// others: two that are among the same of these are treated alike, but for what FQDN tags and
/// categories hold.
pub fn named_servers(firewall: &AzureFirewall<'_>) -> Vec<String> {
    let mut servers: Vec<_> = INFRASTRUCTURE.map(str::to_owned).into();
    for kind in [Kind::Network, Kind::Application] {
        for entry in entries(firewall, kind) {
            if let Entry::Rule(placed) = entry {
                servers.extend(names(&placed));
            }
        }
    }
    servers
}

fn names(placed: &Placed<'_>) -> Vec<String> {
    let paths = ["targetFqdns", "destinationFqdns", "targetUrls"];
    let texts = paths
        .iter()
        .filter_map(|path| placed.settings.texts(path).ok());
    texts
        .flatten()
        .map(|(text, _)| {
            let without_scheme = text.split_once("://").map_or(text, |(_, rest)| rest);
            without_scheme
                .split('/')
                .next()
                .unwrap_or_default()
                .to_owned()
        })
        .collect()
}
