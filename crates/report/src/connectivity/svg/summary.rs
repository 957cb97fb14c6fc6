//! Connections put together: one edge stands for all pairs of two nodes.
//!
//! A node is a party, all parties of a namespace, or all of the cluster or of what is outside. For
//! each kind of traffic the destinations of a source are said with the fewest nodes, and then the
//! sources of each such node are. Nothing is lost and nothing added: an edge is drawn exactly if
//! every pair under it is connected.

use std::collections::{BTreeMap, BTreeSet};

use crate::connectivity::{ClusterConnectivity, PartyKind};

/// How many groups "everything but …" may leave out, of so many.
fn most_exceptions(groups: usize) -> usize {
    (groups / 4).max(2)
}

/// One or more parties.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Node {
    /// All that is in the cluster.
    Inside,
    /// All that is in the cluster but for some groups.
    InsideBut(Vec<usize>),
    /// All addresses outside.
    Outside,
    /// All parties of a group.
    Group(usize),
    /// A party.
    Party(usize),
}

/// The parties of a namespace, or the nodes.
#[derive(Debug)]
pub(super) struct Group<'r> {
    /// The namespace; nothing for the nodes.
    pub(super) namespace: Option<&'r str>,
    pub(super) parties: Vec<usize>,
}

/// What gets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Traffic<'r> {
    /// Whether it hangs on nothing.
    pub(super) is_certain: bool,
    pub(super) text: &'r str,
    pub(super) conditions: &'r [String],
}

/// What gets through from each party of a node to each of another one.
#[derive(Debug)]
pub(super) struct Edge<'r> {
    pub(super) from: Node,
    pub(super) to: Node,
    pub(super) traffic: Traffic<'r>,
}

/// A cluster's connections, put together.
pub(super) struct Summary<'r> {
    pub(super) groups: Vec<Group<'r>>,
    /// The group of each party; nothing for what is outside.
    pub(super) group_of: Vec<Option<usize>>,
    pub(super) edges: Vec<Edge<'r>>,
    outside: Vec<usize>,
}

type Pairs = BTreeMap<usize, BTreeSet<usize>>;

impl<'r> Summary<'r> {
    pub(super) fn of(cluster: &'r ClusterConnectivity) -> Self {
        let mut summary = Self::groups(cluster);
        let mut pairs: BTreeMap<Traffic<'r>, Pairs> = BTreeMap::new();
        for connection in &cluster.connections {
            let certain = connection.allowed.as_deref().map(|text| (text, true));
            let uncertain = connection.uncertain.as_deref().map(|text| (text, false));
            for (text, is_certain) in certain.into_iter().chain(uncertain) {
                let conditions: &[String] = match is_certain {
                    true => &[],
                    false => &connection.conditions,
                };
                let traffic = Traffic {
                    is_certain,
                    text,
                    conditions,
                };
                let of_source = pairs.entry(traffic).or_default();
                let destinations = of_source.entry(connection.from).or_default();
                destinations.insert(connection.to);
            }
        }
        for (traffic, pairs) in pairs {
            summary
                .edges
                .extend(edges(&summary, cluster, traffic, &pairs));
        }
        summary
    }

    fn groups(cluster: &'r ClusterConnectivity) -> Self {
        let mut by_name: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
        let mut outside = Vec::new();
        for (number, party) in cluster.parties.iter().enumerate() {
            match party.kind {
                PartyKind::Outside => outside.push(number),
                _ => by_name
                    .entry(party.namespace.as_deref())
                    .or_default()
                    .push(number),
            }
        }
        let mut group_of = vec![None; cluster.parties.len()];
        let mut groups = Vec::with_capacity(by_name.len());
        for (namespace, parties) in by_name {
            for &party in &parties {
                group_of[party] = Some(groups.len());
            }
            groups.push(Group { namespace, parties });
        }
        Self {
            groups,
            group_of,
            edges: Vec::new(),
            outside,
        }
    }

    /// The fewest nodes that are some parties. It is of no account whether those that are `free`
    /// are among them.
    fn cover(&self, parties: &BTreeSet<usize>, free: impl Fn(usize) -> bool) -> Vec<Node> {
        let is_whole = |all: &[usize]| {
            let mut all = all.iter();
            all.all(|party| parties.contains(party) || free(*party))
        };
        let groups = self.groups.iter();
        let whole: Vec<bool> = groups.map(|group| is_whole(&group.parties)).collect();
        let missing: Vec<usize> = (0..whole.len()).filter(|&number| !whole[number]).collect();
        let covered = whole.len() - missing.len();
        let is_most = missing.len() <= most_exceptions(whole.len()) && covered > missing.len() + 1;
        let all = match (missing.is_empty(), is_most) {
            (true, _) if covered > 1 => Some(Node::Inside),
            (false, true) => Some(Node::InsideBut(missing)),
            _ => None,
        };
        let mut nodes = Vec::new();
        for (number, group) in self.groups.iter().enumerate() {
            if whole[number] && all.is_some() {
                continue;
            }
            if whole[number] && group.parties.len() > 1 {
                nodes.push(Node::Group(number));
            } else {
                let own = group.parties.iter().filter(|own| parties.contains(own));
                nodes.extend(own.map(|own| Node::Party(*own)));
            }
        }
        nodes.extend(all);
        if self.outside.len() > 1 && is_whole(&self.outside) {
            nodes.push(Node::Outside);
        } else {
            let own = self.outside.iter().filter(|own| parties.contains(own));
            nodes.extend(own.map(|own| Node::Party(*own)));
        }
        nodes
    }
}

