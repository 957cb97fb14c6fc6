//! Network security groups.
//!
//! A group has rules for either direction. The custom ones are asked by ascending priority, then
//! those that Azure adds; the first that matches decides ("Network security groups", Microsoft
//! Learn, 2025-07-15). Replies need no rule.

use palisade_estate::azure::{Direction, NetworkSecurityGroup};
use palisade_estate::{ResourceId, Unknown};
use palisade_packet::{AddressSet, PacketSet, Product, Set, Traffic};

use super::effective::{beside, effective_parts};
use super::reading::{Readings, parts_in_every_reading};
use super::security_rule::{candidates, platform};
use super::{Access, Bounds, Candidate, Outcome, Part, Rule, RuleAddresses, first_match};

/// Splits packets by the rule of a group that decides, at a place where the addresses of rules
/// stand for `addresses`.
pub fn network_security_group(
    group: &NetworkSecurityGroup<'_>,
    direction: Direction,
    addresses: &RuleAddresses<'_, '_>,
    packets: &PacketSet,
) -> Vec<Part<PacketSet>> {
    parts_in_every_reading(addresses.virtual_network(), |readings| {
        read(group, direction, addresses, readings, packets)
    })
}

/// The answer by one reading of the tags.
pub(super) fn read(
    group: &NetworkSecurityGroup<'_>,
    direction: Direction,
    addresses: &RuleAddresses<'_, '_>,
    readings: Readings,
    packets: &PacketSet,
) -> Vec<Part<PacketSet>> {
    let computed = match walk(group, direction, addresses, readings, packets) {
        Ok(parts) => parts,
        Err(unknown) => undecided(group.name(), group.id(), unknown, packets),
    };
    by_azure(group, direction, addresses, packets, computed)
}

/// Azure's own rules over IPv4 where the input holds them, else what was computed.
fn by_azure(
    group: &NetworkSecurityGroup<'_>,
    direction: Direction,
    addresses: &RuleAddresses<'_, '_>,
    packets: &PacketSet,
    computed: Vec<Part<PacketSet>>,
) -> Vec<Part<PacketSet>> {
    let v4 = Product::of(AddressSet::all_v4(), Traffic::full());
    let v4 = Product::of(AddressSet::all_v4(), v4);
    let own = addresses.effective(group);
    let asked = packets.intersection(&v4);
    let azure = own.and_then(|own| effective_parts(&own, group, direction, &asked));
    let Some(azure) = azure else {
        return computed;
    };
    let mut parts = beside(azure, &computed, |own, other| match (own, other) {
        (own, other) if own == other => None,
        (_, Outcome::Allowed) => Some("allowed".to_owned()),
        (_, Outcome::Denied) => Some("denied".to_owned()),
        (_, Outcome::Uncertain(_)) => None,
    });
    let others = computed.into_iter().map(|part| Part {
        packets: part.packets.difference(&v4),
        ..part
    });
    parts.extend(others.filter(|part| !part.packets.is_empty()));
    parts
}

fn walk(
    group: &NetworkSecurityGroup<'_>,
    direction: Direction,
    addresses: &RuleAddresses<'_, '_>,
    readings: Readings,
    packets: &PacketSet,
) -> Result<Vec<Part<PacketSet>>, Unknown> {
    let rules = group.rules(direction)?;
    let custom = rules
        .iter()
        .flat_map(|rule| candidates(rule, group.id(), direction, addresses, readings));
    let implied = implied(group, direction, addresses, readings);
    let last = match direction {
        Direction::Inbound => "DenyAllInBound",
        Direction::Outbound => "DenyAllOutBound",
    };
    let parts = first_match(
        packets,
        custom.chain(implied),
        (default_rule(group, last), Access::Deny),
    );
    let parts = parts.into_iter();
    Ok(parts.map(|part| part.map(Outcome::from)).collect())
}

/// The answer of a resource of which nothing is known.
pub(super) fn undecided(
    name: &str,
    id: &ResourceId,
    unknown: Unknown,
    packets: &PacketSet,
) -> Vec<Part<PacketSet>> {
    let part = Part {
        packets: packets.clone(),
        rule: Rule::implied(name, id),
        outcome: Outcome::Uncertain(vec![unknown]),
    };
    (!packets.is_empty()).then_some(part).into_iter().collect()
}

/// The rules that Azure adds, but for the last, and that the platform is reached whatever the
/// rules say.
fn implied(
    group: &NetworkSecurityGroup<'_>,
    direction: Direction,
    addresses: &RuleAddresses<'_, '_>,
    (source, destination): Readings,
) -> Vec<Candidate<PacketSet, Access>> {
    let everywhere = || Bounds::exactly(AddressSet::full());
    let allow = |rule, sources: &Bounds<AddressSet>, destinations: &Bounds<AddressSet>| {
        let traffic = Bounds::exactly(Traffic::full());
        Candidate {
            rule,
            matches: sources.product(&destinations.product(&traffic)),
            action: Access::Allow,
        }
    };
    let network = |reading| addresses.of("VirtualNetwork", reading);
    match direction {
        Direction::Inbound => vec![
            allow(
                default_rule(group, "AllowVnetInBound"),
                &network(source),
                &network(destination),
            ),
            allow(
                default_rule(group, "AllowAzureLoadBalancerInBound"),
                &addresses.of("AzureLoadBalancer", source),
                &everywhere(),
            ),
        ],
        Direction::Outbound => vec![
            Candidate {
                rule: Rule::implied("platform addresses", group.id()),
                matches: Bounds::exactly(Product::of(
                    AddressSet::full(),
                    Product::of(platform(), Traffic::full()),
                )),
                action: Access::Allow,
            },
            allow(
                default_rule(group, "AllowVnetOutBound"),
                &network(source),
                &network(destination),
            ),
            allow(
                default_rule(group, "AllowInternetOutBound"),
                &everywhere(),
                &addresses.of("Internet", destination),
            ),
        ],
    }
}

fn default_rule(group: &NetworkSecurityGroup<'_>, name: &str) -> Rule {
    match group.default_rule(name) {
        Some(rule) => Rule::written(name, group.id(), &rule),
        None => Rule::implied(name, group.id()),
    }
}
