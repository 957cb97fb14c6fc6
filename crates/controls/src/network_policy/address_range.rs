//! Sets of address ranges.

use ipnet::IpNet;

/// Whether the ranges together hold every IPv4 address or every IPv6 address.
pub(super) fn hold_every_address(ranges: &[IpNet]) -> bool {
    IpNet::aggregate(&ranges.to_vec())
        .iter()
        .any(|range| range.prefix_len() == 0)
}

/// Whether a text is filled in by a tool that hasn't run yet, such as `${CIDR}`.
pub(super) fn is_placeholder(text: &str) -> bool {
    ["${", "{{", "$(", "#{"]
        .iter()
        .any(|mark| text.contains(mark))
}
