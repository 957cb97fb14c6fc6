//! Sets of address ranges.

use ipnet::IpNet;

/// Whether the ranges together hold every IPv4 address or every IPv6 address.
pub(super) fn hold_every_address(ranges: &[IpNet]) -> bool {
    IpNet::aggregate(&ranges.to_vec())
        .iter()
        .any(|range| range.prefix_len() == 0)
}
