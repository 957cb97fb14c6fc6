//! The estate: documents, what was found in them, and the ways from one to another.

use std::collections::{BTreeMap, HashMap};

use palisade_document::{Document, DocumentId, Origin, Value, witness};

use crate::azure::ManagedCluster;
use crate::relations::Relations;
use crate::{Cluster, Object, Resource, ResourceId, Unknown, View};

#[derive(Debug)]
pub(crate) struct ResourceRecord {
    pub(crate) id: ResourceId,
    pub(crate) resource_type: String,
    pub(crate) origin: Origin,
    pub(crate) is_embedded: bool,
    /// Whether the body is no more than a line of a listing.
    pub(crate) is_listing: bool,
    /// Whether it is what a template or a plan makes.
    pub(crate) is_planned: bool,
    /// Whether what makes it could be read as a whole, and the input doesn't hold the resource as
    /// it is now.
    pub(crate) is_created: bool,
    /// Why it can't be known whether it will be there.
    pub(crate) doubt: Option<Unknown>,
}

#[derive(Debug)]
pub(crate) struct ObjectRecord {
    pub(crate) origin: Origin,
    pub(crate) cluster: u32,
}

#[derive(Debug)]
pub(crate) struct ClusterRecord {
    pub(crate) managed: Option<u32>,
    pub(crate) objects: Vec<u32>,
    /// The same objects by their kind.
    pub(crate) by_kind: HashMap<String, Vec<u32>>,
}

impl ClusterRecord {
    pub(crate) fn of(managed: Option<u32>) -> Self {
        Self {
            managed,
            objects: Vec::new(),
            by_kind: HashMap::new(),
        }
    }
}

/// Everything known at one time of the Azure resources, clusters and objects in question.
/// Immutable once assembled.
#[derive(Default)]
pub struct Estate {
    pub(crate) documents: Vec<Document>,
    pub(crate) resources: Vec<ResourceRecord>,
    pub(crate) by_id: HashMap<String, u32>,
    pub(crate) by_type: BTreeMap<String, Vec<u32>>,
    /// The children and extensions of a resource, by the key of its id.
    pub(crate) by_parent: HashMap<String, Vec<u32>>,
    /// The first resource of each subscription, in the order of the input.
    pub(crate) by_subscription: BTreeMap<ResourceId, u32>,
    /// The managed cluster of each node resource group, by the key of the group's id.
    pub(crate) managers: HashMap<String, u32>,
    /// What templates and plans make below or about something whose id isn't known yet.
    pub(crate) adrift: Vec<u32>,
    /// Who names whom: the key of the named id with the resource that names it, sorted.
    pub(crate) references: Vec<(String, u32)>,
    /// For every resource the resources of the estate that its body names.
    pub(crate) named: Vec<Vec<u32>>,
    /// By type: a value that can't be known before deployment and may be a reference.
    pub(crate) unknown_references: BTreeMap<String, Origin>,
    pub(crate) objects: Vec<ObjectRecord>,
    /// The lists that say the kind of objects that don't say it themselves.
    pub(crate) lists: HashMap<Origin, Origin>,
    pub(crate) clusters: Vec<ClusterRecord>,
    pub(crate) complete: Vec<ResourceId>,
    pub(crate) assume_complete: bool,
    pub(crate) relations: Relations,
}

impl Estate {
    pub(crate) fn record(&self, index: u32) -> &ResourceRecord {
        &self.resources[index as usize]
    }

    /// The children and extensions of a resource, ordered by id.
    pub(crate) fn below(&self, parent: &ResourceId) -> &[u32] {
        self.by_parent
            .get(parent.key())
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The resources of the estate that the body of a resource names.
    pub(crate) fn named_by(&self, index: u32) -> &[u32] {
        &self.named[index as usize]
    }

    pub(crate) fn object_record(&self, index: u32) -> &ObjectRecord {
        &self.objects[index as usize]
    }

    pub(crate) fn cluster_record(&self, index: u32) -> &ClusterRecord {
        &self.clusters[index as usize]
    }

    /// A document by its number.
    pub fn document(&self, id: DocumentId) -> &Document {
        &self.documents[id.0 as usize]
    }

    /// The documents, in the order of the input.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// Whether nothing was found: neither resources nor objects.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.objects.is_empty()
    }

