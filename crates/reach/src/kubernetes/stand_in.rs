//! Pods that aren't in the input, and stand for those that a namespace could have.

use palisade_packet::AddressSet;

use super::endpoint::{Endpoint, EndpointKind, Endpoints};
use super::workload::Labels;
use super::{EndpointId, EndpointSet};

/// The namespace that stands for every other one: no policy names it, and its labels aren't known.
/// No namespace can have this name.
pub(super) const ELSEWHERE: &str = "(any other namespace)";

/// The pods that stand for those that a namespace could have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandIns {
    /// A pod of which nothing is known but its namespace. What holds for it for certain holds for
    /// every pod of the namespace, whatever its labels, its service account and its node.
    pub any: EndpointId,
    /// A pod without labels.
    pub bare: EndpointId,
}

impl<'e> Endpoints<'e> {
    /// The pods that stand for those that a namespace could have, if these were asked for.
    pub fn stand_ins(&self, namespace: usize) -> Option<StandIns> {
        let own = self.pods_of(namespace);
        let mut found = own.iter().filter(|id| is_stand_in(self.get(*id)));
        let (first, second) = (found.next()?, found.next()?);
        Some(match self.get(first).labels.is_open() {
            true => StandIns {
                any: first,
                bare: second,
            },
            false => StandIns {
                any: second,
                bare: first,
            },
        })
    }

    /// A pod of which nothing is known, in a namespace that no policy names: what holds for it for
    /// certain holds for pods of all namespaces. Nothing if stand-ins weren't asked for.
    pub fn elsewhere(&self) -> Option<EndpointId> {
        let stand_ins = self.stand_ins(self.namespace(ELSEWHERE)?)?;
        Some(stand_ins.any)
    }

    /// Whether a pod stands for others that aren't in the input.
    pub fn is_stand_in(&self, id: EndpointId) -> bool {
        is_stand_in(self.get(id))
    }

    /// The pods of a namespace that are in the input and that policies can select.
    pub fn real_pods_of(&self, namespace: usize) -> EndpointSet {
        let own = self.pods_of(namespace);
        own.iter().filter(|id| !self.is_stand_in(*id)).collect()
    }
}

fn is_stand_in(endpoint: &Endpoint<'_>) -> bool {
    matches!(endpoint.kind, EndpointKind::Pods { count: 0, .. })
}

/// The two pods that stand for those of a namespace.
pub(super) fn of_namespace<'e>(namespace: usize, anywhere: &AddressSet) -> [Endpoint<'e>; 2] {
    [Labels::any(), Labels::default()].map(|labels| Endpoint {
        kind: EndpointKind::Pods {
            workloads: Vec::new(),
            count: 0,
        },
        namespace: Some(namespace),
        labels,
        ports: Vec::new(),
        service_account: "",
        addresses: anywhere.clone(),
        is_located: false,
        nodes: vec![None],
    })
}
