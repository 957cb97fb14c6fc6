//! Namespaces and their labels.

use std::collections::BTreeMap;

use palisade_estate::{Cluster, Object};

use super::workload::Labels;

/// The label that the API server gives every namespace, with its name.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// A namespace: an object of the input, or one that objects of the input name.
pub struct Namespace<'e> {
    /// Its name.
    pub name: &'e str,
    /// The name that policies know it by: its own. Of namespaces that aren't there yet several
    /// may be meant to have the same.
    pub known_as: &'e str,
    /// Its labels, that of its name included.
    pub labels: Labels<'e>,
    /// The object. Where it isn't in the input, only the label of the name is known.
    pub object: Option<Object<'e>>,
    /// Whether all of its labels are known.
    pub is_read: bool,
}

impl<'e> Namespace<'e> {
    /// Gives a namespace that isn't there yet its labels, that of its name perhaps among them.
    pub(super) fn is_to_come(&mut self, mut labels: Labels<'e>) {
        self.known_as = labels.get(NAME_LABEL).unwrap_or(self.name);
        labels.set(NAME_LABEL, self.known_as);
        self.labels = labels;
        self.is_read = true;
    }
}

/// The namespaces of a cluster and those that `used` names, ordered by name.
pub(super) fn namespaces<'e>(
    cluster: &Cluster<'e>,
    used: impl Iterator<Item = &'e str>,
) -> Vec<Namespace<'e>> {
    let mut objects: BTreeMap<&str, Option<Object<'e>>> = used.map(|name| (name, None)).collect();
    for object in cluster.objects_of("", "Namespace") {
        let name = object.get("metadata.name").map(|name| name.scalar());
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            // Of two the first counts, as with other objects.
            objects.entry(name).or_default().get_or_insert(object);
        }
    }
    objects
        .into_iter()
        .map(|(name, object)| {
            let written = object.and_then(|object| object.get("metadata.labels"));
            let mut labels = Labels::read(written);
            labels.set(NAME_LABEL, name);
            Namespace {
                name,
                known_as: name,
                labels,
                object,
                is_read: object.is_some(),
            }
        })
        .collect()
}