fn edges<'r>(
    summary: &Summary<'r>,
    cluster: &ClusterConnectivity,
    traffic: Traffic<'r>,
    pairs: &Pairs,
) -> Vec<Edge<'r>> {
    // A single pod always reaches itself, and no connection says so.
    let is_alone = |party: usize| cluster.parties[party].is_alone();
    let mut sources: BTreeMap<Node, BTreeSet<usize>> = BTreeMap::new();
    for (&from, to) in pairs {
        for node in summary.cover(to, |party| party == from && is_alone(party)) {
            sources.entry(node).or_default().insert(from);
        }
    }
    let mut edges = Vec::new();
    for (to, sources) in sources {
        let is_free = |party| to == Node::Party(party) && is_alone(party);
        for from in summary.cover(&sources, is_free) {
            edges.push(Edge {
                from,
                to: to.clone(),
                traffic,
            });
        }
    }
    edges
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::connectivity::{Connection, Party};

    fn party(kind: PartyKind, namespace: Option<usize>, number: usize) -> Party {
        Party {
            kind,
            namespace: namespace.map(|number| format!("ns{number}")),
            members: vec![format!("Pod/p{number}")],
            pods: 1 + number % 2,
        }
    }

    /// Some parties of five namespaces and two ranges outside, with connections between them.
    fn clusters() -> impl Strategy<Value = ClusterConnectivity> {
        let sizes = prop::collection::vec(1_usize..4, 1..6);
        (sizes, any::<u64>(), 0_u64..8).prop_map(|(sizes, seed, share)| {
            let namespaces = sizes.iter().enumerate();
            let inside = namespaces.flat_map(|(namespace, size)| vec![Some(namespace); *size]);
            let all = inside.chain([None, None]).enumerate();
            let parties: Vec<_> = all
                .map(|(number, namespace)| match namespace {
                    Some(_) => party(PartyKind::Pods, namespace, number),
                    None => party(PartyKind::Outside, None, number),
                })
                .collect();
            let mut state = seed | 1;
            let mut connections = Vec::new();
            for from in 0..parties.len() {
                for to in 0..parties.len() {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    let is_outside = |party: usize| parties[party].kind == PartyKind::Outside;
                    let is_self = from == to && parties[from].is_alone();
                    if (state >> 33) % 8 < share
                        && !is_self
                        && !(is_outside(from) && is_outside(to))
                    {
                        connections.push(Connection {
                            from,
                            to,
                            allowed: (state >> 40).is_multiple_of(3).then(|| "TCP 80".to_owned()),
                            uncertain: (!(state >> 40).is_multiple_of(3))
                                .then(|| "UDP 53".to_owned()),
                            conditions: Vec::new(),
                        });
                    }
                }
            }
            ClusterConnectivity {
                cluster: "test".to_owned(),
                engine: "azure".to_owned(),
                parties,
                connections,
                notes: Vec::new(),
                is_excerpt: false,
            }
        })
    }

    fn members(node: &Node, summary: &Summary<'_>) -> Vec<usize> {
        let inside = || (0..summary.groups.len()).collect::<Vec<_>>();
        let groups = match node {
            Node::Party(party) => return vec![*party],
            Node::Outside => return summary.outside.clone(),
            Node::Inside => inside(),
            Node::InsideBut(left_out) => inside()
                .into_iter()
                .filter(|group| !left_out.contains(group))
                .collect(),
            Node::Group(group) => vec![*group],
        };
        let groups = groups.into_iter();
        groups
            .flat_map(|group| summary.groups[group].parties.clone())
            .collect()
    }

    proptest! {
        #[test]
        fn edges_stand_for_exactly_the_connections(cluster in clusters()) {
            let summary = Summary::of(&cluster);
            let mut drawn = BTreeSet::new();
            for edge in &summary.edges {
                for from in members(&edge.from, &summary) {
                    for to in members(&edge.to, &summary) {
                        if from != to || !cluster.parties[from].is_alone() {
                            drawn.insert((from, to, edge.traffic.text));
                        }
                    }
                }
            }
            let connected: BTreeSet<_> = cluster
                .connections
                .iter()
                .map(|connection| {
                    let text = connection.allowed.as_deref().or(connection.uncertain.as_deref());
                    (connection.from, connection.to, text.unwrap())
                })
                .collect();
            prop_assert_eq!(drawn, connected);
        }
    }
}
