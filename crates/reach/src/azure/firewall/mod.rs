//! Azure Firewall.
//!
//! Three passes over all rules: NAT, network, application; the first rule that matches decides.
//! What a NAT rule translates passes without another rule. Before network and application rules
//! stands threat intelligence. Application rules see only what no network rule decides about;
//! behind them come rules of the firewall's own for Azure's infrastructure, and then everything
//! is dropped ("Azure Firewall rule processing logic", Microsoft Learn, 2026-03-23; until about
//! 2022 the documents said that network rules could drop what a NAT rule translates). Replies
//! need no rule. What intrusion detection drops by signature isn't asked.

mod application_rule;
mod listing;
mod order;
mod question;
mod rule_side;
mod source_translation;
mod threat_intelligence;

use std::net::IpAddr;

use palisade_estate::azure::AzureFirewall;
use palisade_estate::{Field, Settings, Unknown};
use palisade_packet::{AddressSet, PacketSet, PortSet, Product, Set, Traffic, Transport};

pub use application_rule::target_fqdn;
pub use listing::{ListedRule, listing, named_servers};
pub use question::{ApplicationProtocol, Carries, Question, Request};
pub use source_translation::source_translation;

use self::order::{Entry, Kind, entries};
use self::rule_side::Lookup;
use super::{
    Access, Bounds, Candidate, Decision, Network, Outcome, Part, Rule, Translation, first_match,
};

/// What a firewall does with packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filtered {
    /// Whether they pass.
    pub outcome: Outcome,
    /// How; more than one where it isn't known.
    pub treatments: Vec<Treatment>,
}

/// How a firewall treats packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// A NAT rule gives them another destination.
    Translated(Translation),
    /// A network rule lets them pass.
    Forwarded,
    /// An application rule lets them pass: the firewall connects in their place, to the address
    /// that the name resolves to where it sees the request in full.
    Proxied,
    /// They are dropped.
    Dropped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Action {
    /// By the number of the translation.
    Translate(usize),
    Forward,
    Proxy,
    Drop,
}

/// Splits packets that reach a firewall by the rule that decides.
pub fn firewall<'e>(
    network: &Network<'e>,
    firewall: &AzureFirewall<'e>,
    question: &Question,
    packets: &PacketSet,
) -> Vec<Part<PacketSet, Filtered>> {
    let (candidates, translations) = candidates(network, firewall, question);
    let end = (Rule::implied("default deny", firewall.id()), Action::Drop);
    let parts = first_match(packets, candidates, end).into_iter();
    parts
        .map(|part| part.map(|decision| filtered(decision, &translations)))
        .collect()
}

/// What each written rule that lets pass matches of some packets, whether or not another rule
/// comes before it; without those that match none.
pub fn allowing<'e>(
    network: &Network<'e>,
    firewall: &AzureFirewall<'e>,
    question: &Question,
    packets: &PacketSet,
) -> Vec<(Rule, Bounds<PacketSet>)> {
    let (candidates, _) = candidates(network, firewall, question);
    let packets = Bounds::exactly(packets.clone());
    let written = candidates.into_iter().filter(|candidate| {
        matches!(candidate.action, Action::Forward | Action::Proxy)
            && candidate.rule.origin.is_some()
    });
    let matched =
        written.map(|candidate| (candidate.rule, candidate.matches.intersection(&packets)));
    matched
        .filter(|(_, matches)| !matches.most.is_empty())
        .collect()
}

/// Everything that may decide, in its order.
fn candidates<'e>(
    network: &Network<'e>,
    firewall: &AzureFirewall<'e>,
    question: &Question,
) -> (Vec<Candidate<PacketSet, Action>>, Vec<Translation>) {
    let lookup = Lookup {
        estate: network.estate(),
        tags: network.service_tags(firewall.location().as_deref()),
        question,
    };
    let (mut all, translations) = nat_candidates(firewall, &lookup);
    all.extend(threat_intelligence::candidates(firewall, question));
    all.extend(filter_candidates(
        firewall,
        Kind::Network,
        Action::Forward,
        |rule| lookup.packets(rule),
    ));
    all.extend(host_port_mismatch(firewall, &question.carries));
    all.extend(filter_candidates(
        firewall,
        Kind::Application,
        Action::Proxy,
        |rule| application_rule::packets(rule, &lookup, &question.carries),
    ));
    all.push(Candidate {
        rule: Rule::implied("infrastructure rules", firewall.id()),
        matches: application_rule::infrastructure(&question.carries),
        action: Action::Proxy,
    });
    (all, translations)
}

