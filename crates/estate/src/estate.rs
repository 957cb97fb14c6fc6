//! The estate: documents, what was found in them, and the ways from one to another.

use std::collections::{BTreeMap, HashMap, HashSet};

use palisade_document::{Diagnostic, Document, DocumentId, NodeId, Origin, Value, witness};

use crate::azure::ManagedCluster;
use crate::relations::{self, Relations};
use crate::{Cluster, Object, Resource, ResourceId, Settings, Snapshot, Unknown, View};

/// What a source found in one file.
pub struct Reading {
    /// The file.
    pub document: Document,
    /// The resources.
    pub resources: Vec<FoundResource>,
    /// The Kubernetes objects.
    pub objects: Vec<NodeId>,
    /// The manifest of a snapshot, if the file is one.
    pub snapshot: Option<Snapshot>,
    /// Whether all of the file could be read: a snapshot with a broken file is not complete.
    pub is_whole: bool,
}

impl Reading {
    fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.objects.is_empty() && self.snapshot.is_none()
    }
}

/// A resource that a source found.
pub struct FoundResource {
    /// Its id.
    pub id: ResourceId,
    /// Its body.
    pub node: NodeId,
    /// Whether it stands in the body of another resource.
    pub is_embedded: bool,
    /// Whether the body may hold some of the resource's settings only, as the rows of a query do.
    pub is_partial: bool,
}

#[derive(Debug)]
pub(crate) struct ResourceRecord {
    pub(crate) id: ResourceId,
    pub(crate) resource_type: String,
    pub(crate) origin: Origin,
    is_embedded: bool,
    /// Whether the body is no more than a line of a listing.
    pub(crate) is_listing: bool,
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
    fn of(managed: Option<u32>) -> Self {
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
    documents: Vec<Document>,
    resources: Vec<ResourceRecord>,
    by_id: HashMap<String, u32>,
    by_type: BTreeMap<String, Vec<u32>>,
    /// The children and extensions of a resource, by the key of its id.
    by_parent: HashMap<String, Vec<u32>>,
    /// Who names whom: the key of the named id with the resource that names it, sorted.
    references: Vec<(String, u32)>,
    /// For every resource the resources of the estate that its body names.
    named: Vec<Vec<u32>>,
    /// By type: a value that can't be known before deployment and may be a reference.
    unknown_references: BTreeMap<String, Origin>,
    objects: Vec<ObjectRecord>,
    clusters: Vec<ClusterRecord>,
    complete: Vec<ResourceId>,
    assume_complete: bool,
    relations: Relations,
}

impl Estate {
    /// Puts together what the sources found. The order of `readings` decides nothing but which
    /// of two equally full versions of a resource is kept: the first. `assume_complete` is the
    /// user's word that the input holds everything of the subscriptions and clusters in it.
    pub fn assemble(readings: Vec<Reading>, assume_complete: bool) -> (Self, Vec<Diagnostic>) {
        let mut estate = Self {
            assume_complete,
            ..Self::default()
        };
        let mut found = Vec::with_capacity(readings.len());
        let (mut snapshots, mut whole) = (Vec::new(), HashSet::new());
        for mut reading in readings {
            if reading.is_whole {
                whole.insert(Snapshot::plain_path(reading.document.text().path()));
            }
            if reading.is_empty() {
                // An empty listing: the snapshot it belongs to is whole, and that is all.
                continue;
            }
            let id = DocumentId(u32::try_from(estate.documents.len()).unwrap_or(u32::MAX));
            reading.document.set_id(id);
            estate.documents.push(reading.document);
            snapshots.extend(reading.snapshot);
            found.push((id, reading.resources, reading.objects));
        }
        let mut diagnostics = estate.accept(&snapshots, &whole);
        let mut objects = Vec::new();
        for (document, resources, nodes) in found {
            for resource in resources {
                diagnostics.extend(estate.add_resource(resource, document));
            }
            objects.extend(nodes.into_iter().map(|node| Origin { document, node }));
        }
        estate.index();
        estate.add_clusters();
        estate.add_objects(&objects);
        estate.relations = relations::relate(&estate);
        (estate, diagnostics)
    }

    fn accept(&mut self, snapshots: &[Snapshot], whole: &HashSet<String>) -> Vec<Diagnostic> {
        let (mut complete, mut diagnostics) = (Vec::new(), Vec::new());
        for snapshot in snapshots {
            match snapshot.missing(|file| whole.contains(&Snapshot::plain_path(file))) {
                Some(diagnostic) => diagnostics.push(diagnostic),
                None => complete.extend(snapshot.complete.iter().cloned()),
            }
        }
        self.complete = complete;
        diagnostics
    }

    fn add_resource(&mut self, found: FoundResource, document: DocumentId) -> Option<Diagnostic> {
        let FoundResource {
            id,
            node,
            is_embedded,
            is_partial,
        } = found;
        let origin = Origin { document, node };
        let is_listing = is_partial || Settings::is_listing_of(self.value(origin));
        if let Some(&earlier) = self.by_id.get(id.key()) {
            return self.choose(earlier, origin, is_embedded, is_listing);
        }
        let index = u32::try_from(self.resources.len()).unwrap_or(u32::MAX);
        let resource_type = id.resource_type().unwrap_or_default();
        self.by_id.insert(id.key().to_owned(), index);
        self.resources.push(ResourceRecord {
            id,
            resource_type,
            origin,
            is_embedded,
            is_listing,
        });
        None
    }

