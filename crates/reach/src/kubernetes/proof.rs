//! Intents proved over all packets, or a packet that shows the contrary.

use std::collections::HashSet;
use std::net::IpAddr;

use ipnet::IpNet;
use palisade_estate::kubernetes::Selector;
use palisade_packet::{AddressSet, Header, PortSet, Set, Traffic, Transport};

use super::program::Condition;
use super::{Analysis, Endpoint, EndpointId, EndpointKind, EndpointSet, Rectangle};
use crate::intent::{Expect, Intent, Party, Pods};

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

/// One side of an intent, found in the cluster.
#[derive(Default)]
struct Side {
    certain: EndpointSet,
    /// Namespaces whose labels aren't known may be meant.
    possible: EndpointSet,
    /// The addresses that are meant of what is outside.
    addresses: Vec<AddressSet>,
}

/// What all pairs answered, asked once for all intents.
pub struct Prover<'a, 'e> {
    analysis: &'a Analysis<'e>,
    rectangles: Vec<Rectangle>,
}

impl<'a, 'e> Prover<'a, 'e> {
    /// Prepares for the intents about a cluster.
    pub fn new(analysis: &'a Analysis<'e>) -> Self {
        Self {
            analysis,
            rectangles: analysis.connectivity().rectangles(),
        }
    }

    /// Whether an intent holds.
    pub fn prove(&self, intent: &Intent<'_>) -> Answer {
        let from = self.side(&intent.from);
        let to = self.side(&intent.to);
        if from.is_empty() || to.is_empty() {
            return Answer::NotHere {
                has_sources: !from.is_empty(),
            };
        }
        match self.search(intent, &from, &to) {
            Found::Packet(source, destination, traffic) => {
                return self.counterexample((source, &from), (destination, &to), &traffic);
            }
            Found::Doubt(conditions) => return Answer::Unknown(conditions),
            Found::Nothing => {}
        }
        // What holds for those who may be meant as well holds whoever is meant.
        match self.search(intent, &from.widest(), &to.widest()) {
            Found::Nothing => Answer::Holds,
            _ => Answer::Unknown(vec![Condition::Unknown {
                cause: "the labels of the namespace aren't in the input".to_owned(),
                supply: "kubectl get namespaces -o json".to_owned(),
            }]),
        }
    }

    fn search(&self, intent: &Intent<'_>, from: &Side, to: &Side) -> Found {
        match intent.expect {
            Expect::Deny => self.leak(from, to, &intent.traffic),
            Expect::Allow => self.gap(from, to, &intent.traffic),
        }
    }

    /// Traffic that gets through from one of these to one of those.
    fn leak(&self, from: &Side, to: &Side, traffic: &Traffic) -> Found {
        let mut doubts = None;
        for rectangle in &self.rectangles {
            let Some((source, destination)) = self.pair(from, to, rectangle) else {
                continue;
            };
            let (certain, may, conditions) = self.outcome(rectangle, traffic);
            let through = certain.intersection(traffic);
            if !through.is_empty() {
                return Found::Packet(source, destination, through);
            }
            if !may.is_disjoint(traffic) {
                doubts.get_or_insert_with(Vec::new).extend(conditions);
            }
        }
        Found::doubt(doubts)
    }

    /// Traffic that doesn't get through from one of these to one of those.
    fn gap(&self, from: &Side, to: &Side, traffic: &Traffic) -> Found {
        let endpoints = &self.analysis.endpoints;
        let outside = endpoints.outside();
        let mut doubts = None;
        for source in from.certain.iter() {
            let mut open = to.certain.clone();
            if outside.contains(source) {
                open = open.difference(&outside);
            }
            if self.is_alone(source) {
                open = open.difference(&EndpointSet::one(source));
            }
            let of_source = self
                .rectangles
                .iter()
                .filter(|rectangle| rectangle.sources.contains(source));
            for rectangle in of_source {
                let here = open.intersection(&rectangle.destinations);
                let Some(destination) = here.first() else {
                    continue;
                };
                open = open.difference(&here);
                let (certain, may, conditions) = self.outcome(rectangle, traffic);
                let missing = traffic.difference(&may);
                if !missing.is_empty() {
                    return Found::Packet(source, destination, missing);
                }
                if !traffic.is_subset(&certain) {
                    doubts.get_or_insert_with(Vec::new).extend(conditions);
                }
            }
            if let Some(destination) = open.first() {
                return Found::Packet(source, destination, traffic.clone());
            }
        }
        Found::doubt(doubts)
    }

