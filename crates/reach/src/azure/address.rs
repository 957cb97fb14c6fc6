//! Addresses and ports as Azure's settings write them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use palisade_estate::Unknown;
use palisade_packet::{AddressSet, PortSet, Set};

use super::Bounds;

/// Azure's platform at every machine: DNS, DHCP, health probes, the agent's server
/// (Microsoft Learn, "What is IP address 168.63.129.16?").
pub const PLATFORM: IpAddr = IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16));
/// The instance metadata service at every machine.
pub const METADATA: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254));
/// Where health probes over IPv6 come from.
pub const PROBES_V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0x1234, 0x5678, 0x9abc));

/// The addresses that a packet can't have on the public internet: private (RFC 1918), shared
/// (RFC 6598), loopback, link-local, multicast and reserved ones, and all of IPv6 but 2000::/3.
pub fn public_addresses() -> AddressSet {
    const NOT_PUBLIC: [([u8; 4], u8); 9] = [
        ([0, 0, 0, 0], 8),
        ([10, 0, 0, 0], 8),
        ([100, 64, 0, 0], 10),
        ([127, 0, 0, 0], 8),
        ([169, 254, 0, 0], 16),
        ([172, 16, 0, 0], 12),
        ([192, 168, 0, 0], 16),
        ([224, 0, 0, 0], 4),
        ([240, 0, 0, 0], 4),
    ];
    let not_public = NOT_PUBLIC.iter().filter_map(|&(octets, length)| {
        Some(AddressSet::from(
            IpNet::new(Ipv4Addr::from(octets).into(), length).ok()?,
        ))
    });
    let not_public: AddressSet = not_public.collect();
    let v6 = AddressSet::range(
        Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0).into(),
        Ipv6Addr::from_bits((0x4000_u128 << 112) - 1).into(),
    );
    AddressSet::all_v4().difference(&not_public).union(&v6)
}

/// An address, a prefix, a range `first-last`, or `*` for all. Bits behind a prefix are of no
/// account.
pub fn addresses(text: &str) -> Option<AddressSet> {
    let text = text.trim();
    if text == "*" || text.eq_ignore_ascii_case("any") {
        return Some(AddressSet::full());
    }
    if let Some(prefix) = prefix(text) {
        return Some(AddressSet::from(prefix));
    }
    let (first, last) = text.split_once('-')?;
    let range = AddressSet::range(first.trim().parse().ok()?, last.trim().parse().ok()?);
    (!range.is_empty()).then_some(range)
}

/// A prefix, or an address as the prefix of itself.
pub fn prefix(text: &str) -> Option<IpNet> {
    let text = text.trim();
    let of_address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    let prefix = text.parse::<IpNet>().ok().or_else(of_address)?;
    Some(prefix.trunc())
}

/// A port, a range `first-last`, or `*` for all.
pub fn ports(text: &str) -> Option<PortSet> {
    let text = text.trim();
    if text == "*" || text.eq_ignore_ascii_case("any") {
        return Some(PortSet::full());
    }
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then(|| PortSet::range(first, last))
}

/// The union of what several texts say, or why one can't be read.
pub(super) fn all_of<S: Set>(
    texts: Result<Vec<&str>, Unknown>,
    what: &str,
    read: impl Fn(&str) -> Option<S>,
) -> Bounds<S> {
    let texts = match texts {
        Ok(texts) => texts,
        Err(unknown) => return Bounds::unknown(unknown),
    };
    let mut all = Bounds::exactly(S::empty());
    for text in texts {
        all = all.union(&match read(text) {
            Some(set) => Bounds::exactly(set),
            None => Bounds::unknown(Unknown::because(
                format!("`{text}` is no {what}"),
                "correct the setting",
            )),
        });
    }
    all
}
