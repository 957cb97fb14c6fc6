//! Endpoints put together that nothing tells apart.

use std::collections::HashMap;

use palisade_packet::{AddressSet, Set};
use palisade_reach::kubernetes::{
    Analysis, Endpoint, EndpointId, EndpointKind, EndpointSet, Rectangle, Workload,
};

use super::{Party, PartyKind};

/// The parties of a cluster, and the party of each endpoint.
pub(super) struct Parties {
    pub(super) list: Vec<Party>,
    of: Vec<usize>,
}

/// What makes endpoints one party: the same kind and namespace, and the same part in every
/// rectangle.
#[derive(PartialEq, Eq, Hash)]
struct Likeness {
    kind: PartyKind,
    namespace: Option<usize>,
    sends: Vec<u32>,
    receives: Vec<u32>,
}

impl Parties {
    /// The party of an endpoint.
    pub(super) fn of_endpoint(&self, id: EndpointId) -> usize {
        self.of[id.index()]
    }

    pub(super) fn of(analysis: &Analysis<'_>, rectangles: &[Rectangle]) -> Self {
        let count = analysis.endpoints.len();
        let (mut sends, mut receives) = (vec![Vec::new(); count], vec![Vec::new(); count]);
        for (number, rectangle) in (0..).zip(rectangles) {
            let note = |set: &EndpointSet, lists: &mut Vec<Vec<u32>>| {
                set.iter().for_each(|id| lists[id.index()].push(number));
            };
            note(&rectangle.sources, &mut sends);
            note(&rectangle.destinations, &mut receives);
        }
        let mut numbers: HashMap<Likeness, usize> = HashMap::new();
        let mut members: Vec<Vec<EndpointId>> = Vec::new();
        let mut of = Vec::with_capacity(count);
        let parts = sends.into_iter().zip(receives);
        for ((id, endpoint), (sends, receives)) in analysis.endpoints.iter().zip(parts) {
            let likeness = Likeness {
                kind: kind(endpoint),
                namespace: endpoint.namespace,
                sends,
                receives,
            };
            let number = *numbers.entry(likeness).or_insert(members.len());
            if number == members.len() {
                members.push(Vec::new());
            }
            members[number].push(id);
            of.push(number);
        }
        let list = members.iter().map(|members| party(analysis, members));
        Self {
            list: list.collect(),
            of,
        }
    }

    /// The parties of a set of endpoints, ascending. A set of a rectangle holds either all of a
    /// party or nothing of it.
    pub(super) fn within(&self, set: &EndpointSet) -> Vec<usize> {
        let mut parties: Vec<_> = set.iter().map(|id| self.of[id.index()]).collect();
        parties.sort_unstable();
        parties.dedup();
        parties
    }
}

fn kind(endpoint: &Endpoint<'_>) -> PartyKind {
    match endpoint.kind {
        EndpointKind::Pods { .. } => PartyKind::Pods,
        EndpointKind::HostPods { .. } => PartyKind::HostPods,
        EndpointKind::Node(_) => PartyKind::Node,
        EndpointKind::Outside => PartyKind::Outside,
    }
}

fn party(analysis: &Analysis<'_>, members: &[EndpointId]) -> Party {
    let endpoints = &analysis.endpoints;
    let first = endpoints.get(members[0]);
    let mut pods = 0;
    let mut workloads: Vec<usize> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let mut addresses: Vec<&AddressSet> = Vec::new();
    for &id in members {
        let endpoint = endpoints.get(id);
        match &endpoint.kind {
            EndpointKind::Pods {
                workloads: own,
                count,
            } => {
                pods += count;
                workloads.extend(own);
            }
            EndpointKind::HostPods { workloads: own, .. } => {
                pods += own.len();
                workloads.extend(own);
            }
            EndpointKind::Node(node) => names.push(node.name()),
            EndpointKind::Outside => addresses.push(&endpoint.addresses),
        }
    }
    workloads.sort_unstable();
    workloads.dedup();
    let known = workloads
        .iter()
        .map(|&number| &endpoints.workloads()[number]);
    names.extend(known.map(|workload| workload_name(workload, members)));
    names.sort();
    if !addresses.is_empty() {
        let all = addresses.into_iter();
        let all = all.fold(AddressSet::empty(), |all, set| all.union(set));
        names.push(all.to_string());
    }
    Party {
        kind: kind(first),
        namespace: first
            .namespace
            .map(|number| endpoints.namespaces()[number].name.to_owned()),
        members: names,
        pods,
    }
}

/// `Deployment/web`; with a remark where other pods of it belong to another party.
fn workload_name(workload: &Workload<'_>, members: &[EndpointId]) -> String {
    let is_whole = workload
        .endpoints
        .iter()
        .all(|endpoint| members.binary_search(endpoint).is_ok());
    let part = if is_whole { "" } else { " (some of its pods)" };
    format!("{}/{}{part}", workload.kind, workload.name)
}

impl Party {
    /// Whether a party is a single pod or node, which always reaches itself. A workload may have
    /// any number of pods.
    pub fn is_alone(&self) -> bool {
        match self.kind {
            PartyKind::Pods => self.pods <= 1 && self.is_of_pods(),
            PartyKind::HostPods => self.pods <= 1,
            PartyKind::Node | PartyKind::Outside => self.members.len() <= 1,
        }
    }

    /// Whether all members are pods without an owner.
    fn is_of_pods(&self) -> bool {
        let mut members = self.members.iter();
        members.all(|member| member.starts_with("Pod/"))
    }

    /// What to call it in a line: `shop/Deployment/web`.
    pub fn name(&self) -> String {
        let members = self.members.iter();
        let named: Vec<_> = members
            .map(|member| match &self.namespace {
                Some(namespace) => format!("{namespace}/{member}"),
                None => member.clone(),
            })
            .collect();
        named.join(", ")
    }
}
