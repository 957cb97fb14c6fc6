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
mod rule_book;
mod rule_side;
mod source_translation;
mod threat_intelligence;

use std::net::IpAddr;

use palisade_estate::azure::AzureFirewall;
use palisade_estate::{Field, Settings, Unknown};
use palisade_packet::{AddressSet, PacketSet, PortSet, Product, Set, Traffic, Transport};

pub use application_rule::target_fqdn;
pub use listing::ListedRule;
pub use question::{ApplicationProtocol, Carries, Question, Request};
pub use rule_book::RuleBook;
pub use source_translation::source_translation;

use self::order::Entry;
use self::rule_side::Lookup;
use super::{Bounds, Candidate, Decision, Network, Outcome, Part, Rule, Translation};

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
    RuleBook::of(network, firewall).split(question, packets)
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
fn nat_candidates<'b, 'e: 'b>(
    entries: impl Iterator<Item = &'b Entry<'e>>,
    lookup: &Lookup<'_, '_>,
) -> (Vec<Candidate<PacketSet, Action>>, Vec<Translation>) {
    let mut candidates = Vec::new();
    let mut translations = Vec::new();
    for entry in entries {
        let action = Action::Translate(translations.len());
        match entry {
            Entry::Gap(rule, unknown) => {
                candidates.extend(gap(rule, unknown, &[action]));
                translations.push(to_anywhere(unknown.clone()));
            }
            Entry::Rule(placed) => {
                candidates.push(Candidate {
                    rule: placed.rule.clone(),
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
