//! What rules of network security groups match, as far as their settings tell.

use std::net::IpAddr;

use ipnet::IpNet;
use palisade_estate::Unknown;
use palisade_estate::azure::SecurityRule;

use super::exposure::Protocol;

const EVERYTHING: [&str; 4] = ["*", "Any", "Internet", "0.0.0.0/0"];

/// Whether the rule lets packets pass.
pub(super) fn allows(rule: &SecurityRule<'_>) -> Result<bool, Unknown> {
    match rule.text("access").present() {
        Some(access) if access.eq_ignore_ascii_case("Allow") => Ok(true),
        Some(access) if access.eq_ignore_ascii_case("Deny") => Ok(false),
        _ => Err(incomplete(rule, "readable access")),
    }
}

/// Whether the rule is about a protocol.
pub(super) fn matches_protocol(rule: &SecurityRule<'_>, wanted: Protocol) -> Result<bool, Unknown> {
    let (protocol, _) = rule.protocol().or_default("*")?;
    let is_one_of = |known: &[&str]| known.iter().any(|name| name.eq_ignore_ascii_case(protocol));
    let own = match wanted {
        Protocol::Tcp => "Tcp",
        Protocol::Udp => "Udp",
    };
    match (
        is_one_of(&[own, "*", "Any"]),
        is_one_of(&["Tcp", "Udp", "Icmp", "Esp", "Ah"]),
    ) {
        (true, _) => Ok(true),
        (_, true) => Ok(false),
        _ => Err(incomplete(rule, "readable protocol")),
    }
}

/// Whether the rule is about a destination port.
pub(super) fn matches_port(rule: &SecurityRule<'_>, port: u16) -> Result<bool, Unknown> {
    let ranges = rule.destination_ports()?;
    if ranges.is_empty() {
        return Err(incomplete(rule, "destination port"));
    }
    for range in ranges {
        let (first, last) =
            bounds(range).ok_or_else(|| incomplete(rule, "readable destination port"))?;
        if (first..=last).contains(&port) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the rule matches whatever the source port.
pub(super) fn has_any_source_port(rule: &SecurityRule<'_>) -> Result<bool, Unknown> {
    let ranges = rule.source_ports()?;
    let bounds: Option<Vec<_>> = ranges.iter().map(|range| bounds(range)).collect();
    let bounds = bounds.ok_or_else(|| incomplete(rule, "readable source port"))?;
    Ok(bounds.is_empty() || bounds.contains(&(0, u16::MAX)))
}

fn bounds(range: &str) -> Option<(u16, u16)> {
    if range.trim() == "*" {
        return Some((0, u16::MAX));
    }
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    Some((first.trim().parse().ok()?, last.trim().parse().ok()?))
}

/// The addresses that the rule takes as sources. Service tags other than Internet, and
/// application security groups, hold some addresses but never all, so they are left out.
pub(super) fn sources(rule: &SecurityRule<'_>) -> Result<Vec<IpNet>, Unknown> {
    let texts = rule.sources()?;
    if texts.is_empty() && rule.source_groups()?.is_empty() {
        return Err(incomplete(rule, "source"));
    }
    if texts
        .iter()
        .any(|text| ranges(text).is_empty() && !is_service_tag(text))
    {
        return Err(incomplete(rule, "readable source"));
    }
    Ok(texts.into_iter().flat_map(ranges).collect())
}

fn is_service_tag(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
}

fn ranges(text: &str) -> Vec<IpNet> {
    let text = text.trim();
    if text != "0.0.0.0/0" && is_everything(text) {
        return vec![IpNet::default(), IpNet::V6(ipnet::Ipv6Net::default())];
    }
    range(text).into_iter().collect()
}

/// Whether a rule's destinations hold all those of another; nothing if that depends on which
/// addresses a tag or a group stands for.
pub(super) fn destinations_hold(
    outer: &SecurityRule<'_>,
    inner: &SecurityRule<'_>,
) -> Result<Option<bool>, Unknown> {
    let (outer_texts, inner_texts) = (outer.destinations()?, inner.destinations()?);
    let (outer_groups, inner_groups) = (outer.destination_groups()?, inner.destination_groups()?);
    if outer_texts.iter().any(|text| is_everything(text)) {
        return Ok(Some(true));
    }
    if inner_texts.iter().any(|text| is_everything(text)) {
        return Ok(Some(false));
    }
    let holds_text = |inner: &&str| {
        outer_texts.iter().any(|outer| {
            outer.eq_ignore_ascii_case(inner)
                || matches!((range(outer), range(inner)), (Some(outer), Some(inner)) if outer.contains(&inner))
        })
    };
    if inner_texts.iter().all(holds_text)
        && inner_groups
            .iter()
            .all(|group| outer_groups.contains(group))
    {
        return Ok(Some(true));
    }
    let is_plain = |texts: &[&str]| texts.iter().all(|text| range(text).is_some());
    let are_ranges = outer_groups.is_empty()
        && inner_groups.is_empty()
        && is_plain(&outer_texts)
        && is_plain(&inner_texts);
    Ok(are_ranges.then_some(false))
}

fn is_everything(text: &str) -> bool {
    EVERYTHING
        .iter()
        .any(|known| known.eq_ignore_ascii_case(text.trim()))
}

fn range(text: &str) -> Option<IpNet> {
    let address = || text.trim().parse::<IpAddr>().ok().map(IpNet::from);
    text.trim().parse().ok().or_else(address)
}

fn incomplete(rule: &SecurityRule<'_>, part: &str) -> Unknown {
    Unknown::because(
        format!("the rule `{}` names no {part}", rule.name()),
        format!("az network nsg rule show --ids {}", rule.id()),
    )
}
