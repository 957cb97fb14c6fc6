//! What an entry of `authorizedIPRanges` lets in.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use palisade_estate::azure::ManagedCluster;
use palisade_estate::{Field, Unknown};

use palisade_document::Value;

/// Whom one entry authorises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach<'e> {
    /// Every address.
    Everyone,
    /// A range of public addresses.
    Public(Ipv4Net),
    /// The outbound address of the cluster's own load balancer, which is what `0.0.0.0/32`
    /// means to AKS.
    OwnOutboundAddress,
    /// Addresses that no packet from the internet can come from.
    Private,
    /// Every machine in Azure (of a region), whoever rents it: the tag `AzureCloud`.
    AzureCloud,
    /// Another service tag (preview).
    ServiceTag(&'e str),
    /// Neither an IPv4 range nor a tag.
    Unreadable,
}

/// An entry with its place.
pub(super) struct AuthorizedRange<'e> {
    pub(super) text: &'e str,
    pub(super) at: Value<'e>,
    pub(super) reach: Reach<'e>,
}

/// Blocks that the internet doesn't route: RFC 1918, carrier-grade NAT, loopback, link-local.
const PRIVATE: [(Ipv4Addr, u8); 6] = [
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
];

/// The entries of a cluster's list, each once. An absent or empty list has none.
pub(super) fn authorized_ranges<'e>(
    cluster: &ManagedCluster<'e>,
) -> Result<Vec<AuthorizedRange<'e>>, Unknown> {
    let entries = match cluster.authorized_ip_ranges() {
        Field::Present(entries, _) => entries,
        Field::Absent(_) => Vec::new(),
        Field::Unknown(unknown) => return Err(unknown),
    };
    let mut ranges: Vec<AuthorizedRange<'e>> = Vec::new();
    for at in entries.iter().map(|entry| entry.value()) {
        let text = at.scalar().trim();
        let is_known = |range: &AuthorizedRange<'_>| range.text.eq_ignore_ascii_case(text);
        if !text.is_empty() && !ranges.iter().any(is_known) {
            let reach = reach(text);
            ranges.push(AuthorizedRange { text, at, reach });
        }
    }
    Ok(ranges)
}

/// Whether the entries together leave no address out, as `0.0.0.0/1` and `128.0.0.0/1` do.
pub(super) fn authorize_everyone(ranges: &[AuthorizedRange<'_>]) -> bool {
    let whole = Ipv4Net::default();
    let networks = ranges.iter().filter_map(|range| match range.reach {
        Reach::Everyone => Some(whole),
        Reach::Public(network) => Some(network),
        _ => range.text.parse().ok(),
    });
    Ipv4Net::aggregate(&networks.collect::<Vec<_>>()).contains(&whole)
}

fn reach(text: &str) -> Reach<'_> {
    let Some(network) = ipv4_network(text) else {
        return tag(text);
    };
    let is_within = |&(block, length): &(Ipv4Addr, u8)| {
        Ipv4Net::new(block, length).is_ok_and(|block| block.contains(&network))
    };
    match (network.prefix_len(), network.addr()) {
        (0, _) => Reach::Everyone,
        (32, Ipv4Addr::UNSPECIFIED) => Reach::OwnOutboundAddress,
        _ if PRIVATE.iter().any(is_within) => Reach::Private,
        _ => Reach::Public(network),
    }
}

/// A range, or a single address, which Azure takes as one of length 32.
pub(super) fn ipv4_network(text: &str) -> Option<Ipv4Net> {
    let network: Option<Ipv4Net> = text.parse().ok();
    let single = || text.parse::<Ipv4Addr>().ok().map(Ipv4Net::from);
    network.or_else(single).map(|network| network.trunc())
}

fn tag(text: &str) -> Reach<'_> {
    let is_tag = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
    match text.to_ascii_lowercase().as_str() {
        "internet" => Reach::Everyone,
        tag if tag == "azurecloud" || tag.starts_with("azurecloud.") => Reach::AzureCloud,
        _ if is_tag => Reach::ServiceTag(text),
        _ => Reach::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_tells_whom_it_lets_in() {
        let public = |text: &str| Reach::Public(text.parse().unwrap());
        for (text, expected) in [
            ("0.0.0.0/0", Reach::Everyone),
            ("203.0.113.9/0", Reach::Everyone),
            ("0.0.0.0/32", Reach::OwnOutboundAddress),
            ("203.0.113.5", public("203.0.113.5/32")),
            ("203.0.113.9/24", public("203.0.113.0/24")),
            ("10.1.0.0/16", Reach::Private),
            ("172.32.0.0/16", public("172.32.0.0/16")),
            ("8.0.0.0/6", public("8.0.0.0/6")),
            ("AzureCloud.westeurope", Reach::AzureCloud),
            ("AzureDevOps", Reach::ServiceTag("AzureDevOps")),
            ("2001:db8::/32", Reach::Unreadable),
            ("10.0.0.300/24", Reach::Unreadable),
        ] {
            assert_eq!(reach(text), expected, "{text}");
        }
    }
}
