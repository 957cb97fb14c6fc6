//! Policies of the flows, in a form that every dialect can say.

use std::collections::BTreeSet;

use palisade_packet::{AddressSet, Set, Traffic};

use super::flow::{DNS, End, lookups};
use super::party::Labels;
use super::{Evidence, LeastPrivilege};

/// A policy.
pub(super) struct Policy<'e> {
    pub(super) name: String,
    /// What it is for.
    pub(super) purpose: &'static str,
    /// The pods that it selects; all of the namespace if nothing.
    pub(super) subject: Option<Labels<'e>>,
    /// What they take; nothing where the policy isn't about it.
    pub(super) ingress: Option<Vec<Rule<'e>>>,
    /// What they send.
    pub(super) egress: Option<Vec<Rule<'e>>>,
}

/// What a policy lets through.
pub(super) struct Rule<'e> {
    pub(super) peer: Peer<'e>,
    pub(super) traffic: Traffic,
    pub(super) evidence: Vec<Evidence>,
}

/// The other side of a rule.
pub(super) enum Peer<'e> {
    /// Pods of a namespace.
    Pods(&'e str, Labels<'e>),
    /// The nodes, and the pods on their networks.
    Nodes,
    /// Addresses.
    Addresses(AddressSet),
}

/// The policies of a namespace: default deny, look-ups of names, and one for each party with
/// flows.
pub(super) fn of_namespace<'e>(
    least: &LeastPrivilege<'_, 'e>,
    namespace: usize,
) -> Vec<Policy<'e>> {
    let mut names = BTreeSet::new();
    let mut policies = vec![
        Policy {
            name: unique(&mut names, "default-deny"),
            purpose: "nothing in or out but what the policies below allow",
            subject: None,
            ingress: Some(Vec::new()),
            egress: Some(Vec::new()),
        },
        Policy {
            name: unique(&mut names, "allow-dns"),
            purpose: "every pod may look up names",
            subject: None,
            ingress: None,
            egress: Some(vec![lookup()]),
        },
    ];
    let own = least.parties.list.iter().enumerate();
    for (number, party) in own.filter(|(_, party)| party.namespace == namespace) {
        let own = End::Party(number);
        let ingress = rules(least, |(from, to)| (*to == own).then_some(from));
        let egress = rules(least, |(from, to)| (*from == own).then_some(to));
        if ingress.is_empty() && egress.is_empty() {
            continue;
        }
        let workloads = least.analysis.endpoints.workloads();
        let mut names_of = party
            .workloads
            .iter()
            .map(|&number| &workloads[number].name);
        let name = names_of.next().map_or("pods", String::as_str);
        policies.push(Policy {
            name: unique(&mut names, &format!("allow-{}", plain(name))),
            purpose: "what the manifests show that these pods need",
            subject: Some(party.selector.clone()),
            ingress: (!ingress.is_empty()).then_some(ingress),
            egress: (!egress.is_empty()).then_some(egress),
        });
    }
    policies
}

fn lookup<'e>() -> Rule<'e> {
    let (namespace, label) = DNS;
    let labels = Labels {
        with: vec![label],
        without: Vec::new(),
    };
    Rule {
        peer: Peer::Pods(namespace, labels),
        traffic: lookups(),
        evidence: Vec::new(),
    }
}

/// A rule for each flow of which an end is asked for, by the other end.
fn rules<'e>(
    least: &LeastPrivilege<'_, 'e>,
    other: impl Fn(&(End, End)) -> Option<&End>,
) -> Vec<Rule<'e>> {
    let flows = least.flows.iter();
    let own = flows.filter_map(|(ends, need)| Some((other(ends)?, need)));
    own.map(|(end, need)| Rule {
        peer: match end {
            End::Party(number) => {
                let party = &least.parties.list[*number];
                let namespaces = least.analysis.endpoints.namespaces();
                Peer::Pods(namespaces[party.namespace].name, party.selector.clone())
            }
            End::Nodes => Peer::Nodes,
            End::Addresses(addresses) => Peer::Addresses(addresses.clone()),
        },
        traffic: need.traffic.clone(),
        evidence: need.evidence.clone(),
    })
    .filter(|rule| !rule.traffic.is_empty())
    .collect()
}

/// The name of a workload as part of the name of a policy.
fn plain(name: &str) -> String {
    /// What Kubernetes lets a name have, but for `allow-` before it and a number after.
    const LONGEST: usize = 240;
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let plain = name.chars().map(|c| if is_plain(c) { c } else { '-' });
    let plain: String = plain.take(LONGEST).collect();
    match plain.trim_matches('-') {
        "" => "pods".to_owned(),
        plain => plain.to_owned(),
    }
}

/// A name that no other policy of the namespace has.
fn unique(taken: &mut BTreeSet<String>, wanted: &str) -> String {
    let numbered = (2..).map(|number| format!("{wanted}-{number}"));
    let mut names = std::iter::once(wanted.to_owned()).chain(numbered);
    let free = names.find(|name| !taken.contains(name));
    let name = free.unwrap_or_else(|| wanted.to_owned());
    taken.insert(name.clone());
    name
}
