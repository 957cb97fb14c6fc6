//! Pods that policies can select apart from others: by namespace and labels.

use std::collections::{BTreeMap, BTreeSet};

use palisade_document::Value;

use super::flow::End;
use crate::kubernetes::{Analysis, EndpointId, EndpointKind, EndpointSet, lasting};

/// Pods of a namespace with the same labels, but for those that controllers make up.
pub(super) struct Party<'e> {
    pub(super) namespace: usize,
    /// What to call it: its workloads.
    pub(super) name: String,
    /// All of its labels.
    pub(super) labels: Vec<(&'e str, &'e str)>,
    /// The labels that select it and no other party of its namespace.
    pub(super) selector: Labels<'e>,
    /// Its workloads, by number.
    pub(super) workloads: BTreeSet<usize>,
    pub(super) endpoints: EndpointSet,
}

/// Pods with some labels and without others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Labels<'e> {
    pub(super) with: Vec<(&'e str, &'e str)>,
    pub(super) without: Vec<&'e str>,
}

impl Labels<'_> {
    fn select(&self, party: &Party<'_>) -> bool {
        self.with.iter().all(|label| party.labels.contains(label))
            && !party
                .labels
                .iter()
                .any(|(key, _)| self.without.contains(key))
    }
}

/// All parties of a cluster.
pub(super) struct Parties<'e> {
    pub(super) list: Vec<Party<'e>>,
    of_endpoint: BTreeMap<EndpointId, usize>,
    /// The namespaces that get policies, by number.
    pub(super) governed: Vec<usize>,
}

impl<'e> Parties<'e> {
    pub(super) fn of(analysis: &Analysis<'e>, governed: Vec<usize>) -> Self {
        let mut numbers = BTreeMap::new();
        let mut parties = Self {
            list: Vec::new(),
            of_endpoint: BTreeMap::new(),
            governed,
        };
        for id in analysis.endpoints.pods().iter() {
            let endpoint = analysis.endpoints.get(id);
            let namespace = endpoint.namespace.unwrap_or_default();
            let mut labels = lasting(&endpoint.labels);
            labels.retain(|(key, value)| !key.is_empty() && is_sound(key) && is_sound(value));
            let next = parties.list.len();
            let number = *numbers.entry((namespace, labels.clone())).or_insert(next);
            if number == next {
                parties.list.push(Party {
                    namespace,
                    name: String::new(),
                    labels,
                    selector: Labels::default(),
                    workloads: BTreeSet::new(),
                    endpoints: EndpointSet::empty(),
                });
            }
            let party = &mut parties.list[number];
            party.endpoints.extend(&EndpointSet::one(id));
            if let EndpointKind::Pods { workloads, .. } = &endpoint.kind {
                party.workloads.extend(workloads);
            }
            parties.of_endpoint.insert(id, number);
        }
        for number in 0..parties.list.len() {
            parties.list[number].name = parties.called(number, analysis);
            parties.list[number].selector = parties.selector(number, analysis);
        }
        parties
    }

    fn called(&self, number: usize, analysis: &Analysis<'e>) -> String {
        let party = &self.list[number];
        let workloads = analysis.endpoints.workloads();
        let names: BTreeSet<&str> = party
            .workloads
            .iter()
            .map(|&number| workloads[number].name.as_str())
            .collect();
        let names: Vec<_> = names.into_iter().collect();
        let namespace = analysis.endpoints.namespaces()[party.namespace].name;
        format!("{namespace}/{}", names.join("+"))
    }

    /// The labels by which the party's own workload selects its pods, where they select no other
    /// party; else all labels, and the absence of those by which others differ.
    fn selector(&self, number: usize, analysis: &Analysis<'e>) -> Labels<'e> {
        let party = &self.list[number];
        let workloads = analysis.endpoints.workloads();
        let written = party.workloads.iter().filter_map(|&number| {
            let labels = workloads[number].object.get("spec.selector.matchLabels")?;
            Some(Labels {
                with: labels.entries().map(entry).collect(),
                without: Vec::new(),
            })
        });
        let mut own = written.filter(|labels| !labels.with.is_empty() && labels.select(party));
        own.find(|labels| self.selects_only(labels, number))
            .unwrap_or_else(|| self.all_labels(number))
    }

    fn selects_only(&self, labels: &Labels<'_>, number: usize) -> bool {
        let mut others = self.neighbours(number);
        !others.any(|other| labels.select(other))
    }

    /// The other parties of a party's namespace.
    fn neighbours(&self, number: usize) -> impl Iterator<Item = &Party<'e>> {
        // Pods come in the order of their namespaces, and so do parties.
        let namespace = self.list[number].namespace;
        let before = |limit| self.list.partition_point(|party| party.namespace < limit);
        let (first, last) = (before(namespace), before(namespace + 1));
        let others = self.list[first..last].iter().zip(first..last);
        others
            .filter(move |(_, other)| *other != number)
            .map(|(party, _)| party)
    }

    fn all_labels(&self, number: usize) -> Labels<'e> {
        let own = &self.list[number];
        let mut labels = Labels {
            with: own.labels.clone(),
            without: Vec::new(),
        };
        for other in self.neighbours(number) {
            if labels.select(other) {
                let mut more = other.labels.iter();
                let more = more.find(|label| !own.labels.contains(label));
                labels.without.extend(more.map(|(key, _)| *key));
            }
        }
        labels.without.sort_unstable();
        labels
    }

    pub(super) fn of_endpoint(&self, id: EndpointId) -> Option<usize> {
        self.of_endpoint.get(&id).copied()
    }

    /// Whether a party gets policies.
    pub(super) fn is_governed(&self, party: usize) -> bool {
        self.governed.contains(&self.list[party].namespace)
    }

    /// What to call an end of a flow.
    pub(super) fn name_of(&self, end: &End) -> String {
        match end {
            End::Party(number) => self.list[*number].name.clone(),
            End::Nodes => "the cluster's nodes".to_owned(),
            End::Addresses(addresses) => addresses.to_string(),
        }
    }
}

fn entry<'e>(entry: palisade_document::Entry<'e>) -> (&'e str, &'e str) {
    (entry.name(), Value::scalar(entry.value))
}

/// Whether the API server would take a text as the key or the value of a label. What it refuses
/// is on no pod of a cluster, and would mean something else in a selector of Calico.
fn is_sound(text: &str) -> bool {
    let is_allowed = |c: u8| c.is_ascii_alphanumeric() || b"-_./".contains(&c);
    text.bytes().all(is_allowed)
}
