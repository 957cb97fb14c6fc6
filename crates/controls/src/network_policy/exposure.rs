//! Whether a network security group lets the internet reach a port.

use ipnet::IpNet;
use palisade_estate::Unknown;
use palisade_estate::azure::SecurityRule;

use super::security_rule::{
    allows, destinations_hold, has_any_source_port, matches_port, matches_protocol, sources,
};

/// What carries a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Tcp,
    Udp,
}

/// The first rule by which all of the internet reaches a port, past the denials before it. The rules come
/// in the order of their priority.
pub(super) fn exposing<'e>(
    rules: &[SecurityRule<'e>],
    port: u16,
    protocol: Protocol,
) -> Result<Option<SecurityRule<'e>>, Unknown> {
    let mut denials = Vec::new();
    for rule in rules {
        if !matches_protocol(rule, protocol)? || !matches_port(rule, port)? {
            continue;
        }
        if !allows(rule)? {
            if has_any_source_port(rule)? {
                denials.push(*rule);
            }
        } else if is_open(rule, &denials)? {
            return Ok(Some(*rule));
        }
    }
    Ok(None)
}

/// Whether every address of a family is allowed by a rule and left over by the denials before it.
fn is_open(rule: &SecurityRule<'_>, denials: &[SecurityRule<'_>]) -> Result<bool, Unknown> {
    let allowed = Families::of(&sources(rule)?);
    let (mut denied, mut perhaps_denied) = (Vec::new(), Vec::new());
    for denial in denials {
        let ranges = sources(denial)?;
        match destinations_hold(denial, rule)? {
            Some(true) => denied.extend(ranges),
            Some(false) => {}
            None => perhaps_denied.extend(ranges),
        }
    }
    let left = allowed.without(Families::of(&denied));
    perhaps_denied.extend(denied);
    if left.any() && !left.without(Families::of(&perhaps_denied)).any() {
        return Err(Unknown::because(
            format!(
                "whether a denial before it covers the destinations of the rule `{}` isn't told by the settings",
                rule.name()
            ),
            "az network nic list-effective-nsg --resource-group GROUP --name INTERFACE",
        ));
    }
    if left.v6 && !left.v4 && !names_ipv6(rule)? {
        return Err(Unknown::because(
            format!(
                "the rule `{}` is left open to IPv6 alone, and whether anything behind the group has such an address isn't told",
                rule.name()
            ),
            "a rule that denies ::/0, or a waiver",
        ));
    }
    Ok(left.any())
}

fn names_ipv6(rule: &SecurityRule<'_>) -> Result<bool, Unknown> {
    Ok(rule.sources()?.iter().any(|source| source.contains(':')))
}

/// The address families of which every address is held.
#[derive(Clone, Copy)]
struct Families {
    v4: bool,
    v6: bool,
}

impl Families {
    fn of(ranges: &[IpNet]) -> Self {
        let whole = IpNet::aggregate(&ranges.to_vec());
        let holds = |is_wanted: fn(&IpNet) -> bool| {
            whole
                .iter()
                .any(|range| range.prefix_len() == 0 && is_wanted(range))
        };
        Self {
            v4: holds(|range| matches!(range, IpNet::V4(_))),
            v6: holds(|range| matches!(range, IpNet::V6(_))),
        }
    }

    fn without(self, other: Self) -> Self {
        Self {
            v4: self.v4 && !other.v4,
            v6: self.v6 && !other.v6,
        }
    }

    fn any(self) -> bool {
        self.v4 || self.v6
    }
}
