//! The rules of Calico's policies and profiles.

use std::net::IpAddr;

use ipnet::IpNet;
use palisade_document::{Kind, Value};

use super::{CalicoSelector, read_selector};
use crate::kubernetes::PolicyType;
use crate::kubernetes::record::Record;

/// What a rule does with the traffic that it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalicoAction {
    /// Let through, finally.
    Allow,
    /// Drop, finally.
    Deny,
    /// Write a line in a log and go on with the next rule.
    Log,
    /// Leave to the next tier.
    Pass,
}

/// A rule. Whatever it says must hold; what it doesn't say holds of everything.
#[derive(Clone, Debug)]
pub struct CalicoRule<'e> {
    /// The place.
    pub at: Value<'e>,
    /// What it does; nothing if that is refused.
    pub action: Option<CalicoAction>,
    /// 4 or 6.
    pub ip_version: Option<u8>,
    /// The number of the protocol.
    pub protocol: Option<u8>,
    /// The number of a protocol that it must not be.
    pub not_protocol: Option<u8>,
    /// The type and code of ICMP or ICMPv6.
    pub icmp: Option<CalicoIcmp>,
    /// A type and code that it must not be.
    pub not_icmp: Option<CalicoIcmp>,
    /// Where it comes from.
    pub source: CalicoEntity<'e>,
    /// Where it goes to.
    pub destination: CalicoEntity<'e>,
    /// What HTTP requests must be; only Istio's proxies enforce it.
    pub http: Option<CalicoHttp<'e>>,
    /// Whether Calico refuses something in the rule.
    pub is_refused: bool,
}

/// ICMP by type and code. Without a type it stands for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalicoIcmp {
    /// The type.
    pub kind: Option<u8>,
    /// The code of the type.
    pub code: Option<u8>,
}

/// Conditions on HTTP requests.
#[derive(Clone, Debug)]
pub struct CalicoHttp<'e> {
    /// The place.
    pub at: Value<'e>,
    /// Any of these methods.
    pub methods: Vec<&'e str>,
    /// Any of these paths: whether it is a prefix, and the path.
    pub paths: Vec<(bool, &'e str)>,
}

/// One side of the traffic of a rule.
#[derive(Clone, Debug, Default)]
pub struct CalicoEntity<'e> {
    /// In one of these ranges; which holds of pods, too.
    pub nets: Vec<IpNet>,
    /// In none of these ranges.
    pub not_nets: Vec<IpNet>,
    /// An endpoint or network set with such labels.
    pub selector: Option<CalicoSelector<'e>>,
    /// Not an endpoint or network set with such labels: anything else, addresses outside included.
    pub not_selector: Option<CalicoSelector<'e>>,
    /// In a namespace with such labels.
    pub namespace_selector: Option<CalicoSelector<'e>>,
    /// A backend of a Service, at the backend's port.
    pub services: Option<CalicoService<'e>>,
    /// At one of these ports.
    pub ports: Vec<CalicoPort<'e>>,
    /// At none of these ports.
    pub not_ports: Vec<CalicoPort<'e>>,
    /// A pod with such a service account.
    pub service_accounts: Option<CalicoServiceAccounts<'e>>,
}

/// A Service by name; in the policy's namespace if none is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalicoService<'e> {
    /// Its name.
    pub name: &'e str,
    /// Its namespace.
    pub namespace: Option<&'e str>,
}

/// Service accounts: of one of the names, if any are given, and with such labels.
#[derive(Clone, Debug)]
pub struct CalicoServiceAccounts<'e> {
    /// The names.
    pub names: Vec<&'e str>,
    /// The labels.
    pub selector: Option<CalicoSelector<'e>>,
}

/// Ports of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalicoPort<'e> {
    /// From the first to the last, both included.
    Range(u16, u16),
    /// The port of this name that the endpoint has.
    Named(&'e str),
}

const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMP_V6: u8 = 58;
const SCTP: u8 = 132;
const UDP_LITE: u8 = 136;

impl<'e> CalicoRule<'e> {
    /// The rules of a direction of a policy's or profile's `spec`.
    pub(super) fn read_all(spec: &Record<'e, '_>, direction: PolicyType) -> Vec<Self> {
        let rules = spec.each(direction.section(), |rule| {
            Some(Self::read(rule, spec, direction))
        });
        rules.unwrap_or_default()
    }

