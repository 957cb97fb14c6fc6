//! Intents proved over all packets, or a packet that shows the contrary.
//!
//! What the network policies of a cluster let out of it, or from node to node, is led on through
//! Azure's network, where the cluster is a managed one of the input: what arrives is what both let
//! through.

mod onward;
mod side;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;

use palisade_estate::{Cluster, Unknown};
use palisade_packet::{AddressSet, Header, PortSet, Product, Set, Traffic, Transport};

use crate::azure::address::public_addresses;
use crate::azure::{Bounds, Network};
use crate::intent::{Expect, Intent};
use crate::kubernetes::{Analysis, Condition, EndpointId, EndpointKind, EndpointSet, Rectangle};
use onward::Ways;
use side::{Side, is_alone};

pub use onward::{Left, Onward};

/// What becomes of an intent in one cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It holds for every packet.
    Holds,
    /// It doesn't, and this packet shows it.
    Violated(Counterexample),
    /// It can't be known, because of these.
    Unknown(Vec<Condition>),
    /// The cluster has none of the sources, or none of the destinations.
    NotHere {
        /// Whether it has sources.
        has_sources: bool,
    },
}

/// A packet that does what the intent says no packet does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample {
    /// The source.
    pub source: EndpointId,
    /// The source's address, where it is outside the cluster.
    pub source_address: Option<IpAddr>,
    /// The destination.
    pub destination: EndpointId,
    /// The destination's address, where it is outside the cluster.
    pub destination_address: Option<IpAddr>,
    /// What the packet carries.
    pub header: Header,
}

/// What all pairs answered, asked once for all intents.
pub struct Prover<'a, 'e> {
    analysis: &'a Analysis<'e>,
    rectangles: Vec<Rectangle>,
    ways: Option<Ways<'a, 'e>>,
}

/// An intent with its two sides.
struct Question<'q> {
    from: &'q Side,
    to: &'q Side,
    traffic: &'q Traffic,
    /// What arrives outside the cluster of what is sent there; nothing where the policies alone
    /// are asked.
    arriving: Option<&'q Bounds<Onward>>,
    /// What arrives of what crosses from node to node, by whether source and destination are on the
    /// networks of their nodes.
    crossings: &'q RefCell<BTreeMap<(bool, bool), Bounds<Traffic>>>,
}

impl<'a, 'e> Prover<'a, 'e> {
    /// Prepares for the intents about a cluster, by its policies alone.
    pub fn new(analysis: &'a Analysis<'e>) -> Self {
        Self {
            analysis,
            rectangles: analysis.connectivity().rectangles(),
            ways: None,
        }
    }

    /// The same, with what Azure's network does with packets that leave the cluster.
    #[must_use]
    pub fn in_network(mut self, network: &'a Network<'e>, cluster: &Cluster<'e>) -> Self {
        self.ways = Ways::of(network, cluster);
        self
    }

    /// Whether Azure's network is asked, too.
    pub fn is_in_network(&self) -> bool {
        self.ways.is_some()
    }

    /// The ways out of a packet that shows something, from each subnet where it may start; nothing
    /// of one that doesn't leave the cluster.
    pub fn ways_out(&self, packet: &Counterexample) -> Option<Result<Left<'_, 'e>, Unknown>> {
        let ways = self.ways.as_ref()?;
        let address = AddressSet::from(packet.destination_address?);
        Some(ways.lead(&Product::of(address, Traffic::from(packet.header))))
    }

