//! What an estate holds: a line a resource and a line a Kubernetes object.

use palisade_estate::Estate;

/// A resource or an object of the estate.
#[derive(Clone, Debug)]
pub struct InventoryItem {
    /// `resource` or `object`.
    pub kind: &'static str,
    /// The ARM type, or the API version and kind.
    pub item_type: String,
    /// The name.
    pub name: String,
    /// The namespace of an object.
    pub namespace: String,
    /// The cluster of an object, or the cluster that the resource serves when it is only one.
    pub cluster: String,
    /// The subscription of a resource.
    pub subscription: String,
    /// The resource group of a resource.
    pub resource_group: String,
    /// The region of a resource.
    pub location: String,
    /// The ARM id of a resource.
    pub id: String,
    /// The file that it was read from.
    pub path: String,
    /// The line in it, from 1.
    pub line: u32,
}

/// All resources, then all objects, in the order of the estate.
pub fn inventory(estate: &Estate) -> Vec<InventoryItem> {
    let place = |value: palisade_document::Value<'_>| {
        let document = value.document();
        let (start, _) = document.positions(value.span());
        (document.text().path().to_owned(), start.line)
    };
    let resources = estate.resources().map(|resource| {
        let id = resource.id();
        let (path, line) = place(resource.anchor());
        let clusters = estate.clusters_of(&resource);
        InventoryItem {
            kind: "resource",
            item_type: resource.resource_type().to_owned(),
            name: resource.name().to_owned(),
            namespace: String::new(),
            cluster: match clusters.as_slice() {
                [only] => only.name().to_owned(),
                _ => String::new(),
            },
            subscription: id.subscription().unwrap_or_default().to_owned(),
            resource_group: id.resource_group().unwrap_or_default().to_owned(),
            location: resource.location().unwrap_or_default(),
            id: id.as_str().to_owned(),
            path,
            line,
        }
    });
    let objects = estate.objects().map(|object| {
        let (path, line) = place(object.anchor());
        InventoryItem {
            kind: "object",
            item_type: format!("{} {}", object.api_version(), object.kind()),
            name: object.name(),
            namespace: object.namespace().unwrap_or_default().to_owned(),
            cluster: object.cluster().name().to_owned(),
            subscription: String::new(),
            resource_group: String::new(),
            location: String::new(),
            id: String::new(),
            path,
            line,
        }
    });
    resources.chain(objects).collect()
}
