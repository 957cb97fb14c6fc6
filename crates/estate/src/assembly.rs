//! Puts an estate together from what the sources found.

use std::collections::{BTreeMap, HashMap, HashSet};

use palisade_document::{Diagnostic, DocumentId, Origin, Value, has_stand_in};

use crate::azure::ManagedCluster;
use crate::estate::{ClusterRecord, ObjectRecord, ResourceRecord, group_key};
use crate::relations;
use crate::{
    Estate, Field, FoundResource, Object, Reading, Resource, ResourceId, Settings, Snapshot, View,
};

impl Estate {
    /// Puts together what the sources found. The order of `readings` decides nothing but which
    /// of two equally full versions of a resource is kept: the first. `assume_complete` is the
    /// user's word that the input holds everything of the subscriptions and clusters in it.
    pub fn assemble(readings: Vec<Reading>, assume_complete: bool) -> (Self, Vec<Diagnostic>) {
        let mut estate = Self {
            assume_complete,
            ..Self::default()
        };
        let (mut live, mut planned, mut deleted) = (Vec::new(), Vec::new(), Vec::new());
        let (mut snapshots, mut whole) = (Vec::new(), HashSet::new());
        for (number, mut reading) in (0..).zip(readings) {
            if reading.is_whole {
                whole.insert(Snapshot::plain_path(reading.document.text().path()));
            }
            let id = DocumentId(number);
            reading.document.set_id(id);
            estate.documents.push(reading.document);
            snapshots.extend(reading.snapshot);
            deleted.extend(reading.deleted);
            let lists = reading.lists.into_iter();
            estate.lists.extend(lists.map(|(item, list)| {
                let place = |node| Origin { document: id, node };
                (place(item), place(list))
            }));
            let found = (id, reading.resources, reading.objects);
            match reading.is_planned {
                true => planned.push((found, reading.is_whole)),
                false => live.push(found),
            }
        }
        let mut diagnostics = estate.accept(&snapshots, &whole);
        let mut objects = Vec::new();
        for ((document, resources, nodes), is_whole) in planned {
            for resource in resources {
                let mut record = estate.recorded(resource, document);
                (record.is_planned, record.is_created) = (true, is_whole);
                diagnostics.extend(estate.add_resource(record));
            }
            objects.extend(nodes.into_iter().map(|node| Origin { document, node }));
        }
        for (document, resources, nodes) in live {
            for resource in resources {
                if !estate.is_gone(&resource.id, &deleted) {
                    let record = estate.recorded(resource, document);
                    diagnostics.extend(estate.add_resource(record));
                }
            }
            objects.extend(nodes.into_iter().map(|node| Origin { document, node }));
        }
        estate.index();
        estate.add_clusters();
        estate.add_objects(&objects);
        estate.relations = relations::relate(&estate);
        (estate, diagnostics)
    }

    /// Whether a live resource will be gone: a plan takes it away, or what will be its parent
    /// lists its children and doesn't list it.
    fn is_gone(&self, id: &ResourceId, deleted: &[ResourceId]) -> bool {
        if deleted.iter().any(|deleted| id.is_within(deleted)) {
            return true;
        }
        let is_kept = self.by_id.contains_key(id.key());
        let parent = id.parent_key().and_then(|key| self.by_id.get(key));
        let Some(parent) = parent.filter(|_| !is_kept) else {
            return false;
        };
        let (resource_type, parent) = (id.resource_type(), Resource::new(self, *parent));
        let collection = resource_type
            .as_deref()
            .and_then(|kind| kind.rsplit('/').next());
        self.record(parent.index()).is_planned
            && collection.is_some_and(|name| matches!(parent.list(name), Field::Present(..)))
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

    fn recorded(&self, found: FoundResource, document: DocumentId) -> ResourceRecord {
        let node = found.node;
        let origin = Origin { document, node };
        ResourceRecord {
            resource_type: found.id.resource_type().unwrap_or_default(),
            id: found.id,
            origin,
            is_embedded: found.is_embedded,
            is_listing: found.is_partial || Settings::is_listing_of(self.value(origin)),
            is_planned: false,
            is_created: false,
            doubt: found.doubt,
        }
    }

    fn add_resource(&mut self, record: ResourceRecord) -> Option<Diagnostic> {
        if let Some(&earlier) = self.by_id.get(record.id.key()) {
            return self.choose(earlier, &record);
        }
        let index = u32::try_from(self.resources.len()).unwrap_or(u32::MAX);
        self.by_id.insert(record.id.key().to_owned(), index);
        self.resources.push(record);
        None
    }

    /// Of two versions of one resource what is planned takes the place of what is there now, then
    /// the fuller one is kept, else the first. Parents and children exported one after the other
    /// may differ in passing, which is not worth a warning.
    fn choose(&mut self, earlier: u32, other: &ResourceRecord) -> Option<Diagnostic> {
        let kept = Resource::new(self, earlier);
        let body = self.value(other.origin);
        let is_fuller = kept.is_listing() && !other.is_listing;
        let is_the_same = other.is_listing || differs_only_in_passing(kept.value(), body);
        let record = &mut self.resources[earlier as usize];
        if record.is_planned && !other.is_planned {
            record.is_created = false;
            return None;
        }
        if is_fuller {
            (record.origin, record.is_listing) = (other.origin, false);
            return None;
        }
        if other.is_embedded || record.is_embedded || is_the_same {
            return None;
        }
        let (first, second) = (record.origin, other.origin);
        let (text, span) = self.written_at(first);
        let message = format!(
            "{} is also at {}:{} with other content; that one is used",
            other.id,
            text.path(),
            text.position(span.start as usize)
        );
        let (text, span) = self.written_at(second);
        let place = text.position(span.start as usize);
        let warning = Diagnostic::warning(text.path(), Some(place), message);
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
                let is_known = self.by_id.contains_key(parent) || !has_stand_in(parent);
                if record.is_planned && !is_known {
                    self.adrift.push(index);
                }
            }
        }
        for (index, record) in (0..).zip(&self.resources) {
            if let Some(subscription) = record.id.subscription_scope() {
                self.by_subscription.entry(subscription).or_insert(index);
            }
        }
        self.managers = self.node_resource_groups();
        self.index_references();
    }

    fn node_resource_groups(&self) -> HashMap<String, u32> {
        let mut managers = HashMap::new();
        for cluster in self.all::<ManagedCluster<'_>>() {
            let group = cluster.node_resource_group().present();
            if let (Some(subscription), Some(group)) = (cluster.id().subscription(), group) {
                let key = group_key(subscription, group);
                managers.entry(key).or_insert(cluster.index());
            }
        }
        managers
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