fn filtered(decision: Decision<Action>, translations: &[Translation]) -> Filtered {
    let treatment = |action: &Action| match action {
        Action::Translate(number) => {
            let translation = translations.get(*number);
            Treatment::Translated(translation.cloned().unwrap_or_default())
        }
        Action::Forward => Treatment::Forwarded,
        Action::Proxy => Treatment::Proxied,
        Action::Drop => Treatment::Dropped,
    };
    match decision {
        Decision::Certain(action) => Filtered {
            outcome: match action {
                Action::Drop => Outcome::Denied,
                _ => Outcome::Allowed,
            },
            treatments: vec![treatment(&action)],
        },
        Decision::Uncertain { actions, causes } => Filtered {
            outcome: match actions.contains(&Action::Drop) {
                true => Outcome::Uncertain(causes),
                false => Outcome::Allowed,
            },
            treatments: actions.iter().map(treatment).collect(),
        },
    }
}

/// A rule that may match anything or nothing, and do any of several things.
fn gap(rule: &Rule, unknown: &Unknown, actions: &[Action]) -> Vec<Candidate<PacketSet, Action>> {
    let candidate = |&action| Candidate {
        rule: rule.clone(),
        matches: Bounds::unknown(unknown.clone()),
        action,
    };
    actions.iter().map(candidate).collect()
}

fn filter_candidates<'e>(
    firewall: &AzureFirewall<'e>,
    kind: Kind,
    allow: Action,
    matches: impl Fn(&Settings<'e>) -> Bounds<PacketSet>,
) -> impl Iterator<Item = Candidate<PacketSet, Action>> {
    let entries = entries(firewall, kind).into_iter();
    entries.flat_map(move |entry| match entry {
        Entry::Gap(rule, unknown) => gap(&rule, &unknown, &[allow, Action::Drop]),
        Entry::Rule(placed) => {
            let matches = matches(&placed.settings);
            let candidate = |matches, action| Candidate {
                rule: placed.rule.clone(),
                matches,
                action,
            };
            match placed.access {
                Ok(Access::Allow) => vec![candidate(matches, allow)],
                Ok(Access::Deny) => vec![candidate(matches, Action::Drop)],
                Err(unknown) => {
                    let most = matches.most.clone();
                    let perhaps = Bounds::between(PacketSet::empty(), most, vec![unknown]);
                    vec![candidate(perhaps, allow), candidate(matches, Action::Drop)]
                }
            }
        }
    })
}

/// A request over HTTP whose `Host` header names another port than the packets go to is dropped
/// before the application rules.
fn host_port_mismatch(
    firewall: &AzureFirewall<'_>,
    carries: &Carries,
) -> Option<Candidate<PacketSet, Action>> {
    let Carries::Request(request) = carries else {
        return None;
    };
    let others = PortSet::one(request.host_port()?).complement();
    let there = Product::of(
        AddressSet::full(),
        Traffic::to_ports(Transport::Tcp, others),
    );
    Some(Candidate {
        rule: Rule::implied("port of the Host header", firewall.id()),
        matches: Bounds::exactly(Product::of(AddressSet::full(), there)),
        action: Action::Drop,
    })
}

/// The NAT rules, and how each translates.
fn nat_candidates(
    firewall: &AzureFirewall<'_>,
    lookup: &Lookup<'_, '_>,
) -> (Vec<Candidate<PacketSet, Action>>, Vec<Translation>) {
    let mut candidates = Vec::new();
    let mut translations = Vec::new();
    for entry in entries(firewall, Kind::Nat) {
        let action = Action::Translate(translations.len());
        match entry {
            Entry::Gap(rule, unknown) => {
                candidates.extend(gap(&rule, &unknown, &[action]));
                translations.push(to_anywhere(unknown));
            }
            Entry::Rule(placed) => {
                candidates.push(Candidate {
                    rule: placed.rule,
                    matches: lookup.packets(&placed.settings),
                    action,
                });
                translations.push(translation(&placed.settings));
            }
        }
    }
    (candidates, translations)
}

fn to_anywhere(unknown: Unknown) -> Translation {
    Translation {
        destination: Some(AddressSet::full()),
        causes: vec![unknown],
        ..Translation::default()
    }
}

/// The destination that a NAT rule gives.
fn translation(rule: &Settings<'_>) -> Translation {
    let mut translation = match rule.text("translatedAddress") {
        Field::Present(text, _) => match text.parse::<IpAddr>() {
            Ok(address) => Translation {
                destination: Some(AddressSet::from(address)),
                ..Translation::default()
            },
            Err(_) => to_anywhere(Unknown::because(
                format!("`{text}` is no address"),
                "correct the rule",
            )),
        },
        Field::Absent(_) => to_anywhere(Unknown::because(
            format!(
                "the address that rule `{}` translates to isn't in the input",
                rule.name()
            ),
            "ask about the name that it translates to",
        )),
        Field::Unknown(unknown) => to_anywhere(unknown),
    };
    match rule.number("translatedPort") {
        Field::Present(port, _) => translation.destination_port = u16::try_from(port).ok(),
        Field::Absent(_) => {}
        Field::Unknown(unknown) => translation.causes.push(unknown),
    }
    translation
}
