//! What a firewall does with the endpoints that a cluster needs.

use std::collections::BTreeMap;

use palisade_estate::Unknown;
use palisade_packet::{AddressSet, PacketSet, PortSet, Product, Set, Traffic, Transport};

use super::name_class::{Servers, one_of_each};
use crate::azure::address::public_addresses;
use crate::azure::firewall::{ApplicationProtocol, Carries, Filtered, Question, Request, RuleBook};
use crate::azure::outbound::{Destination, Need, Needs, Protocol};
use crate::azure::{Network, Outcome, Part, Rule, ServiceTags};

/// What a firewall does with packets to an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether all of them pass.
    pub outcome: Outcome,
    /// The rules that decide.
    pub rules: Vec<Rule>,
    /// The name about which the answer is, where others of the endpoint fare better.
    pub name: Option<String>,
}

/// Asks a firewall about everything that a cluster needs, in the order of the needs. The answer is
/// for packets of all `sources`: denied if it is for any.
///
/// What a name resolves to isn't in the input, so that the answer holds for any public address.
pub fn answers(rules: &RuleBook<'_, '_>, sources: &AddressSet, needs: &Needs) -> Vec<Answer> {
    let rules = rules.among(sources);
    let asker = Asker::new(rules.network(), needs);
    let known = known_servers(&rules);
    let mut answers: Vec<_> = needs
        .needs
        .iter()
        .map(|need| match asker.questions(need, &known) {
            Some(questions) => {
                let packets = asker.packets(sources, need);
                let ask = |(name, question): &(Option<String>, Question)| Answer {
                    name: name.clone(),
                    ..answer(need, &packets, &rules.split(question, &packets))
                };
                let all = questions.iter().map(ask);
                all.reduce(worse).unwrap_or_else(nobody)
            }
            None => too_many(need),
        })
        .collect();
    by_their_names(needs, &mut answers);
    answers
}

fn nobody() -> Answer {
    Answer {
        outcome: Outcome::Allowed,
        rules: Vec::new(),
        name: None,
    }
}

fn too_many(need: &Need) -> Answer {
    let name = match &need.destination {
        Destination::Name(name) => name.as_str(),
        _ => "the endpoint",
    };
    let unknown = Unknown::because(
        format!("the rules tell too many names of `{name}` apart"),
        "ask about one name with `palisade reach`",
    );
    Answer {
        outcome: Outcome::Uncertain(vec![unknown]),
        ..nobody()
    }
}

fn worse(one: Answer, other: Answer) -> Answer {
    let rank = |answer: &Answer| match answer.outcome {
        Outcome::Allowed => 0,
        Outcome::Uncertain(_) => 1,
        Outcome::Denied => 2,
    };
    match rank(&one) {
        own if own > rank(&other) => one,
        own if own < rank(&other) => other,
        _ => {
            let new = other.rules.into_iter();
            let mut rules = one.rules;
            let new: Vec<_> = new.filter(|rule| !rules.contains(rule)).collect();
            rules.extend(new);
            Answer { rules, ..one }
        }
    }
}

/// The servers that the rules of a firewall tell apart.
pub(super) fn known_servers(rules: &RuleBook<'_, '_>) -> Vec<Servers> {
    let names = rules.named_servers();
    names.iter().filter_map(|name| Servers::of(name)).collect()
}

/// Every public IPv4 address. Azure Firewall knows no others.
pub(super) fn internet() -> AddressSet {
    public_addresses().intersection(&AddressSet::all_v4())
}

/// Turns needs into questions.
pub(super) struct Asker<'n> {
    tags: &'n ServiceTags,
    /// The addresses of the cluster's region.
    region: AddressSet,
    /// What the names of needed endpoints resolve to that network rules look up.
    resolved: BTreeMap<String, AddressSet>,
}

impl<'n> Asker<'n> {
    pub(super) fn new(network: &'n Network<'_>, needs: &Needs) -> Self {
        let tags = network.service_tags(Some(&needs.region));
        let region = tags.addresses(&format!("AzureCloud.{}", needs.region));
        let region = region.unwrap_or_else(internet).intersection(&internet());
        let named = needs
            .needs
            .iter()
            .filter_map(|need| match &need.destination {
                Destination::ApiServer(Ok(name)) => Some((name.clone(), region.clone())),
                Destination::Name(name) if !need.protocol.names_its_server() => {
                    Some((name.clone(), internet()))
                }
                _ => None,
            });
        Self {
            resolved: named.collect(),
            region,
            tags,
        }
    }

    /// The addresses that an endpoint may have. An API server has one of its region's, names have
    /// any.
    fn addresses(&self, need: &Need) -> AddressSet {
        match &need.destination {
            Destination::Name(_) => internet(),
            Destination::ApiServer(_) => self.region.clone(),
            Destination::ServiceTag(tag) => {
                let all = self.tags.addresses(tag).unwrap_or_else(internet);
                all.intersection(&AddressSet::all_v4())
            }
            Destination::Addresses(all) => all.iter().copied().map(AddressSet::from).collect(),
        }
    }

