//! Security admin rules of Azure Virtual Network Manager, which are asked before the network
//! security groups and hold without any ("Security admin rules", Microsoft Learn, 2022-05-25).
//!
//! The first rule by priority decides. *Deny* and *always allow* are final; *allow* leaves the
//! packet to the network security groups. A configuration acts once it is deployed to a region,
//! which its resources don't say.

use palisade_document::Value;
use palisade_estate::azure::{Direction, Subnet};
use palisade_estate::{Field, Resource, ResourceId, Settings, Unknown};
use palisade_packet::{AddressSet, PacketSet, PortSet, Set};

use super::address::{all_of, ports};
use super::reading::Reading;
use super::rule_address::RuleAddresses;
use super::rule_traffic::traffic;
use super::{Bounds, Candidate, Decision, Part, Rule, first_match};

/// What a security admin rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AdminAction {
    /// They pass, whatever the network security groups say.
    AlwaysAllow,
    /// They go on to the network security groups.
    Allow,
    /// They are dropped.
    Deny,
}

/// A security admin rule that acts on a network, or may.
#[derive(Clone)]
pub struct AdminRule<'e> {
    /// The rule.
    pub rule: Resource<'e>,
    /// Why it isn't known whether it acts on the network.
    pub doubts: Vec<Unknown>,
}

const RULES: &str =
    "microsoft.network/networkmanagers/securityadminconfigurations/rulecollections/rules";
const MEMBERS: &str = "microsoft.network/networkmanagers/networkgroups/staticmembers";

/// The security admin rules of the input that may act on the network of a subnet.
pub fn admin_rules<'e>(subnet: &Subnet<'e>) -> Vec<AdminRule<'e>> {
    let Some(network) = subnet.id().parent() else {
        return Vec::new();
    };
    let rules = subnet.estate().of_type(RULES);
    rules
        .filter_map(|rule| {
            let collection = rule.parent();
            let membership = match &collection {
                Some(collection) => membership(collection, &network),
                None => Err(Unknown::because(
                    format!(
                        "the collection of security admin rule `{}` is outside the input",
                        rule.name()
                    ),
                    "az network manager security-admin-config rule-collection list",
                )),
            };
            let mut doubts = vec![Unknown::because(
                format!(
                    "the input doesn't say whether the configuration of `{}` is deployed",
                    rule.name()
                ),
                "az network manager list-deploy-status",
            )];
            match membership {
                Ok(false) => return None,
                Ok(true) => {}
                Err(unknown) => doubts.push(unknown),
            }
            Some(AdminRule { rule, doubts })
        })
        .collect()
}

/// Whether a network is in a group that a rule collection applies to.
fn membership(collection: &Resource<'_>, network: &ResourceId) -> Result<bool, Unknown> {
    let estate = collection.estate();
    let mut hidden = None;
    for group in collection.elements("appliesToGroups")? {
        let Field::Present(group, _) = group.reference("networkGroupId") else {
            continue;
        };
        let mut members = estate
            .of_type(MEMBERS)
            .filter(|member| member.id().is_within(&group));
        let is_member = |member: &Resource<'_>| {
            member.reference("resourceId").present().as_ref() == Some(network)
        };
        if members.any(|member| is_member(&member)) {
            return Ok(true);
        }
        hidden = Some(group);
    }
    match hidden {
        Some(group) => Err(Unknown::because(
            format!(
                "members of network group `{}` may come from a policy",
                group.name()
            ),
            "az network manager list-effective-vnet",
        )),
        None => Ok(false),
    }
}

