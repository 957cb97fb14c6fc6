//! The built-in definitions that bear on the baseline, in Palisade's own words: what each tests
//! is Azure's, the rule is written from its documentation. Azure's text takes their place wherever
//! the input holds it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use palisade_document::{Document, Notation, Text, Value, parse};

static TEXTS: [(&str, &str); 6] = [
    (
        "builtin/kubernetes.json",
        include_str!("builtin/kubernetes.json"),
    ),
    ("builtin/network.json", include_str!("builtin/network.json")),
    (
        "builtin/firewall.json",
        include_str!("builtin/firewall.json"),
    ),
    ("builtin/gateway.json", include_str!("builtin/gateway.json")),
    (
        "builtin/monitoring.json",
        include_str!("builtin/monitoring.json"),
    ),
    ("builtin/objects.json", include_str!("builtin/objects.json")),
];

static DOCUMENTS: LazyLock<Vec<Document>> = LazyLock::new(|| {
    let texts = TEXTS.iter();
    let parsed = texts.map(|(path, text)| parse(Text::new(*path, *text), Notation::Json).0);
    parsed.collect()
});

static BY_NAME: LazyLock<BTreeMap<&'static str, Value<'static>>> = LazyLock::new(|| {
    let items = DOCUMENTS.iter().flat_map(Document::roots);
    let items = items.flat_map(Value::items);
    items
        .filter_map(|item| Some((item.get("name")?.as_str()?, item)))
        .collect()
});

/// The definition with a name, in lower case.
pub fn definition(name: &str) -> Option<Value<'static>> {
    BY_NAME.get(name).copied()
}

/// Every definition with its name.
pub fn definitions() -> impl Iterator<Item = (&'static str, Value<'static>)> {
    BY_NAME.iter().map(|(name, value)| (*name, *value))
}