    /// The packets to an endpoint.
    pub(super) fn packets(&self, sources: &AddressSet, need: &Need) -> PacketSet {
        let transport = match need.protocol {
            Protocol::Udp => Transport::Udp,
            _ => Transport::Tcp,
        };
        let traffic = Traffic::to_ports(transport, PortSet::one(need.port));
        Product::of(sources.clone(), Product::of(self.addresses(need), traffic))
    }

    /// What to ask about an endpoint: once for each kind of name that the rules tell apart.
    pub(super) fn questions(
        &self,
        need: &Need,
        known: &[Servers],
    ) -> Option<Vec<(Option<String>, Question)>> {
        let protocol = match need.protocol {
            Protocol::Http => ApplicationProtocol::Http,
            Protocol::Https => ApplicationProtocol::Https,
            Protocol::Tcp | Protocol::Udp => return Some(vec![(None, self.unnamed(need))]),
        };
        let Destination::Name(name) = &need.destination else {
            return Some(vec![(None, self.unnamed(need))]);
        };
        let is_one = !name.contains('*');
        let names = one_of_each(&Servers::of(name)?, known)?;
        let asked = names.into_iter().map(|name| {
            let question = request(protocol, &name, internet());
            ((!is_one).then_some(name), question)
        });
        Some(asked.collect())
    }

    /// About packets to an endpoint without a name to go by: other names stand elsewhere.
    fn unnamed(&self, need: &Need) -> Question {
        let name = match &need.destination {
            Destination::Name(name) | Destination::ApiServer(Ok(name)) => name.clone(),
            _ => String::new(),
        };
        Question {
            carries: Carries::Other,
            resolved: BTreeMap::from([(name, self.addresses(need))]),
            others_are_elsewhere: true,
            ..Question::default()
        }
    }

    /// About packets without a name to go by, to any endpoint.
    pub(super) fn other(&self) -> Question {
        Question {
            carries: Carries::Other,
            resolved: self.resolved.clone(),
            ..Question::default()
        }
    }
}

/// About a request to a name that stands at some addresses, and other names elsewhere.
pub(super) fn request(protocol: ApplicationProtocol, name: &str, at: AddressSet) -> Question {
    Question {
        carries: Carries::Request(Request::to(protocol, name)),
        resolved: BTreeMap::from([(name.to_owned(), at)]),
        others_are_elsewhere: true,
        ..Question::default()
    }
}

fn answer(need: &Need, packets: &PacketSet, parts: &[Part<PacketSet, Filtered>]) -> Answer {
    let mut denied = PacketSet::empty();
    let mut causes: Vec<Unknown> = Vec::new();
    for part in parts {
        match &part.outcome.outcome {
            Outcome::Allowed => {}
            Outcome::Denied => denied = denied.union(&part.packets),
            Outcome::Uncertain(more) => {
                let new = more.iter().filter(|cause| !causes.contains(cause));
                let new: Vec<_> = new.cloned().collect();
                causes.extend(new);
            }
        }
    }
    let outcome = match (denied.is_empty(), causes.is_empty()) {
        (true, true) => Outcome::Allowed,
        (true, false) => Outcome::Uncertain(causes),
        (false, _) if is_denied(need, packets, &denied) => Outcome::Denied,
        (false, _) => {
            causes.push(Unknown::because(
                "only some addresses pass, and the input doesn't tell which the endpoint has",
                "allow it by its name",
            ));
            Outcome::Uncertain(causes)
        }
    };
    let decides = |part: &&Part<PacketSet, Filtered>| {
        let own = std::mem::discriminant(&part.outcome.outcome);
        own == std::mem::discriminant(&outcome)
    };
    let rules = parts.iter().filter(decides).map(|part| part.rule.clone());
    Answer {
        rules: rules.collect(),
        outcome,
        name: None,
    }
}

/// Whether some source can't reach the endpoint, whichever of its addresses counts.
fn is_denied(need: &Need, packets: &PacketSet, denied: &PacketSet) -> bool {
    if matches!(
        need.destination,
        Destination::ServiceTag(_) | Destination::Addresses(_)
    ) {
        return true;
    }
    let all = packets.rights();
    let mut parts = denied.parts().iter();
    parts.any(|(_, rights)| all.is_subset(rights))
}

/// Names are listed beside a service tag. Where they pass it isn't known whether the tag must.
fn by_their_names(needs: &Needs, answers: &mut [Answer]) {
    let of_feature = |need: &Need| need.reasons.first().map(|reason| reason.feature);
    for number in 0..answers.len() {
        let need = &needs.needs[number];
        let Destination::ServiceTag(tag) = &need.destination else {
            continue;
        };
        let mut named = needs.needs.iter().zip(answers.iter()).filter(|(other, _)| {
            let is_named = matches!(other.destination, Destination::Name(_));
            is_named && of_feature(other) == of_feature(need)
        });
        let all_pass = named.all(|(_, answer)| answer.outcome == Outcome::Allowed);
        if answers[number].outcome == Outcome::Denied && all_pass {
            answers[number].outcome = Outcome::Uncertain(vec![Unknown::because(
                format!(
                    "the names listed beside service tag `{tag}` pass; whether they are all that is needed isn't documented"
                ),
                "allow the tag as well if data is missing",
            )]);
        }
    }
}
