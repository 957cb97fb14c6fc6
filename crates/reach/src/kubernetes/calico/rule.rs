//! One rule of Calico in the common form.

use std::collections::BTreeMap;

use palisade_estate::Cluster;
use palisade_estate::kubernetes::{
    CalicoAction, CalicoEntity, CalicoIcmp, CalicoPort, CalicoRule, CalicoService, PolicyType,
};
use palisade_packet::{AddressSet, IntervalSet, PortSet, Set, Traffic, Transport};

use super::selection::Selection;
use crate::kubernetes::matched::Matched;
use crate::kubernetes::program::{Action, Condition, Peers, Rule};
use crate::kubernetes::service_backend::{self, BackendPort};
use crate::kubernetes::{ConditionId, EndpointKind, EndpointSet};

/// Translates the rules of one policy for one direction.
pub(super) struct RuleTranslator<'s, 't, 'e> {
    pub(super) cluster: &'s Cluster<'e>,
    pub(super) selection: &'s Selection<'t, 'e>,
    /// The policy's namespace.
    pub(super) namespace: Option<&'e str>,
    pub(super) direction: PolicyType,
    /// What the policy acts on.
    pub(super) subjects: &'s EndpointSet,
}

/// One side of a rule: whom it matches, and at which ports.
struct Side<'e> {
    matched: Matched,
    entity: &'e CalicoEntity<'e>,
    /// The ports of a Service's backends, where the side is a Service.
    backends: Option<Vec<(Transport, BackendPort<'e>)>>,
}

/// Endpoints and addresses that have the same ports.
type Groups = Vec<(Peers, PortSet)>;

impl<'e> RuleTranslator<'_, '_, 'e> {
    /// The rules of this form that one rule comes to; none for one that only logs.
    pub(super) fn translate(&self, index: usize, rule: &CalicoRule<'e>) -> Vec<Rule> {
        let action = match rule.action {
            Some(CalicoAction::Allow) => Action::Allow,
            Some(CalicoAction::Deny) => Action::Deny,
            Some(CalicoAction::Pass) => Action::Pass,
            Some(CalicoAction::Log) | None => return Vec::new(),
        };
        let source = self.side(&rule.source, rule, false);
        let destination = self.side(&rule.destination, rule, true);
        let (subject, peer) = match self.direction {
            PolicyType::Ingress => (&destination.matched, &source.matched),
            PolicyType::Egress => (&source.matched, &destination.matched),
        };
        let own = subject.within(self.subjects);
        let doubtful = |first: Option<ConditionId>, second| first.or(second);
        let inherent = self.inherent_condition(rule);
        let mut rules = Vec::new();
        for (subjects, of_subjects) in [(&own.certain, None), (&own.possible, own.condition)] {
            for (peers, of_peers) in [(&peer.certain, None), (&peer.possible, peer.condition)] {
                if subjects.is_empty() || peers.is_empty() {
                    continue;
                }
                let condition = doubtful(doubtful(inherent, of_subjects), of_peers);
                let parts = self.parts(rule, &source, &destination, subjects, peers);
                rules.extend(parts.into_iter().map(|(subjects, peers, traffic)| Rule {
                    action,
                    subjects: (subjects != *self.subjects).then_some(subjects),
                    peers,
                    traffic: self.selection.translator.traffic(traffic),
                    condition,
                    origin: rule.at.origin(),
                    index,
                }));
            }
        }
        rules
    }

    fn inherent_condition(&self, rule: &CalicoRule<'e>) -> Option<ConditionId> {
        let http = rule.http.as_ref()?;
        let methods = match http.methods.is_empty() {
            true => "any method".to_owned(),
            false => http.methods.join(", "),
        };
        let paths = http.paths.iter().map(|(is_prefix, path)| match is_prefix {
            true => format!("{path}…"),
            false => (*path).to_owned(),
        });
        let paths = paths.collect::<Vec<_>>().join(", ");
        let text = format!("HTTP {methods} {paths}");
        let condition = Condition::Layer7(text.trim_end().to_owned());
        Some(self.selection.translator.condition(condition))
    }

