//! The functions about IPv4 prefixes.

use palisade_document::{Derived, Provenance};

use super::operators::number;
use crate::value::{array, text};

/// The address and the length of an IPv4 prefix.
fn network(prefix: &str) -> Option<(u32, u32)> {
    let (address, length) = prefix.split_once('/')?;
    let address: std::net::Ipv4Addr = address.parse().ok()?;
    let length: u32 = length.parse().ok().filter(|length| *length <= 32)?;
    let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
    Some((u32::from(address) & mask, length))
}

/// `cidrsubnet`.
pub(super) fn subnet(prefix: &str, bits: u32, place: u32) -> Option<String> {
    let (network, length) = network(prefix)?;
    let longer = length.checked_add(bits).filter(|longer| *longer <= 32)?;
    if bits < 32 && place >= 1u32.checked_shl(bits)? {
        return None;
    }
    let address = network | place.checked_shl(32 - longer).unwrap_or(0);
    Some(format!("{}/{longer}", std::net::Ipv4Addr::from(address)))
}

/// `cidrsubnets`: prefixes one after the other, each aligned to its own length.
pub(super) fn subnets(prefix: &str, bits: &[Derived], source: &Provenance) -> Option<Derived> {
    let (network, length) = network(prefix)?;
    let end = u64::from(network) + (1u64 << (32 - length));
    let mut next = u64::from(network);
    let mut found = Vec::new();
    for more in bits {
        let longer = length
            .checked_add(number(more)? as u32)
            .filter(|longer| *longer <= 32)?;
        let size = 1u64 << (32 - longer);
        let start = next.div_ceil(size) * size;
        next = start + size;
        if next > end {
            return None;
        }
        let address = std::net::Ipv4Addr::from(u32::try_from(start).ok()?);
        found.push(text(format!("{address}/{longer}"), source));
    }
    Some(array(found, source))
}

/// `cidrhost`.
pub(super) fn host(prefix: &str, host: f64) -> Option<String> {
    let (network, length) = network(prefix)?;
    let size = 1u64.checked_shl(32 - length)?;
    let at = if host < 0.0 { size as f64 + host } else { host };
    let is_inside = (0.0..size as f64).contains(&at);
    let address = is_inside.then(|| u64::from(network) + at as u64)?;
    let address = std::net::Ipv4Addr::from(u32::try_from(address).ok()?);
    Some(address.to_string())
}