    fn read(at: Value<'e>, spec: &Record<'e, '_>, direction: PolicyType) -> Self {
        let remarks = spec.remarks();
        let before = remarks.errors();
        let mut rule = Self {
            at,
            action: None,
            ip_version: None,
            protocol: None,
            not_protocol: None,
            icmp: None,
            not_icmp: None,
            source: CalicoEntity::default(),
            destination: CalicoEntity::default(),
            http: None,
            is_refused: true,
        };
        let Some(record) = Record::open(at, remarks) else {
            return rule;
        };
        record.require("action");
        let actions = [
            ("Allow", CalicoAction::Allow),
            ("Deny", CalicoAction::Deny),
            ("Log", CalicoAction::Log),
            ("Pass", CalicoAction::Pass),
        ];
        rule.action = record.choice("action", &actions);
        rule.ip_version = read_version(&record);
        rule.protocol = read_protocol(&record, "protocol");
        rule.not_protocol = read_protocol(&record, "notProtocol");
        rule.icmp = read_icmp(&record, "icmp");
        rule.not_icmp = read_icmp(&record, "notICMP");
        rule.source = CalicoEntity::read(&record, "source");
        rule.destination = CalicoEntity::read(&record, "destination");
        rule.http = read_http(&record);
        // Annotations: they change nothing.
        record.get("metadata");
        if record.is_sound() {
            rule.refuse_contradictions(&record, direction);
        }
        record.close();
        rule.is_refused = remarks.errors() > before;
        rule
    }

    fn refuse_contradictions(&self, record: &Record<'e, '_>, direction: PolicyType) {
        let refuse = |field: &str, message: &str| {
            record.remarks().refuse(record.place(field), message);
        };
        let entities = [("source", &self.source), ("destination", &self.destination)];
        let has_port = |protocol: u8| [TCP, UDP, SCTP].contains(&protocol);
        for (field, entity) in entities {
            let has_ports = !(entity.ports.is_empty() && entity.not_ports.is_empty());
            if has_ports && !self.protocol.is_some_and(has_port) {
                refuse(
                    field,
                    "ports need `protocol` to be one of `TCP`, `UDP`, `SCTP`",
                );
            }
            if entity.services.is_some() && entity.has_other_than_services() {
                refuse(
                    field,
                    "`services` excludes selectors, ranges and service accounts",
                );
            }
        }
        let destination = &self.destination;
        let has_ports = !(destination.ports.is_empty() && destination.not_ports.is_empty());
        if destination.services.is_some() && has_ports {
            refuse("destination", "`services` of a destination exclude ports");
        }
        let is_ingress = direction == PolicyType::Ingress;
        if is_ingress && destination.services.is_some() {
            refuse(
                "destination",
                "`services` of a destination are for egress rules",
            );
        }
        if !is_ingress && self.source.services.is_some() {
            refuse("source", "`services` of a source are for ingress rules");
        }
        let is_icmp = |protocol: u8| protocol == ICMP || protocol == ICMP_V6;
        if self.icmp.is_some() && !self.protocol.is_some_and(is_icmp) {
            refuse("icmp", "`icmp` needs `protocol` to be `ICMP` or `ICMPv6`");
        }
        for (protocol, version) in [(ICMP, 4), (ICMP_V6, 6)] {
            let names_it = [self.protocol, self.not_protocol].contains(&Some(protocol));
            if names_it && self.ip_version.is_some_and(|given| given != version) {
                refuse("ipVersion", "the protocol belongs to the other IP version");
            }
        }
        if self.http.is_some() && self.protocol.is_some_and(|protocol| protocol != TCP) {
            refuse("http", "`http` needs `protocol` to be `TCP`");
        }
        if self.http.is_some() && self.action != Some(CalicoAction::Allow) {
            refuse("http", "`http` is for rules that allow");
        }
    }
}

impl<'e> CalicoEntity<'e> {
    fn read(rule: &Record<'e, '_>, name: &'static str) -> Self {
        let Some(record) = rule.object(name) else {
            return Self::default();
        };
        let selector = record.value().get("selector").map(Value::scalar);
        if selector.is_some_and(|text| text.contains("global(")) {
            record.remarks().refuse(
                record.place("selector"),
                "`global()` has a meaning only in the `namespaceSelector` of a rule",
            );
        }
        let entity = Self {
            nets: read_networks(&record, "nets"),
            not_nets: read_networks(&record, "notNets"),
            selector: read_selector(&record, "selector"),
            not_selector: read_selector(&record, "notSelector"),
            namespace_selector: read_selector(&record, "namespaceSelector"),
            services: read_service(&record),
            ports: read_ports(&record, "ports"),
            not_ports: read_ports(&record, "notPorts"),
            service_accounts: read_service_accounts(&record),
        };
        record.close();
        entity
    }

    /// Whether nothing is said, so that everything matches.
    pub fn is_anything(&self) -> bool {
        !self.has_other_than_services()
            && self.services.is_none()
            && self.ports.is_empty()
            && self.not_ports.is_empty()
    }

    fn has_other_than_services(&self) -> bool {
        !self.nets.is_empty()
            || !self.not_nets.is_empty()
            || self.selector.is_some()
            || self.not_selector.is_some()
            || self.namespace_selector.is_some()
            || self.service_accounts.is_some()
    }
}

