//! The compact format of service tags.
//!
//! A line of text, `service-tags 1 CLOUD CHANGE DATE`, then for each tag, in the order of the
//! names in lower case: the length of the name and the name, 1 or 0 for whether its regional tags
//! are part of it, the length of the prefixes in bytes and the prefixes. These are ascending and
//! disjoint, first the number of IPv4 prefixes and those, then the same of IPv6. A prefix is its
//! length in bits and the number of blocks of that size that are left out since the one before.
//! All numbers are LEB128.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::{Cloud, Prefixes, ServiceTags, Tag};

const FORMAT: &str = "service-tags 1";

/// Writes service tags in the compact format.
pub fn pack(tags: &ServiceTags) -> Vec<u8> {
    let change = tags.change_number.unwrap_or_default();
    let date = tags.date.as_deref().unwrap_or("-");
    let mut bytes = format!("{FORMAT} {} {change} {date}\n", tags.cloud.as_str()).into_bytes();
    for (key, tag) in &tags.tags {
        let all: BTreeSet<IpNet> = tag.prefixes.list().into_iter().collect();
        let regions = tags.regional_prefixes(key, &all);
        let own = match &regions {
            Some(regions) => all.difference(regions).copied().collect(),
            None => all,
        };
        let prefixes = packed_prefixes(&own);
        number(&mut bytes, tag.name.len() as u128);
        bytes.extend_from_slice(tag.name.as_bytes());
        number(&mut bytes, u128::from(regions.is_some()));
        number(&mut bytes, prefixes.len() as u128);
        bytes.extend(prefixes);
    }
    bytes
}

fn packed_prefixes(prefixes: &BTreeSet<IpNet>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let is_v4 = |prefix: &IpNet| matches!(prefix, IpNet::V4(_));
    let (v4, v6): (Vec<_>, Vec<_>) = prefixes.iter().copied().partition(is_v4);
    for (family, bits) in [(v4, 32), (v6, 128)] {
        number(&mut bytes, family.len() as u128);
        let mut last = 0;
        for prefix in family {
            let length = prefix.prefix_len();
            let shift = u32::from(bits - length);
            let address = match prefix.network() {
                IpAddr::V4(address) => u128::from(address.to_bits()),
                IpAddr::V6(address) => address.to_bits(),
            };
            let block = address.checked_shr(shift).unwrap_or(0);
            number(&mut bytes, u128::from(length));
            number(&mut bytes, block - first_block(last, shift));
            last = address;
        }
    }
    bytes
}

/// The number of the first block of a size that begins at an address or behind it.
fn first_block(address: u128, shift: u32) -> u128 {
    let block = address.checked_shr(shift).unwrap_or(0);
    match block.checked_shl(shift) == Some(address) || address == 0 {
        true => block,
        false => block + 1,
    }
}

fn number(bytes: &mut Vec<u8>, mut value: u128) {
    while value >= 0x80 {
        bytes.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Reads what is built in. Of what [`pack`] didn't write as much is read as makes sense.
pub(super) fn unpack(cloud: Cloud, bytes: &'static [u8]) -> ServiceTags {
    let end = bytes.iter().position(|&byte| byte == b'\n').unwrap_or(0);
    let (line, rest) = bytes.split_at(end);
    let mut words = std::str::from_utf8(line)
        .ok()
        .and_then(|line| line.strip_prefix(FORMAT))
        .unwrap_or_default()
        .split_whitespace()
        .skip(1);
    let mut tags = ServiceTags {
        cloud,
        change_number: words.next().and_then(|word| word.parse().ok()),
        date: words.next().filter(|word| *word != "-").map(str::to_owned),
        tags: BTreeMap::new(),
    };
    let mut reader = Reader(rest.get(1..).unwrap_or_default());
    while let Some(tag) = reader.tag() {
        tags.tags.insert(tag.name.to_ascii_lowercase(), tag);
    }
    tags
}

/// The prefixes that [`packed_prefixes`] wrote.
pub(super) fn prefixes(bytes: &[u8]) -> Vec<IpNet> {
    let mut reader = Reader(bytes);
    let v4 = reader.family(32).unwrap_or_default();
    let v6 = reader.family(128).unwrap_or_default();
    let v4 = v4.into_iter().filter_map(|(length, address)| {
        let address = u32::try_from(address).ok()?.into();
        Some(IpNet::V4(Ipv4Net::new(address, length).ok()?))
    });
    let v6 = v6.into_iter().filter_map(|(length, address)| {
        Some(IpNet::V6(Ipv6Net::new(address.into(), length).ok()?))
    });
    v4.chain(v6).collect()
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn number(&mut self) -> Option<u128> {
        let mut value = 0_u128;
        let mut shift = 0;
        loop {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u128::from(byte & 0x7F).checked_shl(shift)?;
            shift += 7;
            if byte < 0x80 {
                return Some(value);
            }
        }
    }

    fn take(&mut self) -> Option<&'b [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// Prefixes as their length and first address.
    fn family(&mut self, bits: u8) -> Option<Vec<(u8, u128)>> {
        let count = self.number()?;
        let mut prefixes = Vec::new();
        let mut last = 0;
        for _ in 0..count {
            let length = u8::try_from(self.number()?).ok()?;
            let shift = u32::from(bits.checked_sub(length)?);
            let block = first_block(last, shift).checked_add(self.number()?)?;
            last = block.checked_shl(shift).unwrap_or(0);
            prefixes.push((length, last));
        }
        Some(prefixes)
    }
}

impl Reader<'static> {
    fn tag(&mut self) -> Option<Tag> {
        Some(Tag {
            name: std::str::from_utf8(self.take()?).ok()?.to_owned(),
            takes_in_regions: self.number()? == 1,
            prefixes: Prefixes::Packed(self.take()?),
            addresses: Default::default(),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_packed_is_read_again(
            v4 in vec((any::<u32>(), 0..=32_u8), 0..12),
            v6 in vec((any::<u128>(), 0..=128_u8), 0..12),
        ) {
            let v4 = v4.into_iter().map(|(bits, length)| {
                IpNet::V4(Ipv4Net::new(bits.into(), length).unwrap().trunc())
            });
            let v6 = v6.into_iter().map(|(bits, length)| {
                IpNet::V6(Ipv6Net::new(bits.into(), length).unwrap().trunc())
            });
            let written: BTreeSet<IpNet> = v4.chain(v6).collect();
            let read = prefixes(&packed_prefixes(&written));
            prop_assert!(read.iter().eq(&written));
        }

        #[test]
        fn any_bytes_are_read_as_far_as_they_make_sense(bytes in vec(any::<u8>(), 0..64)) {
            let _ = prefixes(&bytes);
            let bytes: &'static [u8] = bytes.leak();
            let _ = unpack(Cloud::Public, bytes);
        }
    }
}
