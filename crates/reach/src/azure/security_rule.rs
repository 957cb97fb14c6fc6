//! What a rule of a network security group matches and does.

use palisade_estate::azure::{Direction, SecurityRule};
use palisade_estate::{ResourceId, Unknown};
use palisade_packet::{AddressSet, PacketSet, PortSet, Product, Set, Traffic, Transport};

use super::address::{METADATA, PLATFORM, all_of, ports};
use super::reading::{Reading, Readings};
use super::rule_address::{RuleAddresses, is_platform_tag};
use super::rule_traffic::traffic;
use super::{Access, Bounds, Candidate, Rule};

/// A rule as candidates: one, or two where it isn't known whether the rule allows or denies.
pub(super) fn candidates(
    rule: &SecurityRule<'_>,
    group: &ResourceId,
    direction: Direction,
    addresses: &RuleAddresses<'_, '_>,
    readings: Readings,
) -> Vec<Candidate<PacketSet, Access>> {
    let matches = matches(rule, direction, addresses, readings);
    let named = Rule::written(rule.name(), group, rule);
    let candidate = |matches, action| Candidate {
        rule: named.clone(),
        matches,
        action,
    };
    match rule.allows() {
        Ok(true) => vec![candidate(matches, Access::Allow)],
        Ok(false) => vec![candidate(matches, Access::Deny)],
        Err(unknown) => {
            let most = matches.most.clone();
            let perhaps = Bounds::between(PacketSet::empty(), most, vec![unknown]);
            vec![
                candidate(perhaps, Access::Allow),
                candidate(matches, Access::Deny),
            ]
        }
    }
}

fn matches(
    rule: &SecurityRule<'_>,
    direction: Direction,
    addresses: &RuleAddresses<'_, '_>,
    readings: Readings,
) -> Bounds<PacketSet> {
    let sources = side(
        rule.sources(),
        rule.source_groups(),
        addresses,
        readings.0,
        |set, _| set,
    );
    let destinations = side(
        rule.destinations(),
        rule.destination_groups(),
        addresses,
        readings.1,
        |set, text| match (direction, is_platform_tag(text)) {
            (Direction::Outbound, false) => set.difference(&Bounds::exactly(platform())),
            _ => set,
        },
    );
    let traffic = traffic(
        rule.protocol(),
        &port_set(rule.source_ports(), "source port"),
        &port_set(rule.destination_ports(), "destination port"),
    );
    let matches = sources.product(&destinations.product(&traffic));
    match direction {
        Direction::Inbound => matches,
        Direction::Outbound => only_names(rule.destinations(), matches),
    }
}

/// `AzurePlatformDNS` is a name for the DNS of the platform; whether rules with it match what
/// else the platform does at the same address isn't documented.
fn only_names(texts: Result<Vec<&str>, Unknown>, matches: Bounds<PacketSet>) -> Bounds<PacketSet> {
    let is_dns = |text: &&str| text.eq_ignore_ascii_case("AzurePlatformDNS");
    if !texts.is_ok_and(|texts| texts.iter().any(is_dns)) {
        return matches;
    }
    let dns = [Transport::Tcp, Transport::Udp]
        .map(|transport| Traffic::to_ports(transport, PortSet::one(53)));
    let others = dns[0].union(&dns[1]).complement();
    let others = Product::of(AddressSet::from(PLATFORM), others);
    let others = Product::of(AddressSet::full(), others);
    let mut causes = matches.causes.clone();
    causes.push(Unknown::because(
        "whether `AzurePlatformDNS` stands for more than port 53 isn't documented",
        "ask with IP flow verify of Network Watcher",
    ));
    Bounds::between(matches.least.difference(&others), matches.most, causes)
}

/// The addresses of the platform, which outbound rules match by its own tags only.
pub(super) fn platform() -> AddressSet {
    AddressSet::from(PLATFORM).union(&AddressSet::from(METADATA))
}

fn side(
    texts: Result<Vec<&str>, Unknown>,
    groups: Result<Vec<ResourceId>, Unknown>,
    addresses: &RuleAddresses<'_, '_>,
    reading: Reading,
    narrow: impl Fn(Bounds<AddressSet>, &str) -> Bounds<AddressSet>,
) -> Bounds<AddressSet> {
    let (texts, groups) = match (texts, groups) {
        (Ok(texts), Ok(groups)) => (texts, groups),
        (Err(unknown), _) | (_, Err(unknown)) => return Bounds::unknown(unknown),
    };
    if texts.is_empty() && groups.is_empty() {
        let cause = Unknown::because("the rule names no address on a side", "correct the rule");
        return Bounds::unknown(cause);
    }
    let nothing = Bounds::exactly(AddressSet::empty());
    let named = texts.iter().fold(nothing, |all, text| {
        all.union(&narrow(addresses.of(text, reading), text))
    });
    groups.iter().fold(named, |all, group| {
        all.union(&narrow(addresses.group(group), ""))
    })
}

fn port_set(texts: Result<Vec<&str>, Unknown>, what: &str) -> Bounds<PortSet> {
    match texts {
        Ok(texts) if texts.is_empty() => Bounds::unknown(Unknown::because(
            format!("the rule names no {what}"),
            "correct the rule",
        )),
        texts => all_of(texts, what, ports),
    }
}
