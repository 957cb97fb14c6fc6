//! What changes about who reaches whom, between two states of a cluster.
//!
//! Workloads are known again by namespace, kind and name, nodes by name, and outside addresses are
//! cut so that no rule of either state tells those of one piece apart. What is alike in both states
//! is one party of the difference, so that the cost grows with the different things, not with the
//! pods. A connection is compared by the traffic that gets through for certain and by the traffic
//! that may; between workloads whose pods differ among themselves, by what gets through from some
//! pod to some pod.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use palisade_packet::{AddressSet, Set, Traffic};
use palisade_reach::kubernetes::{Analysis, EndpointKind};
use serde::Serialize;

use super::model::condition_texts;
use super::party::Parties;
use super::{Party, PartyKind};

/// What changes in one cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectivityChange {
    /// The cluster.
    pub cluster: String,
    /// Why connections can't be compared, if they can't.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// The workloads and nodes that there are afterwards only, by name.
    pub added_parties: Vec<String>,
    /// The workloads and nodes that there were before only.
    pub removed_parties: Vec<String>,
    /// The connections that aren't what they were.
    pub connections: Vec<ChangedConnection>,
}

/// A connection that isn't what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedConnection {
    /// The source.
    pub from: Party,
    /// The destination.
    pub to: Party,
    /// What got through before, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Through>,
    /// What gets through afterwards, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Through>,
}

/// What gets through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Through {
    /// For certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<String>,
    /// Perhaps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncertain: Option<String>,
    /// What the uncertain traffic hangs on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<String>,
}

/// What is known again in the other state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    /// Namespace, kind and name; whether on the network of its node.
    Workload(String, String, bool),
    Node(String),
    Outside(AddressSet),
}

/// One state of a cluster.
struct State {
    /// The parties of everything that has a name.
    names: BTreeMap<Name, BTreeSet<usize>>,
    gets: HashMap<(usize, usize), Gets>,
}

/// What gets through, as sets.
#[derive(Clone, PartialEq, Eq)]
struct Gets {
    allowed: Traffic,
    uncertain: Traffic,
    conditions: Vec<String>,
}

impl State {
    fn of(analysis: &Analysis<'_>) -> Self {
        let rectangles = analysis.connectivity().rectangles();
        let parties = Parties::of(analysis, &rectangles);
        let mut table = analysis.table();
        let mut gets = HashMap::new();
        for rectangle in &rectangles {
            let outcome = &rectangle.outcome;
            let allowed = outcome.certainly_allowed(&mut table);
            let uncertain = outcome.uncertain(&mut table);
            let through = Gets {
                allowed: table.get(allowed).clone(),
                uncertain: table.get(uncertain).clone(),
                conditions: condition_texts(outcome, &table),
            };
            let destinations = parties.within(&rectangle.destinations);
            for from in parties.within(&rectangle.sources) {
                for &to in &destinations {
                    gets.insert((from, to), through.clone());
                }
            }
        }
        drop(table);
        Self {
            names: names(analysis, &parties),
            gets,
        }
    }

    /// What gets through from some of these parties to some of those.
    fn between(&self, from: &BTreeSet<usize>, to: &BTreeSet<usize>) -> Option<Gets> {
        let pairs = from
            .iter()
            .flat_map(|from| to.iter().map(move |to| (*from, *to)));
        let found = pairs.filter_map(|pair| self.gets.get(&pair));
        found.cloned().reduce(|one, other| {
            let allowed = one.allowed.union(&other.allowed);
            let conditions = one.conditions.into_iter().chain(other.conditions);
            let conditions: BTreeSet<_> = conditions.collect();
            Gets {
                uncertain: one.uncertain.union(&other.uncertain).difference(&allowed),
                allowed,
                conditions: conditions.into_iter().collect(),
            }
        })
    }
}