    fn side<'r>(
        &self,
        entity: &'r CalicoEntity<'e>,
        rule: &CalicoRule<'e>,
        is_destination: bool,
    ) -> Side<'r>
    where
        'e: 'r,
    {
        let mut matched = self.selection.entity(entity, self.namespace);
        if let Some(version) = rule.ip_version {
            let family = match version {
                4 => AddressSet::all_v4(),
                _ => AddressSet::all_v6(),
            };
            matched = matched.and(&Matched::at(&family, self.selection.translator));
        }
        let mut backends = None;
        if let Some(service) = &entity.services {
            let (behind, ports) = self.service(service);
            matched = matched.and(&behind);
            backends = ports.filter(|_| is_destination);
        }
        Side {
            matched,
            entity,
            backends,
        }
    }

    /// The backends of a Service, and their ports unless nothing is known of it.
    fn service(
        &self,
        service: &CalicoService<'e>,
    ) -> (Matched, Option<Vec<(Transport, BackendPort<'e>)>>) {
        let translator = self.selection.translator;
        let namespace = service.namespace.or(self.namespace).unwrap_or("default");
        match service_backend::service(self.cluster, namespace, service.name) {
            Ok(None) => (Matched::nothing(), None),
            Ok(Some(object)) => {
                let behind = match service_backend::pods(&object, translator) {
                    Some(pods) => Matched::certain(Peers::inside(pods)),
                    None => {
                        let addresses = service_backend::addresses(self.cluster, &object);
                        Matched::at(&addresses, translator)
                    }
                };
                (behind, Some(service_backend::ports(&object)))
            }
            Err(cause) => {
                let condition = translator.condition(Condition::Unknown {
                    cause,
                    supply: "kubectl get services,endpointslices -A -o json".to_owned(),
                });
                let everything = Matched::everything(&translator.endpoints).certain;
                (Matched::doubtful(everything, condition), None)
            }
        }
    }

    /// Subjects, peers and traffic of the rules: one for each way in which the sides' ports
    /// combine.
    fn parts(
        &self,
        rule: &CalicoRule<'e>,
        source: &Side<'_>,
        destination: &Side<'_>,
        subjects: &EndpointSet,
        peers: &Peers,
    ) -> Vec<(EndpointSet, Peers, Traffic)> {
        let base = protocols(rule);
        let own = Peers::inside(subjects.clone());
        let (from, to) = match self.direction {
            PolicyType::Ingress => (peers, &own),
            PolicyType::Egress => (&own, peers),
        };
        let mut parts: Vec<(EndpointSet, Peers, Traffic)> = Vec::new();
        for transport in Transport::ALL {
            let part = Traffic::to_ports(transport, PortSet::full()).intersection(&base);
            if part.is_empty() {
                continue;
            }
            for (sources, source_ports) in self.groups(source, transport, from) {
                for (destinations, ports) in self.groups(destination, transport, to) {
                    let traffic = Traffic::ports(transport, source_ports.clone(), ports);
                    let (subjects, peers) = match self.direction {
                        PolicyType::Ingress => (destinations.endpoints, sources.clone()),
                        PolicyType::Egress => (sources.endpoints.clone(), destinations),
                    };
                    add(&mut parts, subjects, peers, &traffic.intersection(&base));
                }
            }
        }
        let without_ports = base.difference(&Traffic::all_ports());
        let has_ports = [source, destination]
            .iter()
            .any(|side| side.asks_for_ports());
        if !has_ports {
            add(&mut parts, subjects.clone(), peers.clone(), &without_ports);
        }
        parts
    }

    /// Divides one side by the ports that it has for the rule. Names of ports stand for other
    /// numbers at other pods, and for none outside.
    fn groups(&self, side: &Side<'_>, transport: Transport, peers: &Peers) -> Groups {
        if !side.differs_by_endpoint() {
            return vec![(peers.clone(), side.fixed_ports())];
        }
        let endpoints = &self.selection.translator.endpoints;
        let mut by_ports: BTreeMap<PortSet, Vec<_>> = BTreeMap::new();
        for id in peers.endpoints.iter() {
            let ports = side.ports_at(transport, endpoints.get(id));
            by_ports.entry(ports).or_default().push(id);
        }
        let mut groups: Groups = by_ports
            .into_iter()
            .map(|(ports, ids)| (Peers::inside(ids.into_iter().collect()), ports))
            .collect();
        groups.push((
            Peers::outside(peers.addresses.clone()),
            side.ports_outside(transport),
        ));
        groups.retain(|(peers, ports)| !peers.is_empty() && !ports.is_empty());
        groups
    }
}

