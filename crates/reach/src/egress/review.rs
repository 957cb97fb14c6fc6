//! The rules of a firewall, and what needs them.

use std::collections::{HashMap, HashSet};

use palisade_document::Origin;
use palisade_estate::Unknown;
use palisade_packet::{AddressSet, PacketSet, PortSet, Product, Set, Traffic, Transport};

use super::answer::{Asker, internet, known_servers, request};
use super::name_class::Servers;
use crate::azure::firewall::{ApplicationProtocol, ListedRule, Question, RuleBook};
use crate::azure::outbound::{Destination, Needs};
use crate::azure::{Access, Bounds, Rule};

/// Who goes through a firewall.
#[derive(Clone, Debug)]
pub struct User<'n> {
    /// The addresses that its packets have.
    pub sources: AddressSet,
    /// What it needs.
    pub needs: &'n Needs,
    /// The servers that its workloads plainly use.
    pub servers: Vec<String>,
}

/// The rules of a firewall.
#[derive(Clone, Debug, Default)]
pub struct Review {
    /// The network and application rules, in their order.
    pub rules: Vec<ReviewedRule>,
    /// Why there may be others.
    pub gaps: Vec<Unknown>,
}

/// A rule, and what needs it.
#[derive(Clone, Debug)]
pub struct ReviewedRule {
    /// The rule.
    pub rule: Rule,
    /// What it is to the clusters.
    pub standing: Standing,
}

/// What a rule is to clusters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It lets pass what a cluster needs.
    Needed {
        /// Whether it lets more of the clusters' packets pass, or may.
        and_more: bool,
    },
    /// It lets pass what workloads plainly use: these servers.
    Used(Vec<String>),
    /// It lets packets of a cluster pass, of which nothing is needed or plainly used.
    NotNeeded,
    /// It isn't about packets of a cluster.
    OfOthers,
    /// It drops.
    Denies,
    /// The input doesn't tell.
    Unknown(Unknown),
}

/// Asks of every rule of a firewall what the clusters behind it need of it, whether or not another
/// rule comes first.
pub fn review(book: &RuleBook<'_, '_>, users: &[User<'_>]) -> Review {
    let (rules, gaps) = book.listing();
    let places = rules.iter().enumerate();
    let places: HashMap<_, _> = places
        .filter_map(|(place, listed)| Some((listed.rule.origin?, place)))
        .collect();
    let sources = users
        .iter()
        .fold(AddressSet::empty(), |all, user| all.union(&user.sources));
    let mut matched: Vec<Matched> = rules.iter().map(|_| Matched::default()).collect();
    for user in users {
        let asker = Asker::new(book.network(), user.needs);
        let own = book.among(&user.sources);
        let known = known_servers(&own);
        let mut note = |question: &Question, packets: &PacketSet, use_of: Option<&str>| {
            for (rule, matches) in own.allowing(question, packets) {
                let place = rule.origin.and_then(|origin| places.get(&origin));
                if let Some(found) = place.and_then(|&place| matched.get_mut(place)) {
                    found.note(&matches, use_of);
                }
            }
        };
        for need in &user.needs.needs {
            let packets = asker.packets(&user.sources, need);
            for (_, question) in asker.questions(need, &known).unwrap_or_default() {
                note(&question, &packets, None);
            }
        }
        for server in &user.servers {
            let question = request(ApplicationProtocol::Https, server, internet());
            let port = Traffic::to_ports(Transport::Tcp, PortSet::one(443));
            let packets = Product::of(user.sources.clone(), Product::of(internet(), port));
            note(&question, &packets, Some(server));
        }
    }
    let wide = wide(book, users);
    let needed = needed_servers(users);
    let rules = rules.into_iter().zip(matched).map(|(listed, matched)| {
        let is_wide = listed.has_other_targets
            || listed
                .rule
                .origin
                .is_some_and(|origin| wide.contains(&origin))
            || names_more(&listed, &needed);
        ReviewedRule {
            standing: standing(&listed, &sources, matched, is_wide),
            rule: listed.rule,
        }
    });
    Review {
        rules: rules.collect(),
        gaps,
    }
}

/// What a rule matches of what is needed and used.
#[derive(Default)]
struct Matched {
    is_needed: bool,
    used: Vec<String>,
    perhaps: Option<Unknown>,
}

impl Matched {
    fn note(&mut self, matches: &Bounds<PacketSet>, use_of: Option<&str>) {
        match (matches.least.is_empty(), use_of) {
            (true, _) => self.perhaps = self.perhaps.take().or(matches.causes.first().cloned()),
            (false, None) => self.is_needed = true,
            (false, Some(server)) if self.used.iter().all(|known| known != server) => {
                self.used.push(server.to_owned());
            }
            (false, Some(_)) => {}
        }
    }
}

fn standing(
    listed: &ListedRule,
    sources: &AddressSet,
    matched: Matched,
    and_more: bool,
) -> Standing {
    match &listed.access {
        Ok(Access::Deny) => return Standing::Denies,
        Err(unknown) => return Standing::Unknown(unknown.clone()),
        Ok(Access::Allow) => {}
    }
    if listed.sources.most.is_disjoint(sources) {
        return Standing::OfOthers;
    }
    if matched.is_needed {
        return Standing::Needed { and_more };
    }
    if !matched.used.is_empty() {
        return Standing::Used(matched.used);
    }
    let unknown = match listed.sources.least.is_disjoint(sources) {
        true => listed.sources.causes.first().cloned(),
        false => None,
    };
    match unknown.or(matched.perhaps) {
        Some(unknown) => Standing::Unknown(unknown),
        None => Standing::NotNeeded,
    }
}

/// The rules that let packets pass which, whatever they carry, are to none of the endpoints.
fn wide(book: &RuleBook<'_, '_>, users: &[User<'_>]) -> HashSet<Origin> {
    let mut wide = HashSet::new();
    for user in users {
        let asker = Asker::new(book.network(), user.needs);
        let everything = Product::of(AddressSet::all_v4(), Traffic::full());
        let all = Product::of(user.sources.clone(), everything);
        let needed = user
            .needs
            .needs
            .iter()
            .fold(PacketSet::empty(), |all, need| {
                all.union(&asker.packets(&user.sources, need))
            });
        for (rule, matches) in book.among(&user.sources).allowing(&asker.other(), &all) {
            if !matches.least.is_subset(&needed) {
                wide.extend(rule.origin);
            }
        }
    }
    wide
}

/// Whether a rule names servers that nobody needs.
fn names_more(listed: &ListedRule, needed: &[Servers]) -> bool {
    let is_needed = |name: &String| {
        let own = Servers::of(name);
        own.is_some_and(|own| needed.iter().any(|needed| needed.take_in(&own)))
    };
    !listed.names.iter().all(is_needed)
}

/// The servers that users need, each once.
fn needed_servers(users: &[User<'_>]) -> Vec<Servers> {
    let mut servers = Vec::new();
    for need in users.iter().flat_map(|user| &user.needs.needs) {
        let own = match &need.destination {
            Destination::Name(name) | Destination::ApiServer(Ok(name)) => Servers::of(name),
            _ => None,
        };
        servers.extend(own.filter(|own| !servers.contains(own)));
    }
    servers
}