fn names(analysis: &Analysis<'_>, parties: &Parties) -> BTreeMap<Name, BTreeSet<usize>> {
    let endpoints = &analysis.endpoints;
    let mut names: BTreeMap<Name, BTreeSet<usize>> = BTreeMap::new();
    for (id, endpoint) in endpoints.iter() {
        let party = parties.of_endpoint(id);
        let mut add = |name| {
            names.entry(name).or_default().insert(party);
        };
        let is_on_host = matches!(endpoint.kind, EndpointKind::HostPods { .. });
        match &endpoint.kind {
            EndpointKind::Pods { workloads, .. } | EndpointKind::HostPods { workloads, .. } => {
                for &number in workloads {
                    let workload = &endpoints.workloads()[number];
                    let own = format!("{}/{}", workload.kind, workload.name);
                    add(Name::Workload(
                        workload.namespace.to_owned(),
                        own,
                        is_on_host,
                    ));
                }
            }
            EndpointKind::Node(node) => add(Name::Node(node.name())),
            EndpointKind::Outside => add(Name::Outside(endpoint.addresses.clone())),
        }
    }
    names
}

/// The parties before and after of what is alike, its namespace and kind.
type Alikeness = (BTreeSet<usize>, BTreeSet<usize>, Option<String>, PartyKind);
/// What is alike in both states, by name.
type Alike = BTreeMap<Alikeness, Vec<Name>>;

/// What changes from one state to the other.
pub fn between(cluster: &str, before: &Analysis<'_>, after: &Analysis<'_>) -> ConnectivityChange {
    let (before, after) = (State::of(before), State::of(after));
    let alike = alike(&before, &after);
    let groups: Vec<_> = alike.iter().collect();
    let mut connections = Vec::new();
    for (from, to) in candidates(&before, &after, &groups) {
        let ((from_before, from_after, ..), sources) = groups[from];
        let ((to_before, to_after, ..), destinations) = groups[to];
        let one = before.between(from_before, to_before);
        let other = after.between(from_after, to_after);
        let party_from = party(sources);
        let is_itself = from == to && party_from.members.len() == 1 && is_single(&party_from);
        if one == other || is_itself {
            continue;
        }
        connections.push(ChangedConnection {
            from: party_from,
            to: party(destinations),
            before: one.as_ref().map(Through::of),
            after: other.as_ref().map(Through::of),
        });
    }
    connections.sort_by_cached_key(|change| (change.kind(), change.from.name(), change.to.name()));
    ConnectivityChange {
        cluster: cluster.to_owned(),
        unknown: None,
        added_parties: only_in(&after, &before),
        removed_parties: only_in(&before, &after),
        connections,
    }
}

/// The pairs of groups between which something gets through in either state.
fn candidates(
    before: &State,
    after: &State,
    groups: &[(&Alikeness, &Vec<Name>)],
) -> BTreeSet<(usize, usize)> {
    let mut candidates = BTreeSet::new();
    for (is_after, state) in [(false, before), (true, after)] {
        let mut of_party: HashMap<usize, Vec<usize>> = HashMap::new();
        for (number, ((one, other, ..), _)) in groups.iter().enumerate() {
            for &party in if is_after { other } else { one } {
                of_party.entry(party).or_default().push(number);
            }
        }
        for (from, to) in state.gets.keys() {
            for &from in of_party.get(from).into_iter().flatten() {
                for &to in of_party.get(to).into_iter().flatten() {
                    candidates.insert((from, to));
                }
            }
        }
    }
    candidates
}

/// A pod without an owner, or a node: it always reaches itself.
fn is_single(party: &Party) -> bool {
    party.kind == PartyKind::Node || party.members[0].starts_with("Pod/")
}