    /// Whether an intent holds.
    pub fn prove(&self, intent: &Intent<'_>) -> Answer {
        let endpoints = &self.analysis.endpoints;
        let from = Side::of(&intent.from, endpoints);
        let to = Side::of(&intent.to, endpoints);
        if from.is_empty() || to.is_empty() {
            return Answer::NotHere {
                has_sources: !from.is_empty(),
            };
        }
        let arriving = self.arriving(intent, &to);
        if arriving.is_none() && matches!(intent.expect, Expect::OnlyVia(_)) {
            let cause = "which way packets take is known of managed clusters only";
            return Answer::Unknown(vec![condition(&Unknown::because(cause, "az aks show"))]);
        }
        let question = Question {
            from: &from,
            to: &to,
            traffic: &intent.traffic,
            arriving: arriving.as_ref(),
            crossings: &RefCell::default(),
        };
        match self.search(intent, &question) {
            Found::Packet(source, destination, packets) => {
                return self.counterexample((source, &from), destination, &packets);
            }
            Found::Doubt(conditions) => return Answer::Unknown(conditions),
            Found::Nothing => {}
        }
        // What holds for those who may be meant as well holds whoever is meant.
        let widest = Question {
            from: &from.widest(),
            to: &to.widest(),
            ..question
        };
        match self.search(intent, &widest) {
            Found::Nothing => Answer::Holds,
            _ => Answer::Unknown(vec![condition(&Unknown::because(
                "the labels of the namespace aren't in the input",
                "kubectl get namespaces -o json",
            ))]),
        }
    }

    /// What arrives of the packets of an intent that leave the cluster, and for one about a place:
    /// what arrives without passing it.
    fn arriving(&self, intent: &Intent<'_>, to: &Side) -> Option<Bounds<Onward>> {
        let ways = self.ways.as_ref()?;
        let packets = Product::of(to.outside_addresses().clone(), intent.traffic.clone());
        let via = match &intent.expect {
            Expect::OnlyVia(via) => Some(via),
            Expect::Allow | Expect::Deny => None,
        };
        Some(ways.arriving(&packets, via))
    }

    fn search(&self, intent: &Intent<'_>, question: &Question<'_>) -> Found {
        match intent.expect {
            Expect::Deny | Expect::OnlyVia(_) => self.leak(question),
            Expect::Allow => self.gap(question),
        }
    }

    /// Packets that get through from one of these to one of those.
    fn leak(&self, question: &Question<'_>) -> Found {
        let mut doubts = None;
        for rectangle in &self.rectangles {
            let sources = rectangle.sources.intersection(&question.from.certain);
            let destinations = rectangle.destinations.intersection(&question.to.certain);
            if sources.is_empty() || destinations.is_empty() {
                continue;
            }
            let outcome = self.outcome(rectangle, question.traffic);
            for destination in self.representatives(&destinations, question) {
                let Some((source, destination)) = self.pair(&sources, &destinations, destination)
                else {
                    continue;
                };
                let arriving = self.arriving_at((source, destination), &outcome, question);
                if !arriving.least.is_empty() {
                    return Found::Packet(source, destination, arriving.least);
                }
                if !arriving.most.is_empty() {
                    doubts
                        .get_or_insert_with(Vec::new)
                        .extend(arriving.conditions);
                }
            }
        }
        Found::doubt(doubts)
    }

    /// Packets that don't get through from one of these to one of those.
    fn gap(&self, question: &Question<'_>) -> Found {
        let endpoints = &self.analysis.endpoints;
        let outside = endpoints.outside();
        let mut doubts = None;
        for source in question.from.certain.iter() {
            let mut open = question.to.certain.clone();
            if outside.contains(source) {
                open = open.difference(&outside);
            }
            if is_alone(endpoints, source) {
                open = open.difference(&EndpointSet::one(source));
            }
            let of_source = self
                .rectangles
                .iter()
                .filter(|rectangle| rectangle.sources.contains(source));
            for rectangle in of_source {
                let here = open.intersection(&rectangle.destinations);
                open = open.difference(&here);
                let outcome = self.outcome(rectangle, question.traffic);
                for destination in self.representatives(&here, question) {
                    let wanted = self.wanted(destination, question);
                    let arriving = self.arriving_at((source, destination), &outcome, question);
                    let missing = wanted.difference(&arriving.most);
                    if !missing.is_empty() {
                        return Found::Packet(source, destination, missing);
                    }
                    if !wanted.is_subset(&arriving.least) {
                        doubts
                            .get_or_insert_with(Vec::new)
                            .extend(arriving.conditions);
                    }
                }
            }
            for destination in self.representatives(&open, question) {
                let wanted = self.wanted(destination, question);
                if !wanted.is_empty() {
                    return Found::Packet(source, destination, wanted);
                }
            }
        }
        Found::doubt(doubts)
    }