/// Splits packets by the security admin rule that decides.
pub fn admin_rule(
    rules: &[AdminRule<'_>],
    direction: Direction,
    addresses: &RuleAddresses<'_, '_>,
    packets: &PacketSet,
) -> Vec<Part<PacketSet, Decision<AdminAction>>> {
    let mut ordered = Vec::new();
    for rule in rules {
        let (looks, doubt) = match looks(&rule.rule) {
            Ok(looks) => (looks, None),
            Err(unknown) => (direction, Some(unknown)),
        };
        if looks == direction {
            ordered.push((rule.rule.number("priority").present(), rule, doubt));
        }
    }
    // A rule without a known priority is asked last: what it may match stays in doubt.
    ordered.sort_by_key(|(priority, ..)| priority.unwrap_or(i64::MAX));
    let candidates = ordered
        .into_iter()
        .flat_map(|(_, rule, doubt)| candidates(rule, doubt, addresses));
    let end = (Rule::absent("no security admin rule"), AdminAction::Allow);
    first_match(packets, candidates, end)
}

fn looks(rule: &Resource<'_>) -> Result<Direction, Unknown> {
    match rule.text("direction") {
        Field::Present(text, _) if text.eq_ignore_ascii_case("inbound") => Ok(Direction::Inbound),
        Field::Present(text, _) if text.eq_ignore_ascii_case("outbound") => Ok(Direction::Outbound),
        Field::Unknown(unknown) => Err(unknown),
        _ => Err(Unknown::because(
            "the rule names no direction",
            "correct the rule",
        )),
    }
}

/// A rule as candidates: one, or one for each action where it isn't known which it takes.
///
/// A tag that isn't known in full is read both ways at once: what both readings match is certain.
fn candidates(
    rule: &AdminRule<'_>,
    doubt: Option<Unknown>,
    addresses: &RuleAddresses<'_, '_>,
) -> Vec<Candidate<PacketSet, AdminAction>> {
    let least = matches(&rule.rule, addresses, Reading::Least);
    let most = matches(&rule.rule, addresses, Reading::Most);
    let (actions, hidden) = actions(&rule.rule);
    let mut causes = least.causes.clone();
    causes.extend(most.causes);
    causes.extend(addresses.virtual_network().causes.iter().cloned());
    let doubts = rule.doubts.iter().cloned().chain(doubt).chain(hidden);
    let doubts: Vec<_> = doubts.collect();
    let certain = match doubts.is_empty() {
        true => least.least.intersection(&most.least),
        false => PacketSet::empty(),
    };
    causes.extend(doubts);
    let matches = Bounds::between(certain, least.most.union(&most.most), causes);
    let holder = rule.rule.parent();
    let holder = holder.as_ref().unwrap_or(&rule.rule).id();
    let named = Rule::written(rule.rule.name(), holder, &rule.rule);
    let candidate = |action| Candidate {
        rule: named.clone(),
        matches: matches.clone(),
        action,
    };
    actions.into_iter().map(candidate).collect()
}

/// What a rule does, or all that it may do and why that isn't known.
fn actions(rule: &Resource<'_>) -> (Vec<AdminAction>, Option<Unknown>) {
    let hidden = match rule.text("access") {
        Field::Present(text, _) => match text.to_ascii_lowercase().as_str() {
            "alwaysallow" => return (vec![AdminAction::AlwaysAllow], None),
            "allow" => return (vec![AdminAction::Allow], None),
            "deny" => return (vec![AdminAction::Deny], None),
            _ => Unknown::because(format!("`{text}` is no access"), "correct the rule"),
        },
        Field::Absent(_) => Unknown::because("the rule names no access", "correct the rule"),
        Field::Unknown(unknown) => unknown,
    };
    let all = [
        AdminAction::AlwaysAllow,
        AdminAction::Allow,
        AdminAction::Deny,
    ];
    (all.to_vec(), Some(hidden))
}

fn matches(
    rule: &Resource<'_>,
    addresses: &RuleAddresses<'_, '_>,
    reading: Reading,
) -> Bounds<PacketSet> {
    let sources = side(rule.elements("sources"), addresses, reading);
    let destinations = side(rule.elements("destinations"), addresses, reading);
    let traffic = traffic(
        rule.text("protocol"),
        &port_set(rule.texts("sourcePortRanges")),
        &port_set(rule.texts("destinationPortRanges")),
    );
    sources.product(&destinations.product(&traffic))
}

/// The items of a side; none means all.
fn side(
    items: Result<Vec<Settings<'_>>, Unknown>,
    addresses: &RuleAddresses<'_, '_>,
    reading: Reading,
) -> Bounds<AddressSet> {
    let items = match items {
        Ok(items) if items.is_empty() => return Bounds::exactly(AddressSet::full()),
        Ok(items) => items,
        Err(unknown) => return Bounds::unknown(unknown),
    };
    let nothing = Bounds::exactly(AddressSet::empty());
    items.iter().fold(nothing, |all, item| {
        all.union(&match item.text("addressPrefix") {
            Field::Present(text, _) if ResourceId::parse(text).is_some() => {
                Bounds::unknown(Unknown::because(
                    format!("the addresses of network group `{text}` aren't in the input"),
                    "az network manager list-effective-vnet",
                ))
            }
            Field::Present(text, _) => addresses.of(text, reading),
            Field::Absent(_) => Bounds::exactly(AddressSet::empty()),
            Field::Unknown(unknown) => Bounds::unknown(unknown),
        })
    })
}

fn port_set(texts: Result<Vec<(&str, Value<'_>)>, Unknown>) -> Bounds<PortSet> {
    let texts = texts.map(|texts| texts.into_iter().map(|(text, _)| text).collect::<Vec<_>>());
    match texts {
        Ok(texts) if texts.is_empty() => Bounds::exactly(PortSet::full()),
        texts => all_of(texts, "port", ports),
    }
}
