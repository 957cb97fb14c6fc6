//! Ports that a rule opens and no container declares.
//!
//! A container may listen on a port that it doesn't declare, so a pod speaks of its ports only if
//! it declares some: a rule is remarked upon if all pods that it leads to declare ports, and none
//! of them this one.

use palisade_document::{Kind, Value};
use palisade_estate::kubernetes::PolicyType;
use palisade_packet::{PortSet, Set, Transport};

use super::super::program::{Action, Policy, Rule};
use super::super::{Analysis, EndpointSet};
use super::written::{Written, by_place, subjects};
use super::{Lint, LintKind};

const TRANSPORTS: [Transport; 3] = [Transport::Tcp, Transport::Udp, Transport::Sctp];

pub(super) fn lint<'e>(analysis: &Analysis<'e>, written: &Written<'e>, lints: &mut Vec<Lint<'e>>) {
    let places =
        [PolicyType::Ingress, PolicyType::Egress].map(|way| (way, by_place(analysis, way)));
    for rule in &written.rules {
        let way = places.iter().find(|(way, _)| *way == rule.direction);
        let Some(parts) = way.and_then(|(_, places)| places.get(&rule.value.origin())) else {
            continue;
        };
        for (transport, first, last) in unheard(analysis, rule.direction, parts) {
            let at = place_of(rule.value, first).unwrap_or(rule.value);
            let ports = match first == last {
                true => format!("{}/{first}", transport.as_str()),
                false => format!("{}/{first}-{last}", transport.as_str()),
            };
            lints.push(Lint {
                kind: LintKind::NobodyListens,
                object: rule.object,
                at: at.origin(),
                message: format!(
                    "no container of the pods that {}[{}] leads to declares {ports}",
                    rule.section, rule.index
                ),
                deciding: Vec::new(),
            });
        }
    }
}

/// The ranges of ports of a written rule that none of the pods declares.
fn unheard(
    analysis: &Analysis<'_>,
    direction: PolicyType,
    parts: &[(&Policy<'_>, &Rule)],
) -> Vec<(Transport, u16, u16)> {
    let mut leads_to = EndpointSet::empty();
    let mut opened = TRANSPORTS.map(|_| PortSet::empty());
    for (policy, rule) in parts {
        if rule.action != Action::Allow {
            return Vec::new();
        }
        let table = analysis.table();
        let traffic = table.get(rule.traffic);
        for (ports, transport) in opened.iter_mut().zip(TRANSPORTS) {
            *ports = ports.union(&traffic.destination_ports(transport));
        }
        leads_to.extend(&match direction {
            PolicyType::Ingress => subjects(policy, rule),
            PolicyType::Egress => rule.peers.endpoints.clone(),
        });
    }
    // Of what isn't a pod it isn't known where it listens.
    if leads_to.is_empty() || !leads_to.is_subset(&analysis.endpoints.pods()) {
        return Vec::new();
    }
    let mut declared = TRANSPORTS.map(|_| PortSet::empty());
    for id in leads_to.iter() {
        let ports = &analysis.endpoints.get(id).ports;
        if ports.is_empty() {
            return Vec::new();
        }
        for port in ports {
            let place = TRANSPORTS.iter().position(|one| *one == port.transport);
            if let Some(own) = place.map(|place| &mut declared[place]) {
                *own = own.union(&PortSet::one(port.number));
            }
        }
    }
    let mut unheard = Vec::new();
    for ((opened, declared), transport) in opened.iter().zip(&declared).zip(TRANSPORTS) {
        for &(first, last) in opened.intervals() {
            if !opened.is_full() && PortSet::range(first, last).is_disjoint(declared) {
                unheard.push((transport, first, last));
            }
        }
    }
    unheard
}

/// The place where a rule names a port.
fn place_of(value: Value<'_>, number: u16) -> Option<Value<'_>> {
    const DEEPEST: usize = 12;
    fn find(value: Value<'_>, number: i64, depth: usize) -> Option<Value<'_>> {
        match value.kind() {
            Kind::Object if depth < DEEPEST => value
                .entries()
                .find_map(|entry| find(entry.value, number, depth + 1)),
            Kind::Array if depth < DEEPEST => {
                let mut items = value.items();
                items.find_map(|item| find(item, number, depth + 1))
            }
            _ => {
                let own = value.as_i64().or_else(|| value.scalar().parse().ok());
                (own == Some(number)).then_some(value)
            }
        }
    }
    find(value, i64::from(number), 0)
}