    /// Of two versions of one resource the fuller one is kept, else the first. Parents and
    /// children exported one after the other may differ in passing, which is not worth a warning.
    fn choose(
        &mut self,
        earlier: u32,
        origin: Origin,
        is_embedded: bool,
        is_listing: bool,
    ) -> Option<Diagnostic> {
        let kept = Resource::new(self, earlier);
        let body = self.value(origin);
        if kept.is_listing() && !is_listing {
            let record = &mut self.resources[earlier as usize];
            (record.origin, record.is_listing) = (origin, false);
            return None;
        }
        let is_the_same = is_listing || differs_only_in_passing(kept.value(), body);
        if is_embedded || self.record(earlier).is_embedded || is_the_same {
            return None;
        }
        let (text, first) = (body.document().text(), kept.value());
        let message = format!(
            "{} is also at {}:{} with other content; that one is used",
            kept.id(),
            first.document().text().path(),
            first.position()
        );
        let warning = Diagnostic::warning(text.path(), Some(body.position()), message);
        Some(warning.with_help("audit one state of the estate at a time"))
    }

    fn index(&mut self) {
        let mut by_id: Vec<_> = (0..).zip(&self.resources).collect();
        by_id.sort_by_key(|(_, record)| record.id.key());
        for (index, record) in by_id {
            let alike = self.by_type.entry(record.resource_type.clone());
            alike.or_default().push(index);
            if let Some(parent) = record.id.parent_key() {
                let siblings = self.by_parent.entry(parent.to_owned());
                siblings.or_default().push(index);
            }
        }
        self.index_references();
    }

    fn index_references(&mut self) {
        let (mut references, mut unknown_references) = (Vec::new(), BTreeMap::new());
        for index in 0..u32::try_from(self.resources.len()).unwrap_or(u32::MAX) {
            let resource = Resource::new(self, index);
            relations::named_ids(resource.value(), &mut |id| {
                if id != resource.id().key() {
                    references.push((id.to_owned(), index));
                }
            });
            if let Some(unknown) = relations::unknown_reference(resource.value()) {
                let kind = resource.resource_type().to_owned();
                unknown_references.entry(kind).or_insert(unknown.origin());
            }
        }
        self.unknown_references = unknown_references;
        references.sort_unstable();
        references.dedup();
        self.named = vec![Vec::new(); self.resources.len()];
        for (key, from) in &references {
            if let Some(&target) = self.by_id.get(key) {
                self.named[*from as usize].push(target);
            }
        }
        self.references = references;
    }

    fn add_clusters(&mut self) {
        let managed = self
            .by_type
            .get(ManagedCluster::TYPE)
            .cloned()
            .unwrap_or_default();
        let records = managed
            .into_iter()
            .map(|index| ClusterRecord::of(Some(index)));
        self.clusters = records.collect();
    }

    /// Objects belong to the only managed cluster, or to the one whose name is a folder or the
    /// file name on their path, or else to a cluster of their own without an Azure side.
    fn add_objects(&mut self, origins: &[Origin]) {
        let names: Vec<_> = (0..self.clusters.len())
            .map(|index| self.cluster_name(index))
            .collect();
        let mut homes: HashMap<DocumentId, u32> = HashMap::new();
        let mut unattached = None;
        for &origin in origins {
            let home = *homes.entry(origin.document).or_insert_with(|| {
                let path = self.documents[origin.document.0 as usize].text().path();
                let named = names.iter().position(|name| path_names(path, name));
                let only = (names.len() == 1).then_some(0);
                let index = named.or(only).unwrap_or_else(|| {
                    *unattached.get_or_insert_with(|| {
                        self.clusters.push(ClusterRecord::of(None));
                        self.clusters.len() - 1
                    })
                });
                u32::try_from(index).unwrap_or(u32::MAX)
            });
            let index = u32::try_from(self.objects.len()).unwrap_or(u32::MAX);
            self.objects.push(ObjectRecord {
                origin,
                cluster: home,
            });
            let kind = Object::new(self, index).kind().to_owned();
            let cluster = &mut self.clusters[home as usize];
            cluster.objects.push(index);
            cluster.by_kind.entry(kind).or_default().push(index);
        }
    }

    fn cluster_name(&self, index: usize) -> String {
        let managed = self.clusters[index].managed.unwrap_or_default();
        self.record(managed).id.name().to_ascii_lowercase()
    }

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
        let group = id.resource_group()?;
        self.all::<ManagedCluster<'_>>().find(|cluster| {
            let own = cluster.node_resource_group().present();
            cluster.id().subscription() == id.subscription()
                && own.is_some_and(|own| own.eq_ignore_ascii_case(group))
        })
    }

    /// The subscriptions of the resources in the input, in lower case and in order.
    pub fn subscriptions(&self) -> Vec<ResourceId> {
        let scopes = self
            .resources
            .iter()
            .filter_map(|record| record.id.subscription_scope());
        scopes
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect()
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

/// Whether a folder or the file (without its ending) on a path is called `name`.
fn path_names(path: &str, name: &str) -> bool {
    path.split(['/', '\\']).any(|part| {
        let stem = part.split_once('.').map_or(part, |(stem, _)| stem);
        part.eq_ignore_ascii_case(name) || stem.eq_ignore_ascii_case(name)
    })
}

/// Whether two bodies say the same but for what changes with every request.
fn differs_only_in_passing(left: Value<'_>, right: Value<'_>) -> bool {
    const PASSING: [&str; 3] = ["etag", "systemData", "x-corpus"];
    let lasting = |value: Value<'_>| {
        let entries = value.entries();
        entries
            .filter(|entry| !PASSING.contains(&entry.name()))
            .count()
    };
    lasting(left) == lasting(right)
        && left
            .entries()
            .filter(|entry| !PASSING.contains(&entry.name()))
            .all(|entry| {
                right
                    .get(entry.name())
                    .is_some_and(|twin| entry.value.same_content(twin))
            })
}
