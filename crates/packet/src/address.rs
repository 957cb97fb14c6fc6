//! Sets of IP addresses.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Subnets, Ipv6Subnets};

use crate::sum::part_by_part;
use crate::{IntervalSet, Set};

/// IPv4 and IPv6 addresses. An IPv4 address mapped into IPv6 is an IPv6 address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressSet {
    v4: IntervalSet<u32>,
    v6: IntervalSet<u128>,
}

impl AddressSet {
    /// Every IPv4 address and no other.
    pub fn all_v4() -> Self {
        Self {
            v4: Set::full(),
            v6: Set::empty(),
        }
    }

    /// Every IPv6 address and no other.
    pub fn all_v6() -> Self {
        Self {
            v4: Set::empty(),
            v6: Set::full(),
        }
    }

    /// The addresses from `first` to `last`; none if they are of different families.
    pub fn range(first: IpAddr, last: IpAddr) -> Self {
        let mut set = Self::empty();
        match (first, last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                set.v4 = IntervalSet::range(first.to_bits(), last.to_bits());
            }
            (IpAddr::V6(first), IpAddr::V6(last)) => {
                set.v6 = IntervalSet::range(first.to_bits(), last.to_bits());
            }
            _ => {}
        }
        set
    }

    /// The IPv4 addresses, as numbers.
    pub fn v4(&self) -> &IntervalSet<u32> {
        &self.v4
    }

    /// The IPv6 addresses, as numbers.
    pub fn v6(&self) -> &IntervalSet<u128> {
        &self.v6
    }

    /// The addresses as the fewest ranges, IPv4 first, each with its first and last address.
    pub fn ranges(&self) -> impl Iterator<Item = (IpAddr, IpAddr)> {
        let v4 = self.v4.intervals().iter();
        let v6 = self.v6.intervals().iter();
        v4.map(|&(first, last)| (v4_address(first), v4_address(last)))
            .chain(v6.map(|&(first, last)| (v6_address(first), v6_address(last))))
    }

    /// The addresses as the fewest prefixes, IPv4 first.
    pub fn prefixes(&self) -> Vec<IpNet> {
        let mut prefixes = Vec::new();
        for range in self.ranges() {
            match range {
                (IpAddr::V4(first), IpAddr::V4(last)) => {
                    prefixes.extend(Ipv4Subnets::new(first, last, 0).map(IpNet::V4));
                }
                (IpAddr::V6(first), IpAddr::V6(last)) => {
                    prefixes.extend(Ipv6Subnets::new(first, last, 0).map(IpNet::V6));
                }
                _ => {}
            }
        }
        prefixes
    }
}

impl From<IpNet> for AddressSet {
    /// The addresses of a prefix; bits behind the prefix are of no account.
    fn from(prefix: IpNet) -> Self {
        Self::range(prefix.network(), prefix.broadcast())
    }
}

impl From<IpAddr> for AddressSet {
    fn from(address: IpAddr) -> Self {
        Self::range(address, address)
    }
}

impl FromIterator<Self> for AddressSet {
    /// The union of sets.
    fn from_iter<I: IntoIterator<Item = Self>>(sets: I) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for set in sets {
            v4.extend_from_slice(set.v4.intervals());
            v6.extend_from_slice(set.v6.intervals());
        }
        Self {
            v4: v4.into_iter().collect(),
            v6: v6.into_iter().collect(),
        }
    }
}

impl Set for AddressSet {
    type Member = IpAddr;

    part_by_part!(v4, v6);

    fn full() -> Self {
        Self {
            v4: Set::full(),
            v6: Set::full(),
        }
    }

    fn contains(&self, member: &IpAddr) -> bool {
        match member {
            IpAddr::V4(address) => self.v4.contains(&address.to_bits()),
            IpAddr::V6(address) => self.v6.contains(&address.to_bits()),
        }
    }

    fn witness(&self) -> Option<IpAddr> {
        let v6 = || self.v6.witness().map(v6_address);
        self.v4.witness().map(v4_address).or_else(v6)
    }
}

impl fmt::Display for AddressSet {
    /// Ranges as prefixes where one prefix says it, else as `first-last`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (first, last) in self.ranges() {
            let mut prefixes = Self::range(first, last).prefixes();
            match (prefixes.pop(), prefixes.is_empty()) {
                (Some(prefix), true) => write!(f, "{separator}{prefix}")?,
                _ => write!(f, "{separator}{first}-{last}")?,
            }
            separator = ", ";
        }
        Ok(())
    }
}

fn v4_address(bits: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from_bits(bits))
}

fn v6_address(bits: u128) -> IpAddr {
    IpAddr::V6(Ipv6Addr::from_bits(bits))
}