    /// The value at a place.
    pub fn value(&self, origin: Origin) -> Value<'_> {
        self.document(origin.document).value(origin.node)
    }

    /// Every resource, in the order of the input.
    pub fn resources(&self) -> impl ExactSizeIterator<Item = Resource<'_>> {
        (0..u32::try_from(self.resources.len()).unwrap_or(u32::MAX))
            .map(|index| Resource::new(self, index))
    }

    /// The resources of a type, ordered by id.
    pub fn all<'e, V: View<'e>>(&'e self) -> impl ExactSizeIterator<Item = V> + use<'e, V> {
        let indices = self
            .by_type
            .get(V::TYPE)
            .map(Vec::as_slice)
            .unwrap_or_default();
        indices
            .iter()
            .map(move |&index| V::of(Resource::new(self, index)))
    }

    /// The resources of a type in lower case that no view is about, ordered by id.
    pub fn of_type(&self, resource_type: &str) -> impl ExactSizeIterator<Item = Resource<'_>> {
        let indices = self
            .by_type
            .get(resource_type)
            .map(Vec::as_slice)
            .unwrap_or_default();
        indices.iter().map(move |&index| Resource::new(self, index))
    }

    /// The resources of a type within a scope, ordered by id.
    pub fn within<'e, V: View<'e>>(&'e self, scope: &ResourceId) -> impl Iterator<Item = V> {
        self.of_type_within(V::TYPE, scope).map(V::of)
    }

    pub(crate) fn of_type_within(
        &self,
        resource_type: &str,
        scope: &ResourceId,
    ) -> impl Iterator<Item = Resource<'_>> {
        let alike = self.by_type.get(resource_type).map(Vec::as_slice);
        let alike = alike.unwrap_or_default();
        let key = |index: &u32| self.record(*index).id.key();
        let start = alike.partition_point(|index| key(index) < scope.key());
        alike[start..]
            .iter()
            .take_while(move |index| key(index).starts_with(scope.key()))
            .map(|&index| Resource::new(self, index))
            .filter(|resource| resource.id().is_within(scope))
    }

    /// The first resource within a scope, in the order of the input.
    pub fn first_within(&self, scope: &ResourceId) -> Option<Resource<'_>> {
        match self.by_subscription.get(scope) {
            Some(&index) => Some(Resource::new(self, index)),
            None => self
                .resources()
                .find(|resource| resource.id().is_within(scope)),
        }
    }

    /// The children and extensions of a type below a resource, ordered by id.
    pub fn children<'e, V: View<'e>>(&'e self, parent: &ResourceId) -> Vec<V> {
        let children = self.below(parent).iter();
        children
            .filter_map(|&index| V::try_of(Resource::new(self, index)))
            .collect()
    }

    /// The resource with an id, or nothing if it is outside the input.
    pub fn find(&self, id: &ResourceId) -> Option<Resource<'_>> {
        self.by_id
            .get(id.key())
            .map(|&index| Resource::new(self, index))
    }

    /// The resource with an id, or why it isn't known: *outside the input*, which is not absent.
    pub fn require<'e, V: View<'e>>(&'e self, id: &ResourceId) -> Result<V, Unknown> {
        match self.find(id) {
            Some(resource) => V::try_of(resource).ok_or_else(|| {
                Unknown::because(
                    format!("{id} is not a {}", V::TYPE),
                    "correct the reference",
                )
            }),
            None => Err(Unknown::because(
                format!("`{}` is outside the input", id.name()),
                format!("az resource show --ids {id}"),
            )),
        }
    }

    /// The resources whose body names `id`, each once, in the order of the input.
    pub fn referrers(&self, id: &ResourceId) -> Vec<Resource<'_>> {
        let start = self
            .references
            .partition_point(|(key, _)| key.as_str() < id.key());
        let named = self.references[start..]
            .iter()
            .take_while(|(key, _)| key == id.key());
        named
            .map(|&(_, index)| Resource::new(self, index))
            .collect()
    }

    /// The resources of a type whose body names `id`. Where there are none, one whose references
    /// can't be known before deployment may be one, which is [noted](palisade_document::witness).
    pub fn referrers_of<'e, V: View<'e>>(&'e self, id: &ResourceId) -> Vec<V> {
        let referrers = self.referrers(id).into_iter();
        let alike: Vec<V> = referrers.filter_map(V::try_of).collect();
        if alike.is_empty() {
            self.meet_unknown_references(&[V::TYPE]);
        }
        alike
    }

    pub(crate) fn meet_unknown_references(&self, types: &[&str]) {
        let unknown = types
            .iter()
            .find_map(|kind| self.unknown_references.get(*kind));
        if let Some((cause, supply)) = unknown.and_then(|&origin| self.value(origin).unknown()) {
            witness::meet(cause, supply);
        }
    }

    /// The clusters, managed ones first, ordered by id.
    pub fn clusters(&self) -> impl ExactSizeIterator<Item = Cluster<'_>> {
        (0..u32::try_from(self.clusters.len()).unwrap_or(u32::MAX))
            .map(|index| Cluster::new(self, index))
    }

    /// Every Kubernetes object, in the order of the input.
    pub fn objects(&self) -> impl ExactSizeIterator<Item = Object<'_>> {
        (0..u32::try_from(self.objects.len()).unwrap_or(u32::MAX))
            .map(|index| Object::new(self, index))
    }

    /// The managed clusters that a resource serves or stands before.
    pub fn clusters_of(&self, resource: &Resource<'_>) -> Vec<Cluster<'_>> {
        let clusters = self.relations.clusters_of(resource.index());
        clusters
            .iter()
            .map(|&index| Cluster::new(self, index))
            .collect()
    }

    /// The cluster whose node resource group holds a resource: AKS manages what is in it, and
    /// changes by others are not supported.
    pub fn manager_of(&self, id: &ResourceId) -> Option<ManagedCluster<'_>> {
        let key = group_key(id.subscription()?, id.resource_group()?);
        let index = *self.managers.get(&key)?;
        Some(ManagedCluster::of(Resource::new(self, index)))
    }

    /// The subscriptions of the resources in the input, in order.
    pub fn subscriptions(&self) -> Vec<ResourceId> {
        self.by_subscription.keys().cloned().collect()
    }

    /// Whether the input is said to hold everything at and below `scope`.
    pub(crate) fn is_complete(&self, scope: Option<&ResourceId>) -> bool {
        self.assume_complete
            || scope.is_some_and(|scope| {
                self.complete
                    .iter()
                    .any(|complete| scope.is_within(complete))
            })
    }
}

/// A resource group as a key: what its id is in lower case.
pub(crate) fn group_key(subscription: &str, group: &str) -> String {
    format!("/subscriptions/{subscription}/resourcegroups/{group}").to_ascii_lowercase()
}
