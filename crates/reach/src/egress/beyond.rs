//! What a firewall lets pass beside what is needed.

use palisade_estate::Unknown;
use palisade_packet::{AddressSet, PacketSet, PortSet, Product, Set, Traffic, Transport};

use super::answer::{Asker, known_servers, request};
use super::name_class::{Servers, one_of_all};
use crate::azure::firewall::{ApplicationProtocol, Carries, Question, RuleBook};
use crate::azure::outbound::{Destination, Need, Needs, Protocol};
use crate::azure::{Outcome, Rule};

/// What a firewall lets pass beside what a cluster needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beyond {
    /// What passes for certain, one for each rule that lets more pass.
    pub passing: Vec<Passing>,
    /// Why something may pass.
    pub open: Vec<Unknown>,
}

/// Packets that pass and aren't needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passing {
    /// The packets.
    pub packets: PacketSet,
    /// The name of the server, for a request; others that the rules treat alike pass, too.
    pub name: Option<String>,
    /// The rule that lets them pass.
    pub rule: Rule,
}

/// Asks a firewall about all packets over IPv4, the only ones that it knows, whoever sends them and
/// whatever they carry, and leaves out those from `sources` that are needed. A server goes by the
/// name that the client says, wherever the packets are sent.
pub fn beyond(rules: &RuleBook<'_, '_>, sources: &AddressSet, needs: &Needs) -> Beyond {
    let asker = Asker::new(rules.network(), needs);
    let mut found = Beyond::default();
    let by_address = by_address(&asker, sources, needs);
    let v4 = AddressSet::all_v4;
    let everything = Product::of(v4(), Product::of(v4(), Traffic::full()));
    let mut ask = |name: Option<&str>, question: &Question| {
        let mut needed = by_address.clone();
        for need in needs.certain() {
            if is_for(need, question) {
                let traffic = Traffic::to_ports(Transport::Tcp, PortSet::one(need.port));
                let there = Product::of(v4(), traffic);
                needed = needed.union(&Product::of(sources.clone(), there));
            }
        }
        for part in rules.split(question, &everything) {
            let packets = part.packets.difference(&needed);
            match part.outcome.outcome {
                _ if packets.is_empty() => {}
                Outcome::Denied => {}
                Outcome::Uncertain(causes) => {
                    let new = causes
                        .into_iter()
                        .filter(|cause| !found.open.contains(cause));
                    let new: Vec<_> = new.collect();
                    found.open.extend(new);
                }
                Outcome::Allowed => {
                    let mut known = found.passing.iter();
                    if !known.any(|known| known.rule == part.rule) {
                        found.passing.push(Passing {
                            packets,
                            name: name.map(str::to_owned),
                            rule: part.rule,
                        });
                    }
                }
            }
        }
    };
    ask(None, &asker.other());
    let mut known = known_servers(rules);
    known.extend(needs.certain().filter_map(servers));
    let Some(names) = one_of_all(&known) else {
        found.open.push(Unknown::because(
            "the rules tell too many names apart",
            "ask about one name with `palisade reach`",
        ));
        return found;
    };
    for name in &names {
        for protocol in [
            ApplicationProtocol::Http,
            ApplicationProtocol::Https,
            ApplicationProtocol::Mssql,
        ] {
            // What network rules let pass by the addresses of names is asked about above.
            let question = request(protocol, name, AddressSet::empty());
            ask(Some(name), &question);
        }
    }
    found
}

/// What is needed whatever it carries.
fn by_address(asker: &Asker<'_>, sources: &AddressSet, needs: &Needs) -> PacketSet {
    let needed = needs.certain().filter(|need| servers(need).is_none());
    needed.fold(PacketSet::empty(), |all, need| {
        all.union(&asker.packets(sources, need))
    })
}

fn servers(need: &Need) -> Option<Servers> {
    match &need.destination {
        Destination::Name(name) if need.protocol.names_its_server() => Servers::of(name),
        _ => None,
    }
}

/// Whether a request is one to an endpoint.
fn is_for(need: &Need, question: &Question) -> bool {
    let Carries::Request(request) = &question.carries else {
        return false;
    };
    let protocol = match request.protocol {
        ApplicationProtocol::Http => Protocol::Http,
        ApplicationProtocol::Https => Protocol::Https,
        ApplicationProtocol::Mssql => return false,
    };
    let asked = request.name().and_then(Servers::of);
    need.protocol == protocol
        && asked.is_some_and(|asked| servers(need).is_some_and(|servers| servers.take_in(&asked)))
}