    /// One endpoint of those inside the cluster, since they are alike, and each outside it where
    /// the network there has its say.
    fn representatives(&self, endpoints: &EndpointSet, question: &Question<'_>) -> Vec<EndpointId> {
        if question.arriving.is_none() {
            return endpoints.first().into_iter().collect();
        }
        let outside = self.analysis.endpoints.outside();
        let inside = endpoints.difference(&outside).first();
        let outside = endpoints.intersection(&outside);
        inside.into_iter().chain(outside.iter()).collect()
    }

    /// A source and a destination that are two, if the destination or those like it allow it.
    fn pair(
        &self,
        sources: &EndpointSet,
        destinations: &EndpointSet,
        destination: EndpointId,
    ) -> Option<(EndpointId, EndpointId)> {
        let endpoints = &self.analysis.endpoints;
        let source = sources.first()?;
        if source != destination || !is_alone(endpoints, source) {
            return Some((source, destination));
        }
        let others = |set: &EndpointSet| set.difference(&EndpointSet::one(source));
        let inside = others(destinations).difference(&endpoints.outside());
        match (others(sources).first(), inside.first()) {
            (_, Some(destination)) => Some((source, destination)),
            (Some(source), None) => Some((source, destination)),
            (None, None) => None,
        }
    }

    /// The packets of an intent that are for a destination: those to its addresses, where these
    /// count.
    fn wanted(&self, destination: EndpointId, question: &Question<'_>) -> Onward {
        let packets = self.sent(destination, question.traffic.clone(), question);
        let is_outside = self.analysis.endpoints.outside().contains(destination);
        match &self.ways {
            Some(ways) if is_outside => ways.possible(packets),
            _ => packets,
        }
    }

    fn sent(&self, destination: EndpointId, traffic: Traffic, question: &Question<'_>) -> Onward {
        let endpoint = self.analysis.endpoints.get(destination);
        let addresses = question.to.addresses(endpoint);
        Product::of(addresses.unwrap_or_else(AddressSet::full), traffic)
    }

    /// What arrives at a destination of what a rectangle lets through.
    fn arriving_at(
        &self,
        (source, destination): (EndpointId, EndpointId),
        outcome: &Passing,
        question: &Question<'_>,
    ) -> Arriving {
        let sent = |traffic: &Traffic| {
            let traffic = traffic.intersection(question.traffic);
            self.sent(destination, traffic, question)
        };
        let (least, most) = (sent(&outcome.certain), sent(&outcome.may));
        let mut conditions = outcome.conditions.clone();
        let Some(beyond) = self.beyond(source, destination, question) else {
            return Arriving {
                least,
                most,
                conditions,
            };
        };
        conditions.extend(beyond.causes.iter().map(condition));
        Arriving {
            least: least.intersection(&beyond.least),
            most: most.intersection(&beyond.most),
            conditions,
        }
    }

