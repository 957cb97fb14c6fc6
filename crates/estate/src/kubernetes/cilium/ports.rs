//! The ports, requests and ICMP messages of Cilium's rules.

use palisade_document::Value;

use crate::kubernetes::PolicyType;
use crate::kubernetes::record::{Record, Remarks};

/// An entry of `toPorts`.
#[derive(Clone, Debug)]
pub struct CiliumPortRule<'e> {
    /// The place.
    pub at: Value<'e>,
    /// Any of these ports; all traffic if there are none.
    pub ports: Vec<CiliumPort<'e>>,
    /// What requests inside the connection must be.
    pub requests: Option<CiliumRequests<'e>>,
    /// Names that the TLS handshake must ask for, any of them.
    pub server_names: Vec<&'e str>,
}

/// A port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CiliumPort<'e> {
    /// The port.
    pub port: CiliumPortNumber<'e>,
    /// The number of the protocol; nothing for `ANY`, which is TCP, UDP and SCTP.
    pub protocol: Option<u8>,
}

/// The number or name of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CiliumPortNumber<'e> {
    /// `0`: every port.
    Every,
    /// From the first to the last, both included.
    Range(u16, u16),
    /// The port of this name that the pod has; letter case doesn't matter.
    Named(&'e str),
}

/// What requests inside a connection must be.
#[derive(Clone, Copy, Debug)]
pub enum CiliumRequests<'e> {
    /// HTTP requests like any of these.
    Http(Value<'e>),
    /// Kafka requests like any of these.
    Kafka(Value<'e>),
    /// Look-ups of names like any of these.
    Dns(Value<'e>),
    /// Requests of another protocol.
    Other(Value<'e>),
}

impl<'e> CiliumRequests<'e> {
    /// The place.
    pub fn at(&self) -> Value<'e> {
        match self {
            Self::Http(at) | Self::Kafka(at) | Self::Dns(at) | Self::Other(at) => *at,
        }
    }
}

/// A kind of ICMP message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CiliumIcmp {
    /// Whether it is ICMPv6.
    pub is_v6: bool,
    /// The type.
    pub kind: u8,
}

const MOST_PORTS: usize = 40;

/// Protocols by name; the last few came with later versions.
const PROTOCOLS: [(&str, Option<u8>); 8] = [
    ("ANY", None),
    ("TCP", Some(6)),
    ("UDP", Some(17)),
    ("SCTP", Some(132)),
    ("ICMP", Some(1)),
    ("ICMPV6", Some(58)),
    ("VRRP", Some(112)),
    ("IGMP", Some(2)),
];

/// The entries of `toPorts`.
pub(super) fn read_port_rules<'e>(
    record: &Record<'e, '_>,
    direction: PolicyType,
    is_deny: bool,
) -> Vec<CiliumPortRule<'e>> {
    let remarks = record.remarks();
    let rules = record.each("toPorts", |item| {
        read_port_rule(item, direction, is_deny, remarks)
    });
    rules.unwrap_or_default()
}

fn read_port_rule<'e>(
    at: Value<'e>,
    direction: PolicyType,
    is_deny: bool,
    remarks: &Remarks<'e>,
) -> Option<CiliumPortRule<'e>> {
    let record = Record::open(at, remarks)?;
    let ports = record.each("ports", |item| read_port(item, remarks));
    let mut rule = CiliumPortRule {
        at,
        ports: ports.unwrap_or_default(),
        requests: None,
        server_names: Vec::new(),
    };
    if rule.ports.len() > MOST_PORTS {
        remarks.refuse(record.place("ports"), "there are more than 40 ports");
    }
    // A rule that denies knows ports only.
    if !is_deny {
        rule.requests = read_requests(&record);
        let names = record.texts("serverNames").unwrap_or_default();
        rule.server_names = names.into_iter().map(|(name, _)| name).collect();
        record.get("terminatingTLS");
        record.get("originatingTLS");
        record.get("listener");
        rule.refuse_contradictions(&record, direction);
    }
    record.close();
    Some(rule)
}

impl CiliumPortRule<'_> {
    fn refuse_contradictions(&self, record: &Record<'_, '_>, direction: PolicyType) {
        let Some(requests) = self.requests else {
            return;
        };
        let refuse = |message: &str| record.remarks().refuse(record.place("rules"), message);
        let is_dns = matches!(requests, CiliumRequests::Dns(_));
        if is_dns && direction == PolicyType::Ingress {
            refuse("rules about names are for egress");
        }
        if is_dns && self.ports.is_empty() {
            refuse("rules about names need port 53");
        }
        let is_tcp = |port: &CiliumPort<'_>| port.protocol == Some(6);
        if !is_dns && !self.ports.iter().all(is_tcp) {
            refuse("rules about requests need ports with `protocol: TCP`");
        }
        let is_every = |port: &CiliumPort<'_>| port.port == CiliumPortNumber::Every;
        if self.ports.iter().any(is_every) {
            refuse("rules about requests need ports other than 0");
        }
    }
}