    /// A source and a destination of both sides that a rectangle is about.
    fn pair(
        &self,
        from: &Side,
        to: &Side,
        rectangle: &Rectangle,
    ) -> Option<(EndpointId, EndpointId)> {
        let sources = rectangle.sources.intersection(&from.certain);
        let destinations = rectangle.destinations.intersection(&to.certain);
        let (source, destination) = (sources.first()?, destinations.first()?);
        if source != destination || !self.is_alone(source) {
            return Some((source, destination));
        }
        let other = |set: &EndpointSet| set.difference(&EndpointSet::one(source)).first();
        match (other(&sources), other(&destinations)) {
            (_, Some(destination)) => Some((source, destination)),
            (Some(source), None) => Some((source, destination)),
            (None, None) => None,
        }
    }

    /// What gets through for certain, what may, and what that hangs on for some traffic.
    fn outcome(
        &self,
        rectangle: &Rectangle,
        traffic: &Traffic,
    ) -> (Traffic, Traffic, Vec<Condition>) {
        let mut table = self.analysis.table();
        let certain = rectangle.outcome.certainly_allowed(&mut table);
        let conditions = rectangle.outcome.conditions.iter();
        let conditions = conditions
            .filter(|(about, _)| !table.get(*about).is_disjoint(traffic))
            .map(|(_, condition)| table.condition(*condition).clone());
        (
            table.get(certain).clone(),
            table.get(rectangle.outcome.allowed).clone(),
            conditions.collect(),
        )
    }

    /// Whether an endpoint is a single pod, node or address range, which policies don't keep from
    /// itself.
    fn is_alone(&self, id: EndpointId) -> bool {
        let endpoints = &self.analysis.endpoints;
        match &endpoints.get(id).kind {
            EndpointKind::Pods { workloads, count } => {
                let is_pod = |number: &usize| endpoints.workloads()[*number].kind == "Pod";
                *count <= 1 && workloads.iter().all(is_pod)
            }
            EndpointKind::HostPods { workloads, .. } => workloads.len() <= 1,
            EndpointKind::Node(_) | EndpointKind::Outside => true,
        }
    }

    fn counterexample(
        &self,
        (source, from): (EndpointId, &Side),
        (destination, to): (EndpointId, &Side),
        traffic: &Traffic,
    ) -> Answer {
        // Whoever comes here has found traffic; without any there is nothing to show.
        let Some(header) = plain(traffic) else {
            return Answer::Unknown(Vec::new());
        };
        Answer::Violated(Counterexample {
            source,
            source_address: self.address(source, from),
            destination,
            destination_address: self.address(destination, to),
            header,
        })
    }

    fn address(&self, id: EndpointId, side: &Side) -> Option<IpAddr> {
        let endpoint = self.analysis.endpoints.get(id);
        let is_outside = matches!(endpoint.kind, EndpointKind::Outside);
        let meant = side.addresses.iter().filter(|_| is_outside);
        let common = meant.map(|addresses| addresses.intersection(&endpoint.addresses));
        let common: AddressSet = common.collect();
        // Of all addresses a public one says most.
        let witness = common.intersection(&public()).witness();
        witness.or_else(|| common.witness())
    }

