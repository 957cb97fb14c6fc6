//! What a finding is about.

use palisade_document::Origin;
use palisade_estate::{Cluster, Estate, Object, Resource, ResourceId, Unknown};

/// What kind of thing a subject is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectKind {
    /// An Azure resource.
    Resource,
    /// A Kubernetes object, or a cluster known only by its objects.
    Object,
    /// A scope such as a subscription.
    Scope,
    /// A waiver of the project.
    Waiver,
}

/// The thing whose own configuration is judged. A statement about many things is made about
/// each of them, so that taking one away can't turn a verdict about another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// What kind of thing it is.
    pub kind: SubjectKind,
    /// Its id: an ARM id, or `cluster/namespace/Kind/name`.
    pub id: String,
    /// Its type: the ARM type, or the API version and kind.
    pub subject_type: String,
    /// Its name, for people.
    pub name: String,
    /// The best place to point at.
    pub origin: Option<Origin>,
    /// The managed clusters it concerns.
    pub clusters: Vec<ResourceId>,
    /// Why it can't be known whether it will be there, if it can't.
    pub doubt: Option<Unknown>,
    /// The namespace of an object; of a Namespace, its name.
    pub namespace: Option<String>,
}

impl Subject {
    /// A subscription or another scope: it concerns the clusters within it, and shows at the
    /// first resource within it.
    pub fn scope(estate: &Estate, scope: &ResourceId) -> Self {
        let ids = estate.clusters().filter_map(|cluster| cluster.id());
        let first = estate.first_within(scope);
        Self {
            kind: SubjectKind::Scope,
            id: scope.as_str().to_owned(),
            subject_type: "scope".to_owned(),
            name: scope.name().to_owned(),
            origin: first.map(|resource| resource.anchor().origin()),
            clusters: ids.filter(|id| id.is_within(scope)).cloned().collect(),
            doubt: None,
            namespace: None,
        }
    }

    /// A part of another subject, such as a region of a subscription or a rule of a policy.
    #[must_use]
    pub fn part(mut self, name: &str) -> Self {
        self.id = format!("{}#{name}", self.id);
        self.name = format!("{}/{name}", self.name);
        self
    }
}

impl From<Resource<'_>> for Subject {
    fn from(resource: Resource<'_>) -> Self {
        let clusters = resource.estate().clusters_of(&resource).into_iter();
        Self {
            kind: SubjectKind::Resource,
            id: resource.id().as_str().to_owned(),
            subject_type: resource.resource_type().to_owned(),
            name: display_name(resource.id()),
            origin: Some(resource.anchor().origin()),
            clusters: clusters
                .filter_map(|cluster| cluster.id().cloned())
                .collect(),
            doubt: resource.doubt().cloned(),
            namespace: None,
        }
    }
}

impl From<Object<'_>> for Subject {
    fn from(object: Object<'_>) -> Self {
        let cluster = object.cluster();
        let place: String = object
            .namespace()
            .map(|namespace| format!("{namespace}/"))
            .unwrap_or_default();
        let name = format!("{place}{}", object.display_name());
        Self {
            kind: SubjectKind::Object,
            id: format!("{}/{name}", cluster.name()),
            subject_type: format!("{} {}", object.api_version(), object.kind()),
            name,
            origin: Some(object.anchor().origin()),
            clusters: cluster.id().cloned().into_iter().collect(),
            doubt: None,
            namespace: if object.is("", "Namespace") {
                Some(object.name())
            } else {
                object.namespace().map(str::to_owned)
            },
        }
    }
}

impl From<Cluster<'_>> for Subject {
    fn from(cluster: Cluster<'_>) -> Self {
        match cluster.managed() {
            Ok(managed) => Self::from(*managed),
            Err(_) => Self {
                kind: SubjectKind::Object,
                id: cluster.name().to_owned(),
                subject_type: "cluster".to_owned(),
                name: cluster.name().to_owned(),
                origin: cluster
                    .objects()
                    .next()
                    .map(|object| object.anchor().origin()),
                clusters: Vec::new(),
                doubt: None,
                namespace: None,
            },
        }
    }
}

/// Children are named with their parent: `vnet-hub/snet-nodes`.
fn display_name(id: &ResourceId) -> String {
    match id
        .parent()
        .filter(|parent| parent.resource_type().is_some())
    {
        Some(parent) => format!("{}/{}", display_name(&parent), id.name()),
        None => id.name().to_owned(),
    }
}
