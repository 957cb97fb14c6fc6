//! Threat intelligence, which drops or reports what Microsoft's list names before network and
//! application rules are asked.

use palisade_estate::azure::{AzureFirewall, FirewallPolicy};
use palisade_estate::{Field, Settings, Unknown};
use palisade_packet::{AddressSet, PacketSet, Product, Set, Traffic};

use super::Action;
use super::application_rule::target_fqdn;
use super::order::lineage;
use super::question::{Carries, Question};
use crate::azure::address::{addresses, all_of};
use crate::azure::{Bounds, Candidate, Rule};

/// What is dropped of packets that the list names: all but what the allow lists take out, if the
/// policy or one it inherits from says `Deny`. A policy can only be stricter than its base.
pub(super) fn candidates(
    firewall: &AzureFirewall<'_>,
    question: &Question,
) -> Vec<Candidate<PacketSet, Action>> {
    if !question.is_known_threat {
        return Vec::new();
    }
    let mut matches = Bounds::exactly(PacketSet::empty());
    let mut allowed = Bounds::exactly(PacketSet::empty());
    let (settings, gap) = levels(firewall);
    for level in settings {
        matches = matches.union(&match level.text("threatIntelMode") {
            Field::Present(mode, _) if mode.eq_ignore_ascii_case("deny") => {
                Bounds::exactly(PacketSet::full())
            }
            Field::Present(..) | Field::Absent(_) => Bounds::exactly(PacketSet::empty()),
            Field::Unknown(unknown) => Bounds::unknown(unknown),
        });
        allowed = allowed.union(&allow_list(&level, &question.carries));
    }
    if let Some(unknown) = gap {
        matches = matches.union(&Bounds::unknown(unknown));
    }
    vec![Candidate {
        rule: Rule::implied("threat intelligence", firewall.id()),
        matches: matches.difference(&allowed),
        action: Action::Drop,
    }]
}

fn levels<'e>(firewall: &AzureFirewall<'e>) -> (Vec<Settings<'e>>, Option<Unknown>) {
    let policy = match firewall.policy() {
        Field::Absent(_) => return (vec![***firewall], None),
        Field::Present(id, _) => firewall.estate().require::<FirewallPolicy<'e>>(&id),
        Field::Unknown(unknown) => Err(unknown),
    };
    match policy {
        Ok(policy) => {
            let (levels, gap) = lineage(policy);
            (levels.into_iter().map(|level| **level).collect(), gap)
        }
        Err(unknown) => (Vec::new(), Some(unknown)),
    }
}

/// `threatIntelWhitelist`: addresses, of either end, and names.
fn allow_list(level: &Settings<'_>, carries: &Carries) -> Bounds<PacketSet> {
    let texts = |path: &str| {
        let texts = level.texts(path);
        texts.map(|texts| texts.into_iter().map(|(text, _)| text).collect::<Vec<_>>())
    };
    let ranges = all_of(
        texts("threatIntelWhitelist.ipAddresses"),
        "address",
        addresses,
    );
    let everywhere = Bounds::exactly(AddressSet::full());
    let all = Bounds::exactly(Traffic::full());
    let from = ranges.product(&everywhere.product(&all));
    let to = everywhere.product(&ranges.product(&all));
    let name = match carries {
        Carries::Request(request) => request.name(),
        _ => None,
    };
    let named = match (texts("threatIntelWhitelist.fqdns"), name) {
        (Err(unknown), _) => Bounds::unknown(unknown),
        (Ok(names), Some(name)) => {
            let mut patterns = names.iter().filter_map(|text| target_fqdn(text));
            match patterns.any(|pattern| pattern.matches(name)) {
                true => Bounds::exactly(Product::of(AddressSet::full(), Product::full())),
                false => Bounds::exactly(PacketSet::empty()),
            }
        }
        (Ok(_), None) => Bounds::exactly(PacketSet::empty()),
    };
    from.union(&to).union(&named)
}