    fn side(&self, parties: &[Party<'_>]) -> Side {
        let endpoints = &self.analysis.endpoints;
        let mut side = Side::default();
        for party in parties {
            match party {
                Party::Cluster => side.certain.extend(&endpoints.inside()),
                Party::Outside => self.addresses(&AddressSet::full(), &mut side),
                Party::Internet => self.addresses(&public(), &mut side),
                Party::Prefix(prefix) => self.addresses(&AddressSet::from(*prefix), &mut side),
                Party::Node(name) => {
                    let is_it = |endpoint: &Endpoint<'_>| match &endpoint.kind {
                        EndpointKind::Node(node) => node.name() == *name,
                        _ => false,
                    };
                    let found = endpoints.iter().filter(|(_, endpoint)| is_it(endpoint));
                    side.certain.extend(&found.map(|(id, _)| id).collect());
                }
                Party::Pods(pods) => self.pods(pods, &mut side),
            }
        }
        side.possible = side.possible.difference(&side.certain);
        side
    }

    fn addresses(&self, addresses: &AddressSet, side: &mut Side) {
        let endpoints = &self.analysis.endpoints;
        let outside = endpoints.outside();
        let within = outside
            .iter()
            .filter(|id| !endpoints.get(*id).addresses.is_disjoint(addresses));
        side.certain.extend(&within.collect());
        side.addresses.push(addresses.clone());
    }

    fn pods(&self, pods: &Pods<'_>, side: &mut Side) {
        let endpoints = &self.analysis.endpoints;
        for (id, endpoint) in endpoints.iter() {
            let (EndpointKind::Pods { workloads, .. } | EndpointKind::HostPods { workloads, .. }) =
                &endpoint.kind
            else {
                continue;
            };
            let Some(namespace) = endpoint.namespace.map(|it| &endpoints.namespaces()[it]) else {
                continue;
            };
            let is_named = |number: &usize| {
                let workload = &endpoints.workloads()[*number];
                let long = || format!("{}/{}", workload.kind, workload.name);
                pods.workload
                    .is_none_or(|name| name == workload.name || name.eq_ignore_ascii_case(&long()))
            };
            let fits = pods.namespace.is_none_or(|name| name == namespace.name)
                && workloads.iter().any(is_named)
                && fulfils(pods.labels.as_ref(), |key| endpoint.labels.get(key));
            if !fits {
                continue;
            }
            let asks_for_more = pods.namespaces.as_ref().is_some_and(|selector| {
                let mut keys = selector.keys();
                keys.any(|key| key != "kubernetes.io/metadata.name")
            });
            if !namespace.is_read && asks_for_more {
                side.possible.extend(&EndpointSet::one(id));
            } else if fulfils(pods.namespaces.as_ref(), |key| namespace.labels.get(key)) {
                side.certain.extend(&EndpointSet::one(id));
            }
        }
    }
}

impl Side {
    /// Those who may be meant as well.
    fn widest(&self) -> Self {
        Self {
            certain: self.certain.union(&self.possible),
            possible: EndpointSet::empty(),
            addresses: self.addresses.clone(),
        }
    }

    fn is_empty(&self) -> bool {
        self.certain.is_empty() && self.possible.is_empty()
    }
}

/// What a search came to.
enum Found {
    Nothing,
    Packet(EndpointId, EndpointId, Traffic),
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

fn fulfils<'l>(selector: Option<&Selector<'_>>, label: impl Fn(&str) -> Option<&'l str>) -> bool {
    selector.is_none_or(|selector| selector.matches(label))
}

/// Addresses that are reachable in the internet: all but private, shared, link-local, loopback,
/// multicast and reserved ones (IANA special-purpose address registries, RFC 6890).
fn public() -> AddressSet {
    const NOT: [&str; 12] = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",
        "::/127",
        "fc00::/7",
        "fe80::/10",
        "ff00::/8",
    ];
    let prefixes = NOT.iter().filter_map(|text| text.parse::<IpNet>().ok());
    let not: AddressSet = prefixes.map(AddressSet::from).collect();
    AddressSet::full().difference(&not)
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
