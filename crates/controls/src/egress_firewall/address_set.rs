//! Sets of IPv4 addresses, as firewall rules and routes write them.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

/// The addresses of private networks and of carriers (RFC 1918, RFC 6598).
const PRIVATE: [(u32, u32); 4] = [
    (0x0a00_0000, 0x0aff_ffff),
    (0x6440_0000, 0x647f_ffff),
    (0xac10_0000, 0xac1f_ffff),
    (0xc0a8_0000, 0xc0a8_ffff),
];

/// What the internet doesn't route besides: this host, loopback, link local, protocol
/// assignments, documentation, benchmarks, multicast and the reserved rest (RFC 6890).
const UNROUTED: [(u32, u32); 9] = [
    (0x0000_0000, 0x00ff_ffff),
    (0x7f00_0000, 0x7fff_ffff),
    (0xa9fe_0000, 0xa9fe_ffff),
    (0xc000_0000, 0xc000_00ff),
    (0xc000_0200, 0xc000_02ff),
    (0xc612_0000, 0xc613_ffff),
    (0xc633_6400, 0xc633_64ff),
    (0xcb00_7100, 0xcb00_71ff),
    (0xe000_0000, 0xffff_ffff),
];

/// A set of IPv4 addresses: ranges in order that don't touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct AddressSet {
    ranges: Vec<(u32, u32)>,
}

impl AddressSet {
    /// The addresses that texts name. What is no address, such as a service tag, adds nothing.
    pub(super) fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        Self::join(texts.into_iter().filter_map(range).collect())
    }

    fn join(mut ranges: Vec<(u32, u32)>) -> Self {
        ranges.sort_unstable();
        let mut joined: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match joined.last_mut() {
                Some(open) if first <= open.1.saturating_add(1) => open.1 = open.1.max(last),
                _ => joined.push((first, last)),
            }
        }
        Self { ranges: joined }
    }

    /// Whether there is no address in it.
    pub(super) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether every address of the other set is in this one.
    pub(super) fn holds(&self, other: &Self) -> bool {
        let is_within = |&(first, last): &(u32, u32)| {
            self.ranges
                .iter()
                .any(|range| range.0 <= first && last <= range.1)
        };
        other.ranges.iter().all(is_within)
    }

    /// Whether every address that the internet routes is in it.
    pub(super) fn covers_internet(&self) -> bool {
        let mut ranges = self.ranges.clone();
        ranges.extend(PRIVATE);
        ranges.extend(UNROUTED);
        Self::join(ranges).ranges == [(0, u32::MAX)]
    }

    /// Whether all of it is private.
    pub(super) fn is_private(&self) -> bool {
        Self::join(PRIVATE.to_vec()).holds(self)
    }

    /// How many of its addresses aren't private.
    pub(super) fn public_size(&self) -> u64 {
        let size = |&(first, last): &(u32, u32)| u64::from(last - first) + 1;
        let overlaps = self.ranges.iter().flat_map(|range| {
            PRIVATE.iter().filter_map(move |private| {
                let overlap = (range.0.max(private.0), range.1.min(private.1));
                (overlap.0 <= overlap.1).then_some(overlap)
            })
        });
        let private: u64 = overlaps.map(|overlap| size(&overlap)).sum();
        self.ranges.iter().map(size).sum::<u64>() - private
    }
}

/// A word for everything, a prefix, a range with a hyphen or one address.
fn range(text: &str) -> Option<(u32, u32)> {
    let text = text.trim();
    let stands_for_all = ["*", "any", "internet", "::/0"];
    if stands_for_all
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
    {
        return Some((0, u32::MAX));
    }
    if let Some((first, last)) = text.split_once('-') {
        let address = |part: &str| part.trim().parse::<Ipv4Addr>().ok().map(u32::from);
        let (first, last) = (address(first)?, address(last)?);
        return (first <= last).then_some((first, last));
    }
    if let Ok(net) = text.parse::<Ipv4Net>() {
        return Some((net.network().into(), net.broadcast().into()));
    }
    let address: u32 = text.parse::<Ipv4Addr>().ok()?.into();
    Some((address, address))
}

#[cfg(test)]
mod tests {
    use super::AddressSet;

    #[test]
    fn halves_and_the_public_blocks_cover_the_internet() {
        assert!(AddressSet::of(["0.0.0.0/1", "128.0.0.0/1"]).covers_internet());
        assert!(AddressSet::of(["0.0.0.0-255.255.255.255"]).covers_internet());
        let blocks = [
            "1.0.0.0-9.255.255.255",
            "11.0.0.0-172.15.255.255",
            "172.32.0.0-192.167.255.255",
            "192.169.0.0-223.255.255.255",
        ];
        assert!(AddressSet::of(blocks).covers_internet());
        assert!(!AddressSet::of(blocks[1..].iter().copied()).covers_internet());
        assert!(!AddressSet::of(["Storage", "10.0.0.0/8"]).covers_internet());
    }

    #[test]
    fn private_addresses_are_not_counted() {
        assert_eq!(
            AddressSet::of(["10.0.0.0/8", "10.1.0.0/16", "198.51.100.7"]).public_size(),
            1
        );
        assert!(AddressSet::of(["10.0.0.0/8", "192.168.0.0/24"]).is_private());
        assert!(!AddressSet::of(["192.0.0.0/8"]).is_private());
        assert!(AddressSet::of(["10.0.0.0/8"]).holds(&AddressSet::of(["10.1.2.3"])));
    }
}
