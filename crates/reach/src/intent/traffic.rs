//! Traffic in words.

use palisade_packet::{PortSet, Set, Traffic, Transport};

/// `443`, `tcp/443`, `udp/8000-8010`, `sctp`, `icmp`, `icmpv6`: a protocol by name, with
/// destination ports or all there are. A number alone is a port of TCP. The error is a sentence
/// for whoever wrote the text.
pub fn parse_traffic(text: &str) -> Result<Traffic, String> {
    let refused = || format!("`{text}` is no traffic; write 443, tcp/443, udp/8000-8010 or icmp");
    let (protocol, ports) = match text.split_once('/') {
        Some((protocol, ports)) => (protocol, Some(ports)),
        None if text.starts_with(|first: char| first.is_ascii_digit()) => ("tcp", Some(text)),
        None => (text, None),
    };
    let protocol = protocol.to_ascii_uppercase();
    let ports = match ports {
        None => PortSet::full(),
        Some(ports) => parse_ports(ports).ok_or_else(refused)?,
    };
    match (protocol.as_str(), ports.is_full()) {
        ("ICMP", true) => Ok(Traffic::protocol(1)),
        ("ICMPV6", true) => Ok(Traffic::protocol(58)),
        (name, _) => Transport::named(name)
            .map(|transport| Traffic::to_ports(transport, ports))
            .ok_or_else(refused),
    }
}

fn parse_ports(text: &str) -> Option<PortSet> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.parse::<u16>().ok()?, last.parse::<u16>().ok()?);
    (first <= last).then(|| PortSet::range(first, last))
}
