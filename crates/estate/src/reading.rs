//! What sources find in the input.

use std::collections::HashMap;

use palisade_document::{Document, NodeId};

use crate::{ResourceId, Snapshot, Unknown};

/// What a source found in one file, or in what several of them derive together.
pub struct Reading {
    /// The file.
    pub document: Document,
    /// The resources.
    pub resources: Vec<FoundResource>,
    /// The Kubernetes objects.
    pub objects: Vec<NodeId>,
    /// For objects that leave `kind` and `apiVersion` to the list that holds them, such as the
    /// items of a `PodList`: the object and its list.
    pub lists: HashMap<NodeId, NodeId>,
    /// The manifest of a snapshot, if the file is one.
    pub snapshot: Option<Snapshot>,
    /// Whether all of the file could be read: a snapshot with a broken file is not complete.
    pub is_whole: bool,
    /// Whether the resources are those of a template or a plan: what will be there, in place of
    /// what is there now.
    pub is_planned: bool,
    /// The resources that a plan takes away, with all below them.
    pub deleted: Vec<ResourceId>,
}

impl Reading {
    /// A file in which nothing is found.
    pub fn of(document: Document) -> Self {
        Self {
            document,
            resources: Vec::new(),
            objects: Vec::new(),
            lists: HashMap::new(),
            snapshot: None,
            is_whole: true,
            is_planned: false,
            deleted: Vec::new(),
        }
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
    /// Why it can't be known whether the resource will be there, if it can't: a condition that
    /// depends on something unknown.
    pub doubt: Option<Unknown>,
}