    /// What arrives of what policies let through, where Azure's network has its say.
    fn beyond<'q>(
        &self,
        source: EndpointId,
        destination: EndpointId,
        question: &Question<'q>,
    ) -> Option<Cow<'q, Bounds<Onward>>> {
        let outside = self.analysis.endpoints.outside();
        if outside.contains(destination) {
            return question.arriving.map(Cow::Borrowed);
        }
        let ways = self.ways.as_ref().filter(|_| !outside.contains(source))?;
        let is_host = |id| {
            let endpoint = self.analysis.endpoints.get(id);
            !matches!(endpoint.kind, EndpointKind::Pods { .. })
        };
        let hosts = (is_host(source), is_host(destination));
        let mut crossings = question.crossings.borrow_mut();
        let crossing = crossings
            .entry(hosts)
            .or_insert_with(|| ways.crossing(hosts, question.traffic));
        Some(Cow::Owned(
            Bounds::exactly(AddressSet::full()).product(crossing),
        ))
    }

    /// What gets through for certain, what may, and what that hangs on for some traffic.
    fn outcome(&self, rectangle: &Rectangle, traffic: &Traffic) -> Passing {
        let mut table = self.analysis.table();
        let certain = rectangle.outcome.certainly_allowed(&mut table);
        let conditions = rectangle.outcome.conditions.iter();
        let conditions = conditions
            .filter(|(about, _)| !table.get(*about).is_disjoint(traffic))
            .map(|(_, condition)| table.condition(*condition).clone());
        Passing {
            conditions: conditions.collect(),
            certain: table.get(certain).clone(),
            may: table.get(rectangle.outcome.allowed).clone(),
        }
    }

    fn counterexample(
        &self,
        (source, from): (EndpointId, &Side),
        destination: EndpointId,
        packets: &Onward,
    ) -> Answer {
        let endpoints = &self.analysis.endpoints;
        let outside = endpoints.outside();
        let (address, traffic) = match outside.contains(destination) {
            true => {
                let address = best(&packets.lefts());
                let to = address.map_or_else(AddressSet::empty, AddressSet::from);
                let there = packets.intersection(&Product::of(to, Traffic::full()));
                (address, there.rights())
            }
            false => (None, packets.rights()),
        };
        // Whoever comes here has found traffic; without any there is nothing to show.
        let Some(header) = plain(&traffic) else {
            return Answer::Unknown(Vec::new());
        };
        let source_addresses = from.addresses(endpoints.get(source));
        Answer::Violated(Counterexample {
            source,
            source_address: source_addresses.as_ref().and_then(best),
            destination,
            destination_address: address,
            header,
        })
    }
}

/// What the policies let through between two.
struct Passing {
    certain: Traffic,
    may: Traffic,
    conditions: Vec<Condition>,
}

/// What arrives of it, for certain and perhaps.
struct Arriving {
    least: Onward,
    most: Onward,
    conditions: Vec<Condition>,
}

/// What a search came to.
enum Found {
    Nothing,
    Packet(EndpointId, EndpointId, Onward),
    Doubt(Vec<Condition>),
}

impl Found {
    fn doubt(conditions: Option<Vec<Condition>>) -> Self {
        let Some(mut conditions) = conditions else {
            return Self::Nothing;
        };
        let mut seen = HashSet::new();
        conditions.retain(|condition| seen.insert(condition.clone()));
        Self::Doubt(conditions)
    }
}

fn condition(unknown: &Unknown) -> Condition {
    Condition::Unknown {
        cause: unknown.cause.clone(),
        supply: unknown.supply.clone(),
    }
}

/// Of several addresses the one that says most: a public one.
fn best(addresses: &AddressSet) -> Option<IpAddr> {
    let public = addresses.intersection(&public_addresses()).witness();
    public.or_else(|| addresses.witness())
}

/// The packet of some traffic that people know best: TCP or UDP from a port that clients use, to
/// a well-known port.
fn plain(traffic: &Traffic) -> Option<Header> {
    let client = || PortSet::range(49152, 65535);
    let known = [443, 80, 22, 53].map(PortSet::one);
    let ports = known.into_iter().chain([PortSet::range(1, 65535)]);
    for ports in ports {
        for transport in [Transport::Tcp, Transport::Udp] {
            let wanted = Traffic::ports(transport, client(), ports.clone());
            if let Some(header) = traffic.intersection(&wanted).witness() {
                return Some(header);
            }
        }
    }
    traffic.witness()
}
