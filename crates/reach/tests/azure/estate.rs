//! Small estates written out as ARM bodies.

use palisade_document::{Notation, Text, parse};
use palisade_estate::{Estate, ResourceId, View};
use palisade_reach::azure::ServiceTags;
use palisade_sources::File;
use serde_json::{Value, json};

pub(crate) const TAGS: [(&str, &[&str]); 3] = [
    (
        "Storage",
        &["20.60.0.0/16", "52.239.0.0/17", "52.239.0.0/16"],
    ),
    ("Storage.WestUS", &["20.60.0.0/16"]),
    ("AzureKeyVault", &["20.61.0.0/24"]),
];

pub(crate) fn id(path: &str) -> String {
    format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/{path}")
}

pub(crate) fn resource(kind: &str, name: &str, properties: Value) -> Value {
    json!({
        "id": id(&format!("{kind}/{name}")),
        "name": name,
        "type": format!("Microsoft.Network/{kind}"),
        "location": "westus",
        "properties": properties,
    })
}

pub(crate) fn estate(resources: &[Value]) -> Estate {
    estate_of(&[("estate.json", json!(resources))])
}

/// The estate of some files.
pub(crate) fn estate_of(files: &[(&str, Value)]) -> Estate {
    let load = |(path, content): &(&str, Value)| {
        Ok(File {
            path: (*path).to_owned(),
            bytes: content.to_string().into_bytes(),
        })
    };
    let input = palisade_sources::read_all(files, load, true);
    assert!(input.diagnostics.is_empty(), "{:?}", input.diagnostics);
    input.estate
}

pub(crate) fn find<'e, V: View<'e>>(estate: &'e Estate, path: &str) -> V {
    estate
        .require(&ResourceId::parse(&id(path)).unwrap())
        .unwrap()
}

/// The user's own list of service tags, short enough to be read.
pub(crate) fn tags() -> Vec<ServiceTags> {
    let values: Vec<_> = TAGS
        .iter()
        .map(|(name, prefixes)| json!({"name": name, "properties": {"addressPrefixes": prefixes}}))
        .collect();
    let content = json!({"cloud": "Public", "values": values}).to_string();
    let (document, _) = parse(Text::new("tags.json", content), Notation::Json);
    ServiceTags::read(&document).0.into_iter().collect()
}