impl Side<'_> {
    fn asks_for_ports(&self) -> bool {
        !self.entity.ports.is_empty()
            || !self.entity.not_ports.is_empty()
            || self.backends.is_some()
    }

    fn differs_by_endpoint(&self) -> bool {
        let all = self.entity.ports.iter().chain(&self.entity.not_ports);
        let is_named = |port: &CalicoPort<'_>| matches!(port, CalicoPort::Named(_));
        self.backends.is_some() || all.into_iter().any(is_named)
    }

    fn fixed_ports(&self) -> PortSet {
        self.resolve(|_| None)
    }

    fn ports_at(&self, transport: Transport, pod: &crate::kubernetes::Endpoint<'_>) -> PortSet {
        // Pods on the network of their node are no endpoints to Calico, so that the names of
        // their ports stand for nothing.
        let is_known = matches!(pod.kind, EndpointKind::Pods { .. });
        let named = |name: &str| {
            let mut ports = pod.ports.iter().filter(|_| is_known);
            let found = ports.find(|port| port.name == name && port.transport == transport);
            found.map(|port| port.number)
        };
        let ports = self.resolve(named);
        match &self.backends {
            Some(backends) => {
                ports.intersection(&service_backend::ports_at(backends, transport, pod))
            }
            None => ports,
        }
    }

    fn ports_outside(&self, transport: Transport) -> PortSet {
        let ports = self.fixed_ports();
        let Some(backends) = &self.backends else {
            return ports;
        };
        let numbers = backends.iter().filter_map(|(known, port)| match port {
            BackendPort::Number(number) if *known == transport => Some((*number, *number)),
            _ => None,
        });
        ports.intersection(&numbers.collect())
    }

    fn resolve(&self, named: impl Fn(&str) -> Option<u16>) -> PortSet {
        let set = |ports: &[CalicoPort<'_>]| -> PortSet {
            let ranges = ports.iter().filter_map(|port| match *port {
                CalicoPort::Range(first, last) => Some((first, last)),
                CalicoPort::Named(name) => named(name).map(|number| (number, number)),
            });
            ranges.collect()
        };
        let ports = match self.entity.ports.is_empty() {
            true => PortSet::full(),
            false => set(&self.entity.ports),
        };
        ports.difference(&set(&self.entity.not_ports))
    }
}

/// Adds traffic, to a part with the same subjects and peers if there is one.
fn add(
    parts: &mut Vec<(EndpointSet, Peers, Traffic)>,
    subjects: EndpointSet,
    peers: Peers,
    traffic: &Traffic,
) {
    if subjects.is_empty() || peers.is_empty() || traffic.is_empty() {
        return;
    }
    let known = parts
        .iter_mut()
        .find(|(own, others, _)| *own == subjects && *others == peers);
    match known {
        Some((_, _, known)) => *known = known.union(traffic),
        None => parts.push((subjects, peers, traffic.clone())),
    }
}

/// The traffic of a rule before its ports.
fn protocols(rule: &CalicoRule<'_>) -> Traffic {
    let mut traffic = rule.protocol.map_or_else(Traffic::full, Traffic::protocol);
    if let Some(protocol) = rule.not_protocol {
        traffic = traffic.difference(&Traffic::protocol(protocol));
    }
    if let Some(icmp) = rule.icmp {
        traffic = traffic.intersection(&messages(icmp));
    }
    if let Some(icmp) = rule.not_icmp {
        traffic = traffic.difference(&messages(icmp));
    }
    traffic
}

/// The messages of a type and code, of either version of ICMP: the protocol tells which.
fn messages(icmp: CalicoIcmp) -> Traffic {
    let set = |value: Option<u8>| value.map_or_else(IntervalSet::full, IntervalSet::one);
    let (kinds, codes) = (set(icmp.kind), set(icmp.code));
    Traffic::icmp(kinds.clone(), codes.clone()).union(&Traffic::icmpv6(kinds, codes))
}
