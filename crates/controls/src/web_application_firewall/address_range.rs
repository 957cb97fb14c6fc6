//! How much of the internet a range of addresses is.

use std::net::IpAddr;

use ipnet::IpNet;

/// A range of public addresses shorter than this is more than one organisation's.
const WIDE_IPV4: u8 = 16;
const WIDE_IPV6: u8 = 32;

/// Whether a range takes in so much of the internet that it doesn't restrict who comes. A text
/// that is neither an address nor a range is no restriction to rely on.
pub(super) fn is_wide(text: &str) -> bool {
    match parse(text) {
        Some(range) if is_private(&range) => false,
        Some(IpNet::V4(range)) => range.prefix_len() < WIDE_IPV4,
        Some(IpNet::V6(range)) => range.prefix_len() < WIDE_IPV6,
        None => true,
    }
}

/// Whether a text is a range of addresses. An address alone is none to the cloud controller.
pub(super) fn is_range(text: &str) -> bool {
    text.parse::<IpNet>().is_ok()
}

/// Whether a range lies within private networks, which the internet can't come from.
pub(super) fn is_within_private_networks(text: &str) -> bool {
    parse(text).is_some_and(|range| is_private(&range))
}

fn parse(text: &str) -> Option<IpNet> {
    let text = text.trim();
    let range = text.parse::<IpNet>().ok();
    range.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

fn is_private(range: &IpNet) -> bool {
    const PRIVATE: [&str; 5] = [
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "fc00::/7",
    ];
    let holds = |text: &str| {
        text.parse::<IpNet>()
            .is_ok_and(|private| private.contains(range))
    };
    PRIVATE.into_iter().any(holds)
}