fn read_version(record: &Record<'_, '_>) -> Option<u8> {
    match record.whole("ipVersion", 4..=6)? {
        4 => Some(4),
        6 => Some(6),
        _ => {
            let at = record.place("ipVersion");
            record.remarks().refuse(at, "`ipVersion` must be 4 or 6");
            None
        }
    }
}

/// A protocol by name or by number.
pub(super) fn read_protocol(record: &Record<'_, '_>, name: &'static str) -> Option<u8> {
    let value = record.get(name)?;
    let known = [
        ("TCP", TCP),
        ("UDP", UDP),
        ("ICMP", ICMP),
        ("ICMPv6", ICMP_V6),
        ("SCTP", SCTP),
        ("UDPLite", UDP_LITE),
    ];
    let number = value.scalar().parse::<u8>().ok();
    let named = known
        .into_iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(value.scalar()))
        .map(|(_, number)| number);
    let protocol = named.or(number.filter(|number| *number > 0));
    if protocol.is_none() {
        record.remarks().refuse(
            value,
            format!(
                "`{name}` must be one of `TCP`, `UDP`, `ICMP`, `ICMPv6`, `SCTP`, `UDPLite`, or a number from 1 to 255"
            ),
        );
    }
    protocol
}

fn read_icmp(record: &Record<'_, '_>, name: &'static str) -> Option<CalicoIcmp> {
    let fields = record.object(name)?;
    let byte = |name, last| u8::try_from(fields.whole(name, 0..=last)?).ok();
    let icmp = CalicoIcmp {
        kind: byte("type", 254),
        code: byte("code", 255),
    };
    if icmp.code.is_some() && icmp.kind.is_none() {
        let at = fields.place("code");
        fields.remarks().refuse(at, "a code needs a type");
    }
    fields.close();
    Some(icmp)
}

/// Ranges, where a single address stands for itself.
pub(super) fn read_networks(record: &Record<'_, '_>, name: &'static str) -> Vec<IpNet> {
    let texts = record.texts(name).unwrap_or_default();
    let mut networks = Vec::with_capacity(texts.len());
    for (text, at) in texts {
        let address = || text.parse::<IpAddr>().map(IpNet::from).ok();
        match text.parse().ok().or_else(address) {
            Some(network) => networks.push(network),
            None => record
                .remarks()
                .refuse(at, "this is not an address or a range such as `10.0.0.0/8`"),
        }
    }
    networks
}

fn read_service<'e>(record: &Record<'e, '_>) -> Option<CalicoService<'e>> {
    let services = record.object("services")?;
    services.require("name");
    let service = CalicoService {
        name: services.filled("name").unwrap_or_default(),
        namespace: services.filled("namespace"),
    };
    services.close();
    Some(service)
}

fn read_service_accounts<'e>(record: &Record<'e, '_>) -> Option<CalicoServiceAccounts<'e>> {
    let accounts = record.object("serviceAccounts")?;
    let names = accounts.texts("names").unwrap_or_default();
    let found = CalicoServiceAccounts {
        names: names.into_iter().map(|(name, _)| name).collect(),
        selector: read_selector(&accounts, "selector"),
    };
    accounts.close();
    Some(found)
}

fn read_ports<'e>(record: &Record<'e, '_>, name: &'static str) -> Vec<CalicoPort<'e>> {
    let ports = record.each(name, |item| {
        let port = read_port(item);
        if port.is_none() {
            record.remarks().refuse(
                item,
                "a port is a number, a range such as `8000:8080`, or a name",
            );
        }
        port
    });
    ports.unwrap_or_default()
}

fn read_port(item: Value<'_>) -> Option<CalicoPort<'_>> {
    if !matches!(item.kind(), Kind::Number | Kind::String) {
        return None;
    }
    let text = item.scalar();
    if let Some((first, last)) = text.split_once(':') {
        let ends = (first.parse().ok()?, last.parse().ok()?);
        return (ends.0 <= ends.1).then_some(CalicoPort::Range(ends.0, ends.1));
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let port = text.parse().ok()?;
        return Some(CalicoPort::Range(port, port));
    }
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    text.bytes().all(is_name).then_some(CalicoPort::Named(text))
}

fn read_http<'e>(record: &Record<'e, '_>) -> Option<CalicoHttp<'e>> {
    let http = record.object("http")?;
    let methods = http.texts("methods").unwrap_or_default();
    let paths = http.each("paths", |item| {
        let path = Record::open(item, http.remarks())?;
        let exact = path.filled("exact").map(|text| (false, text));
        let prefix = path.filled("prefix").map(|text| (true, text));
        if exact.is_some() == prefix.is_some() {
            path.require_one_of("`exact` and `prefix`");
        }
        path.close();
        exact.or(prefix)
    });
    let found = CalicoHttp {
        at: http.value(),
        methods: methods.into_iter().map(|(method, _)| method).collect(),
        paths: paths.unwrap_or_default(),
    };
    http.close();
    Some(found)
}
