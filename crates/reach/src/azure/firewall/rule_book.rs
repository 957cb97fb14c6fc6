//! The rules of a firewall, read once and asked many times.

use std::rc::Rc;

use palisade_estate::azure::AzureFirewall;
use palisade_packet::{AddressSet, PacketSet, Set};

use super::order::{Entry, Kind, Placed, entries};
use super::question::Question;
use super::rule_side::Lookup;
use super::{Action, Filtered, application_rule, filtered, gap, host_port_mismatch};
use super::{nat_candidates, threat_intelligence};
use crate::azure::{Access, Bounds, Candidate, Network, Part, Rule, Translation, first_match};

/// The rules of a firewall. To read them costs more than to ask about one packet.
#[derive(Clone)]
pub struct RuleBook<'n, 'e> {
    network: &'n Network<'e>,
    firewall: AzureFirewall<'e>,
    nat: Vec<Read<'e>>,
    filters: Vec<Read<'e>>,
    applications: Vec<Read<'e>>,
}

/// What stands at a place in the order.
#[derive(Clone)]
struct Read<'e> {
    entry: Rc<Entry<'e>>,
    /// Whose packets it is for.
    sources: Bounds<AddressSet>,
    /// What it matches, where that is the same whatever is asked.
    matches: Option<Bounds<PacketSet>>,
}

impl<'n, 'e> RuleBook<'n, 'e> {
    /// The rules of a firewall.
    pub fn of(network: &'n Network<'e>, firewall: &AzureFirewall<'e>) -> Self {
        let question = Question::default();
        let lookup = lookup(network, firewall, &question);
        let all = |kind| -> Vec<_> {
            let entries = entries(firewall, kind).into_iter();
            entries.map(|entry| read(entry, kind, &lookup)).collect()
        };
        Self {
            network,
            firewall: *firewall,
            nat: all(Kind::Nat),
            filters: all(Kind::Network),
            applications: all(Kind::Application),
        }
    }

    /// The firewall.
    pub fn firewall(&self) -> &AzureFirewall<'e> {
        &self.firewall
    }

    /// The network that it stands in.
    pub fn network(&self) -> &'n Network<'e> {
        self.network
    }

    /// The network and application rules, in their order, each with whose packets it is for.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&Entry<'e>, &Bounds<AddressSet>)> {
        let all = self.filters.iter().chain(&self.applications);
        all.map(|read| (&*read.entry, &read.sources))
    }

    /// Only those rules that may be for packets of some sources.
    #[must_use]
    pub fn among(&self, sources: &AddressSet) -> Self {
        let among = |all: &[Read<'e>]| {
            let own = all
                .iter()
                .filter(|one| !one.sources.most.is_disjoint(sources));
            own.cloned().collect()
        };
        Self {
            nat: among(&self.nat),
            filters: among(&self.filters),
            applications: among(&self.applications),
            ..self.clone()
        }
    }

    /// Splits packets by the rule that decides.
    pub fn split(
        &self,
        question: &Question,
        packets: &PacketSet,
    ) -> Vec<Part<PacketSet, Filtered>> {
        let (candidates, translations) = self.candidates(question, packets);
        let end = (
            Rule::implied("default deny", self.firewall.id()),
            Action::Drop,
        );
        let parts = first_match(packets, candidates, end).into_iter();
        parts
            .map(|part| part.map(|decision| filtered(decision, &translations)))
            .collect()
    }

    /// What each written rule that lets pass matches of some packets, whether or not another rule
    /// comes before it; without those that match none.
    pub fn allowing(
        &self,
        question: &Question,
        packets: &PacketSet,
    ) -> Vec<(Rule, Bounds<PacketSet>)> {
        let (candidates, _) = self.candidates(question, packets);
        let packets = Bounds::exactly(packets.clone());
        let written = candidates.into_iter().filter(|candidate| {
            matches!(candidate.action, Action::Forward | Action::Proxy)
                && candidate.rule.origin.is_some()
        });
        let matched =
            written.map(|candidate| (candidate.rule, candidate.matches.intersection(&packets)));
        matched
            .filter(|(_, matches)| !matches.most.is_empty())
            .collect()
    }

    /// All that may decide about some packets, in its order.
    fn candidates(
        &self,
        question: &Question,
        packets: &PacketSet,
    ) -> (Vec<Candidate<PacketSet, Action>>, Vec<Translation>) {
        let lookup = lookup(self.network, &self.firewall, question);
        let nat = self.nat.iter().map(|read| &*read.entry);
        let (mut all, translations) = nat_candidates(nat, &lookup);
        all.extend(threat_intelligence::candidates(&self.firewall, question));
        for read in &self.filters {
            let known = read.matches.as_ref();
            if known.is_some_and(|matches| matches.most.is_disjoint(packets)) {
                continue;
            }
            let matches = |placed: &Placed<'e>| {
                known
                    .cloned()
                    .unwrap_or_else(|| lookup.packets(&placed.settings))
            };
            all.extend(candidates(&read.entry, Action::Forward, matches));
        }
        all.extend(host_port_mismatch(&self.firewall, &question.carries));
        for read in &self.applications {
            let matches = |placed: &Placed<'e>| {
                application_rule::packets(&placed.settings, &lookup, &question.carries)
            };
            all.extend(candidates(&read.entry, Action::Proxy, matches));
        }
        all.push(Candidate {
            rule: Rule::implied("infrastructure rules", self.firewall.id()),
            matches: application_rule::infrastructure(&question.carries),
            action: Action::Proxy,
        });
        (all, translations)
    }
}

fn lookup<'l, 'e>(
    network: &'l Network<'e>,
    firewall: &AzureFirewall<'e>,
    question: &'l Question,
) -> Lookup<'l, 'e> {
    Lookup {
        estate: network.estate(),
        tags: network.service_tags(firewall.location().as_deref()),
        question,
    }
}

fn read<'e>(entry: Entry<'e>, kind: Kind, lookup: &Lookup<'_, 'e>) -> Read<'e> {
    let (sources, matches) = match &entry {
        Entry::Gap(_, unknown) => (Bounds::unknown(unknown.clone()), None),
        Entry::Rule(placed) => {
            let rule = &placed.settings;
            let names = rule.texts("destinationFqdns");
            let is_same = kind == Kind::Network && names.is_ok_and(|names| names.is_empty());
            (lookup.sources(rule), is_same.then(|| lookup.packets(rule)))
        }
    };
    Read {
        entry: Rc::new(entry),
        sources,
        matches,
    }
}

/// A filter rule as candidates: two where it isn't known whether it lets pass.
fn candidates<'e>(
    entry: &Entry<'e>,
    allow: Action,
    matches: impl Fn(&Placed<'e>) -> Bounds<PacketSet>,
) -> Vec<Candidate<PacketSet, Action>> {
    let placed = match entry {
        Entry::Gap(rule, unknown) => return gap(rule, unknown, &[allow, Action::Drop]),
        Entry::Rule(placed) => placed,
    };
    let matches = matches(placed);
    let candidate = |matches, action| Candidate {
        rule: placed.rule.clone(),
        matches,
        action,
    };
    match &placed.access {
        Ok(Access::Allow) => vec![candidate(matches, allow)],
        Ok(Access::Deny) => vec![candidate(matches, Action::Drop)],
        Err(unknown) => {
            let most = matches.most.clone();
            let perhaps = Bounds::between(PacketSet::empty(), most, vec![unknown.clone()]);
            vec![candidate(perhaps, allow), candidate(matches, Action::Drop)]
        }
    }
}