fn alike(before: &State, after: &State) -> Alike {
    let mut alike = Alike::new();
    let none = BTreeSet::new();
    let all: BTreeSet<&Name> = before.names.keys().chain(after.names.keys()).collect();
    for name in all {
        let (namespace, kind) = match name {
            Name::Workload(namespace, _, true) => (Some(namespace.clone()), PartyKind::HostPods),
            Name::Workload(namespace, _, false) => (Some(namespace.clone()), PartyKind::Pods),
            Name::Node(_) => (None, PartyKind::Node),
            Name::Outside(_) => continue,
        };
        let of = |state: &State| state.names.get(name).unwrap_or(&none).clone();
        let key = (of(before), of(after), namespace, kind);
        alike.entry(key).or_default().push(name.clone());
    }
    for (name, one) in &before.names {
        for (other_name, other) in &after.names {
            if let (Name::Outside(left), Name::Outside(right)) = (name, other_name)
                && !left.is_disjoint(right)
            {
                let key = (one.clone(), other.clone(), None, PartyKind::Outside);
                let both = Name::Outside(left.intersection(right));
                alike.entry(key).or_default().push(both);
            }
        }
    }
    alike
}

fn party(names: &[Name]) -> Party {
    let mut members = Vec::new();
    let mut addresses = AddressSet::empty();
    let (mut kind, mut of) = (PartyKind::Outside, None);
    for name in names {
        match name {
            Name::Workload(namespace, own, is_on_host) => {
                of = Some(namespace.clone());
                members.push(own.clone());
                kind = match is_on_host {
                    true => PartyKind::HostPods,
                    false => PartyKind::Pods,
                };
            }
            Name::Node(node) => {
                kind = PartyKind::Node;
                members.push(node.clone());
            }
            Name::Outside(own) => addresses = addresses.union(own),
        }
    }
    if !addresses.is_empty() {
        members.push(addresses.to_string());
    }
    Party {
        kind,
        namespace: of,
        pods: match kind {
            PartyKind::Pods | PartyKind::HostPods => members.len(),
            PartyKind::Node | PartyKind::Outside => 0,
        },
        members,
    }
}

fn only_in(one: &State, other: &State) -> Vec<String> {
    let names = one
        .names
        .keys()
        .filter(|name| !other.names.contains_key(*name));
    let inside = names.filter(|name| !matches!(name, Name::Outside(_)));
    inside
        .map(|name| party(std::slice::from_ref(name)).name())
        .collect()
}

impl Through {
    fn of(gets: &Gets) -> Self {
        let text = |traffic: &Traffic| (!traffic.is_empty()).then(|| traffic.to_string());
        Self {
            allowed: text(&gets.allowed),
            uncertain: text(&gets.uncertain),
            conditions: gets.conditions.clone(),
        }
    }
}

/// How a connection changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// Something gets through where nothing did.
    Added,
    /// Nothing gets through any more.
    Removed,
    /// Something else gets through.
    Changed,
}

impl ChangeKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

impl ChangedConnection {
    /// How it changes.
    pub fn kind(&self) -> ChangeKind {
        match (&self.before, &self.after) {
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Removed,
            _ => ChangeKind::Changed,
        }
    }

    /// What got through, and what gets through now, in words.
    pub(crate) fn texts(&self) -> (String, String) {
        let text = |through: &Option<Through>| match through {
            None => "nothing".to_owned(),
            Some(through) => super::traffic_text(
                through.allowed.as_deref(),
                through.uncertain.as_deref(),
                &through.conditions,
            ),
        };
        (text(&self.before), text(&self.after))
    }
}

impl ConnectivityChange {
    /// A cluster about which nothing can be said, with the reason.
    pub fn unknown(cluster: &str, reason: impl Into<String>) -> Self {
        Self {
            cluster: cluster.to_owned(),
            unknown: Some(reason.into()),
            ..Self::default()
        }
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        let Self {
            cluster: _,
            unknown,
            added_parties,
            removed_parties,
            connections,
        } = self;
        unknown.is_none()
            && added_parties.is_empty()
            && removed_parties.is_empty()
            && connections.is_empty()
    }
}
