//! Clusters: a managed cluster, the objects in it, or both.

use crate::azure::ManagedCluster;
use crate::{Coverage, Estate, Object, Resource, ResourceId, Unknown, View};

/// A cluster of the estate. Manifests that belong to no managed cluster of the input are the
/// objects of a cluster whose Azure side is outside the input.
#[derive(Clone, Copy)]
pub struct Cluster<'e> {
    estate: &'e Estate,
    index: u32,
}

impl PartialEq for Cluster<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}

impl Eq for Cluster<'_> {}

impl<'e> Cluster<'e> {
    pub(crate) fn new(estate: &'e Estate, index: u32) -> Self {
        Self { estate, index }
    }

    pub(crate) fn index(&self) -> u32 {
        self.index
    }

    /// The managed cluster.
    pub fn managed(&self) -> Result<ManagedCluster<'e>, Unknown> {
        match self.estate.cluster_record(self.index).managed {
            Some(index) => Ok(ManagedCluster::of(Resource::new(self.estate, index))),
            None => Err(Unknown::because(
                "the managed cluster that these objects belong to isn't in the input",
                "az aks show --resource-group GROUP --name CLUSTER",
            )),
        }
    }

    /// The managed cluster's id, if it is in the input.
    pub fn id(&self) -> Option<&'e ResourceId> {
        let index = self.estate.cluster_record(self.index).managed?;
        Some(&self.estate.record(index).id)
    }

    /// The cluster's name; `manifests` where no managed cluster is known.
    pub fn name(&self) -> &'e str {
        self.id().map_or("manifests", ResourceId::name)
    }

    /// The objects in it, in the order of the input.
    pub fn objects(&self) -> impl Iterator<Item = Object<'e>> + use<'e> {
        let estate = self.estate;
        estate
            .cluster_record(self.index)
            .objects
            .iter()
            .map(move |&index| Object::new(estate, index))
    }

    /// The objects of a kind of an API group.
    pub fn objects_of(&self, group: &str, kind: &str) -> impl Iterator<Item = Object<'e>> {
        let estate = self.estate;
        let alike = estate.cluster_record(self.index).by_kind.get(kind);
        let alike = alike
            .into_iter()
            .flatten()
            .map(move |&index| Object::new(estate, index));
        alike.filter(move |object| object.group() == group)
    }

    /// Whether the input holds every object of the kinds (group and kind) in this cluster.
    pub fn coverage(&self, kinds: &[(&str, &str)]) -> Coverage {
        if self.estate.is_complete(self.id()) {
            return Coverage::Complete;
        }
        let has_some = kinds
            .iter()
            .any(|&(group, kind)| self.objects_of(group, kind).next().is_some());
        if has_some {
            Coverage::Assumed
        } else {
            Coverage::Unseen
        }
    }
}
