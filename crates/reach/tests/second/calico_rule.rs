//! The rules of Calico's policies.

use serde_json::{Value, json};

use crate::calico::NetworkSet;
use crate::calico_selector::{
    Expression, NAMESPACE_KEYS, OWN_KEYS, Subject, by_account, by_namespace, namespace_label, own,
};
use crate::cluster::{
    ACCOUNTS, Carries, Cluster, NAMESPACES, PORT_NAMES, PORTS, RANGES, SERVICES, Who, lies_in,
};
use crate::draw::Draw;
use crate::labels::KEYS;
use crate::verdict::{Holds, Maybe, No, Yes, any};

#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) action: &'static str,
    protocol: Option<(&'static str, u8)>,
    not_protocol: Option<(&'static str, u8)>,
    icmp: Option<(u8, Option<u8>)>,
    pub(crate) source: Entity,
    pub(crate) destination: Entity,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Entity {
    nets: Vec<&'static str>,
    not_nets: Vec<&'static str>,
    selector: Option<Expression>,
    not_selector: Option<Expression>,
    namespaces: Option<Expression>,
    accounts: Option<(Vec<&'static str>, Option<Expression>)>,
    service: Option<(&'static str, usize)>,
    ports: Vec<Port>,
    not_ports: Vec<Port>,
}

#[derive(Clone, Debug)]
enum Port {
    Range(u16, u16),
    Named(&'static str),
}

pub(crate) struct View<'v> {
    pub(crate) cluster: &'v Cluster,
    pub(crate) sets: &'v [NetworkSet],
    pub(crate) own: Option<usize>,
    pub(crate) carries: Carries,
}

impl View<'_> {
    pub(crate) fn is(&self, entity: &Entity, who: Who, is_destination: bool) -> Holds {
        let address = self.cluster.address(who);
        let in_any = |nets: &[&str]| nets.iter().any(|net| lies_in(address, net));
        let mut holds = Yes;
        if !entity.nets.is_empty() {
            holds = holds.and(in_any(&entity.nets));
        }
        holds = holds.and(!in_any(&entity.not_nets));
        let selects = entity.selector.is_some()
            || entity.namespaces.is_some()
            || entity.accounts.is_some()
            || (entity.not_selector.is_some() && self.own.is_some());
        if selects {
            holds = holds.and(self.selected(entity, self.own, who));
        }
        if let Some(selector) = &entity.not_selector {
            let other = Entity {
                selector: Some(selector.clone()),
                ..Entity::default()
            };
            holds = holds.and(self.selected(&other, None, who).not());
        }
        if let Some((name, namespace)) = entity.service {
            holds = holds.and(self.serves(name, namespace, who, is_destination));
        }
        holds.and(self.ports(entity, who, is_destination))
    }

    /// Whether selectors find it: as a pod, or as an address in a network set.
    fn selected(&self, entity: &Entity, own_namespace: Option<usize>, who: Who) -> Holds {
        let limit = own_namespace.filter(|_| entity.namespaces.is_none());
        let as_pod = self.cluster.pod(who).map_or(No, |pod| {
            let mut holds = Holds::from(limit.is_none_or(|limit| limit == pod.namespace));
            if let Some(selector) = &entity.selector {
                holds = holds.and(own(selector, self.cluster, pod));
            }
            if let Some(selector) = &entity.namespaces {
                holds = holds.and(by_namespace(selector, self.cluster, pod));
            }
            if let Some((names, selector)) = &entity.accounts {
                holds = holds.and(names.is_empty() || names.contains(&pod.account.as_str()));
                if let Some(selector) = selector {
                    holds = holds.and(by_account(selector, self.cluster, pod));
                }
            }
            holds
        });
        if entity.accounts.is_some() {
            return as_pod;
        }
        let address = self.cluster.address(who);
        let as_address = any(self.sets.iter().map(|set| {
            let is_there = set.nets.iter().any(|net| lies_in(address, net));
            let is_own = limit.is_none_or(|limit| set.namespace == Some(limit));
            Holds::from(is_there && is_own).and(self.set_holds(set, entity))
        }));
        as_pod.or(as_address)
    }

    fn set_holds(&self, set: &NetworkSet, entity: &Entity) -> Holds {
        let of_namespace = |key: &str| match set.namespace {
            Some(number) => namespace_label(self.cluster, number, key),
            None => Ok(None),
        };
        let label = |key: &str| match key {
            "projectcalico.org/namespace" => {
                Ok(set.namespace.map(|number| NAMESPACES[number].to_owned()))
            }
            "pcns.app" => of_namespace("app"),
            key => Ok(set.labels.get(key).cloned()),
        };
        let mut holds = Yes;
        if let Some(selector) = &entity.selector {
            holds = holds.and(selector.holds(&Subject {
                label: &label,
                all: true,
                global: true,
            }));
        }
        if let Some(selector) = &entity.namespaces {
            holds = holds.and(selector.holds(&Subject {
                label: &of_namespace,
                all: set.namespace.is_some(),
                global: set.namespace.is_none(),
            }));
        }
        holds
    }

    fn serves(&self, name: &str, namespace: usize, who: Who, is_destination: bool) -> Holds {
        let mut services = self.cluster.services.iter();
        let known = services.find(|one| one.name == name && one.namespace == namespace);
        // A Service that isn't in the input may be any.
        let Some(service) = known else {
            return Maybe;
        };
        let is_behind = match &service.selector {
            Some(labels) => self.cluster.pod(who).is_some_and(|pod| {
                pod.namespace == namespace
                    && labels
                        .iter()
                        .all(|(key, value)| pod.labels.get(key) == Some(value))
            }),
            None => service.addresses.contains(&self.cluster.address(who)),
        };
        if !is_destination {
            return is_behind.into();
        }
        let Carries::Ports { transport, to, .. } = self.carries else {
            return No;
        };
        let is_port = service.ports.iter().any(|(own, target)| {
            *own == transport
                && match target {
                    Ok(number) => *number == to,
                    Err(name) => self.cluster.port(who, name, transport).first() == Some(&to),
                }
        });
        (is_behind && is_port).into()
    }

    fn ports(&self, entity: &Entity, who: Who, is_destination: bool) -> Holds {
        if entity.ports.is_empty() && entity.not_ports.is_empty() {
            return Yes;
        }
        let Carries::Ports {
            transport,
            from,
            to,
        } = self.carries
        else {
            return No;
        };
        let port = if is_destination { to } else { from };
        let is_one = |ports: &[Port]| {
            ports.iter().any(|one| match one {
                Port::Range(first, last) => (*first..=*last).contains(&port),
                Port::Named(name) => self.cluster.port(who, name, transport).contains(&port),
            })
        };
        let is_listed = entity.ports.is_empty() || is_one(&entity.ports);
        (is_listed && !is_one(&entity.not_ports)).into()
    }
}

const PROTOCOLS: [(&str, u8); 6] = [
    ("TCP", 6),
    ("UDP", 17),
    ("SCTP", 132),
    ("ICMP", 1),
    ("ICMPv6", 58),
    ("UDPLite", 136),
];

impl Rule {
    pub(crate) fn draw(draw: &mut Draw, ingress: bool) -> Self {
        let protocol = draw.unless(2, |draw| draw.of(&PROTOCOLS));
        let has_ports = matches!(protocol, Some(("TCP" | "UDP" | "SCTP", _)));
        let icmp = match protocol {
            Some(("ICMP" | "ICMPv6", _)) => draw.unless(2, |draw| {
                (draw.of(&[8, 128]), draw.unless(2, |draw| draw.of(&[0, 1])))
            }),
            _ => None,
        };
        Self {
            action: draw.of(&["Allow", "Allow", "Deny", "Pass", "Log"]),
            protocol,
            not_protocol: match draw.one_in(5) {
                true => Some(draw.of(&PROTOCOLS)),
                false => None,
            },
            icmp,
            source: Entity::draw(draw, has_ports, ingress, ingress),
            destination: Entity::draw(draw, has_ports, !ingress, !ingress),
        }
    }

    pub(crate) fn written(&self) -> Value {
        let mut rule = json!({
            "action": self.action,
            "source": self.source.written(), "destination": self.destination.written(),
        });
        if let Some((name, _)) = self.protocol {
            rule["protocol"] = json!(name);
        }
        if let Some((name, _)) = self.not_protocol {
            rule["notProtocol"] = json!(name);
        }
        if let Some((kind, code)) = self.icmp {
            rule["icmp"] = json!({"type": kind});
            if let Some(code) = code {
                rule["icmp"]["code"] = json!(code);
            }
        }
        rule
    }

    pub(crate) fn carries(&self, carries: Carries) -> bool {
        let number = carries.protocol();
        let is_message = self.icmp.is_none_or(|(wanted, wanted_code)| match carries {
            Carries::Icmp { kind, code } | Carries::Icmpv6 { kind, code } => {
                kind == wanted && wanted_code.is_none_or(|wanted| wanted == code)
            }
            _ => false,
        });
        self.protocol.is_none_or(|(_, wanted)| wanted == number)
            && self.not_protocol.is_none_or(|(_, wanted)| wanted != number)
            && is_message
    }
}

impl Entity {
    /// `is_peer` for the other side, which more is said of.
    fn draw(draw: &mut Draw, has_ports: bool, is_peer: bool, can_be_service: bool) -> Self {
        let mut entity = Self::default();
        if can_be_service && draw.one_in(6) {
            entity.service = Some((draw.of(&SERVICES), draw.below(3)));
            return entity;
        }
        let times = if is_peer { 3 } else { 8 };
        if draw.one_in(times) {
            entity.nets = draw.some(1, 2, |draw| draw.of(&RANGES));
            entity.nets.dedup();
        }
        if draw.one_in(2 * times) {
            entity.not_nets = draw.some(1, 1, |draw| draw.of(&RANGES));
        }
        if draw.one_in(times) {
            entity.selector = Some(Expression::draw(draw, &OWN_KEYS, false, 0));
        }
        if draw.one_in(2 * times) {
            entity.not_selector = Some(Expression::draw(draw, &OWN_KEYS, false, 0));
        }
        if draw.one_in(times) {
            entity.namespaces = Some(Expression::draw(draw, &NAMESPACE_KEYS, true, 0));
        }
        if draw.one_in(2 * times) {
            let names = draw.some(0, 2, |draw| draw.of(&ACCOUNTS));
            let selector = match names.is_empty() || draw.one_in(3) {
                true => Some(Expression::draw(draw, &KEYS, false, 1)),
                false => None,
            };
            entity.accounts = Some((names, selector));
        }
        if has_ports && draw.one_in(2) {
            entity.ports = draw.some(0, 2, Port::draw);
            if draw.one_in(4) {
                entity.not_ports = draw.some(1, 1, Port::draw);
            }
        }
        entity
    }

    fn written(&self) -> Value {
        let mut entity = json!({});
        let ports = |ports: &[Port]| ports.iter().map(Port::written).collect::<Vec<_>>();
        for (name, nets) in [("nets", &self.nets), ("notNets", &self.not_nets)] {
            if !nets.is_empty() {
                entity[name] = json!(nets);
            }
        }
        for (name, selector) in [
            ("selector", &self.selector),
            ("notSelector", &self.not_selector),
            ("namespaceSelector", &self.namespaces),
        ] {
            if let Some(selector) = selector {
                entity[name] = json!(selector.written());
            }
        }
        if let Some((names, selector)) = &self.accounts {
            entity["serviceAccounts"] = json!({"names": names});
            if let Some(selector) = selector {
                entity["serviceAccounts"]["selector"] = json!(selector.written());
            }
        }
        if let Some((name, namespace)) = self.service {
            entity["services"] = json!({"name": name, "namespace": NAMESPACES[namespace]});
        }
        if !self.ports.is_empty() {
            entity["ports"] = json!(ports(&self.ports));
        }
        if !self.not_ports.is_empty() {
            entity["notPorts"] = json!(ports(&self.not_ports));
        }
        entity
    }
}

impl Port {
    fn draw(draw: &mut Draw) -> Self {
        let first = draw.of(&PORTS);
        match draw.below(3) {
            0 => Self::Named(draw.of(&PORT_NAMES)),
            1 => Self::Range(first, first),
            _ => Self::Range(first, first + draw.of(&[1, 100, 40000])),
        }
    }

    fn written(&self) -> Value {
        match self {
            Self::Named(name) => json!(name),
            Self::Range(first, last) if first == last => json!(first),
            Self::Range(first, last) => json!(format!("{first}:{last}")),
        }
    }
}