fn read_requests<'e>(port: &Record<'e, '_>) -> Option<CiliumRequests<'e>> {
    let rules = port.object("rules")?;
    let is_filled = |value: &Value<'e>| value.items().len() > 0;
    let mut found = Vec::new();
    found.extend(
        rules
            .get("http")
            .filter(is_filled)
            .map(CiliumRequests::Http),
    );
    found.extend(
        rules
            .get("kafka")
            .filter(is_filled)
            .map(CiliumRequests::Kafka),
    );
    found.extend(rules.get("dns").filter(is_filled).map(CiliumRequests::Dns));
    let other = rules.get("l7proto");
    let entries = rules.get("l7");
    found.extend(other.map(CiliumRequests::Other));
    if let Some(entries) = entries.filter(|_| other.is_none()) {
        rules.remarks().refuse(entries, "`l7` needs `l7proto`");
    }
    if found.len() > 1 {
        rules.remarks().refuse(
            rules.value(),
            "rules about several protocols exclude each other",
        );
    }
    rules.close();
    found.into_iter().next()
}

fn read_port<'e>(item: Value<'e>, remarks: &Remarks<'e>) -> Option<CiliumPort<'e>> {
    let record = Record::open(item, remarks)?;
    record.require("port");
    let text = record.text("port");
    let last = record.whole("endPort", 0..=65535);
    let protocol = record.text("protocol").unwrap_or("ANY");
    let known = PROTOCOLS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(protocol) || protocol.is_empty());
    if known.is_none() {
        remarks.refuse(
            record.place("protocol"),
            "`protocol` must be one of `ANY`, `TCP`, `UDP`, `SCTP`",
        );
    }
    let port = text.and_then(|text| {
        let port = port_number(text, last);
        if port.is_none() {
            remarks.refuse(
                record.place("port"),
                "`port` must be a number from 0 to 65535 or the name of a port",
            );
        }
        port
    });
    if let (Some(CiliumPortNumber::Range(first, end)), Some(_)) = (port, last)
        && end < first
    {
        remarks.refuse(
            record.place("endPort"),
            "`endPort` must not be below `port`",
        );
    }
    record.close();
    Some(CiliumPort {
        port: port?,
        protocol: known?.1,
    })
}

fn port_number(text: &str, last: Option<i64>) -> Option<CiliumPortNumber<'_>> {
    if let Ok(first) = text.parse::<u16>() {
        let last = last.and_then(|last| u16::try_from(last).ok());
        let last = last.filter(|last| *last > 0);
        return Some(match (first, last) {
            (0, None) => CiliumPortNumber::Every,
            (first, last) => CiliumPortNumber::Range(first, last.unwrap_or(first)),
        });
    }
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let has_letter = text.bytes().any(|byte| byte.is_ascii_alphabetic());
    let is_name = has_letter && text.bytes().all(is_part) && text.len() <= 15;
    is_name.then_some(CiliumPortNumber::Named(text))
}

/// The entries of `icmps`.
pub(super) fn read_icmps(record: &Record<'_, '_>) -> Vec<CiliumIcmp> {
    let remarks = record.remarks();
    let rules = record.each("icmps", |item| {
        let rule = Record::open(item, remarks)?;
        let fields = rule.each("fields", |field| read_icmp(field, remarks));
        rule.close();
        fields
    });
    rules.unwrap_or_default().into_iter().flatten().collect()
}

fn read_icmp<'e>(item: Value<'e>, remarks: &Remarks<'e>) -> Option<CiliumIcmp> {
    let record = Record::open(item, remarks)?;
    let families = [("IPv4", false), ("IPv6", true)];
    let is_v6 = record.choice("family", &families).unwrap_or(false);
    record.require("type");
    let kind = record
        .get("type")
        .and_then(|value| icmp_type(value.scalar(), is_v6));
    if kind.is_none() && record.is_sound() {
        remarks.refuse(
            record.place("type"),
            "`type` must be a number from 0 to 255 or the name of a kind of message",
        );
    }
    record.close();
    Some(CiliumIcmp { is_v6, kind: kind? })
}

/// A type by number, or by Cilium's name for it (1.15).
fn icmp_type(text: &str, is_v6: bool) -> Option<u8> {
    const V4: [(&str, u8); 10] = [
        ("EchoReply", 0),
        ("DestinationUnreachable", 3),
        ("Redirect", 5),
        ("Echo", 8),
        ("EchoRequest", 8),
        ("RouterAdvertisement", 9),
        ("RouterSelection", 10),
        ("TimeExceeded", 11),
        ("ParameterProblem", 12),
        ("Timestamp", 13),
    ];
    const V6: [(&str, u8); 10] = [
        ("DestinationUnreachable", 1),
        ("PacketTooBig", 2),
        ("TimeExceeded", 3),
        ("ParameterProblem", 4),
        ("EchoRequest", 128),
        ("EchoReply", 129),
        ("RouterSolicitation", 133),
        ("RouterAdvertisement", 134),
        ("NeighborSolicitation", 135),
        ("NeighborAdvertisement", 136),
    ];
    let named = if is_v6 { &V6 } else { &V4 };
    let named = named.iter().find(|(name, _)| *name == text);
    named.map(|&(_, kind)| kind).or_else(|| text.parse().ok())
}
