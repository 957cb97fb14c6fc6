//! What a JSON or YAML value is, by its content.

use std::collections::{BTreeSet, HashMap};

use palisade_document::{Kind, NodeId, Value};
use palisade_estate::{FoundResource, Snapshot};

use crate::{azure_export, effective, kubernetes_manifest};

/// What was found in one file.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) resources: Vec<FoundResource>,
    pub(crate) objects: Vec<NodeId>,
    /// For objects that leave their kind to their list: the object and the list.
    pub(crate) lists: HashMap<NodeId, NodeId>,
    pub(crate) snapshot: Option<Snapshot>,
    /// Whether what is taken in now are rows of Resource Graph. A query may have asked for some
    /// columns only.
    pub(crate) is_query_result: bool,
    /// Whether a listing in the file has another page.
    pub(crate) is_continued: bool,
    /// Why parts of the file were left aside.
    pub(crate) reasons: BTreeSet<String>,
}

impl Found {
    pub(crate) fn leave(&mut self, reason: impl Into<String>) {
        self.reasons.insert(reason.into());
    }
}

/// Takes in a value: a resource, an object, a list of either in any of the wrappings that tools
/// put around lists, or the manifest of a snapshot.
pub(crate) fn recognise(value: Value<'_>, path: &str, found: &mut Found) {
    match value.kind() {
        Kind::Null => {}
        Kind::Array => value.items().for_each(|item| recognise(item, path, found)),
        Kind::Object => recognise_object(value, path, found),
        _ => found.leave(
            "neither Azure resources nor Kubernetes objects: text that is no mapping or list",
        ),
    }
}

fn recognise_object(value: Value<'_>, path: &str, found: &mut Found) {
    if let Some(reason) = other_format(value) {
        found.leave(reason);
    } else if value.get("snapshot").is_some() && value.get("complete").is_some() {
        found.snapshot = Some(Snapshot::read(path, value));
    } else if kubernetes_manifest::is_object(value) {
        kubernetes_manifest::take(value, path, found, recognise);
    } else if azure_export::is_resource(value) {
        azure_export::take(value, found);
    } else if azure_export::is_policy(value) {
        azure_export::take_policy(value, path, found);
    } else if effective::take(value, path, found) {
        // Azure's answers about an interface.
    } else if let Some(items) = wrapped_list(value) {
        if is_continued(value) {
            found.is_continued = true;
            found.leave("a listing that goes on: it holds the first page only; export all pages");
        }
        let is_query_result = value.get_ignore_case("data") == Some(items);
        found.is_query_result |= is_query_result;
        items.items().for_each(|item| recognise(item, path, found));
        found.is_query_result = false;
    } else if is_table(value) {
        found.leave("a Resource Graph result in table form; ask for `resultFormat` objectArray");
    } else if value.get_ignore_case("id").is_some() {
        found.leave("neither Azure resources nor Kubernetes objects: the `id` is not one of Azure");
    } else {
        found.leave(
            "neither Azure resources nor Kubernetes objects: no `id`, no `type` and no `kind`",
        );
    }
}

/// The list in an answer of Azure (`value`), of Resource Graph (`data`) or of a listing command.
fn wrapped_list(value: Value<'_>) -> Option<Value<'_>> {
    let list = |key| {
        value
            .get_ignore_case(key)
            .filter(|list| list.kind() == Kind::Array)
    };
    list("value")
        .or_else(|| list("data"))
        .or_else(|| list("resources"))
        .or_else(|| list("items"))
}

/// Whether Azure says that the listing has another page.
fn is_continued(value: Value<'_>) -> bool {
    let pointers = [
        "nextLink",
        "odata.nextLink",
        "@odata.nextLink",
        "$skipToken",
        "skip_token",
        "skipToken",
    ];
    pointers.iter().any(|key| {
        let pointer = value.get_ignore_case(key).and_then(Value::as_str);
        pointer.is_some_and(|text| !text.is_empty())
    })
}

fn is_table(value: Value<'_>) -> bool {
    let table = value.get_ignore_case("data").unwrap_or(value);
    table.get_ignore_case("columns").is_some() && table.get_ignore_case("rows").is_some()
}

/// Formats with a meaning of their own that this version doesn't read.
fn other_format(value: Value<'_>) -> Option<&'static str> {
    if let Some(schema) = value.get("$schema").and_then(Value::as_str) {
        let schema = schema.to_ascii_lowercase();
        if schema.contains("deploymenttemplate.json") {
            return Some("an ARM template inside something else; put it in a file of its own");
        }
        if schema.contains("deploymentparameters.json") {
            return Some("parameters of an ARM template");
        }
    }
    if value.get("format_version").is_some() && value.get("terraform_version").is_some() {
        return Some(
            "a Terraform plan or state inside something else; put it in a file of its own",
        );
    }
    if value.get("kind").is_none() && lists_files(value) {
        return Some("a kustomization; audit what `kubectl kustomize` prints for it");
    }
    if let Some(error) = value.get("error").filter(|_| value.entries().len() == 1)
        && error.get("code").is_some()
    {
        return Some("an error that Azure answered instead of resources; export it again");
    }
    if let Some(test) = value.get("tests").and_then(|tests| tests.items().next())
        && test.get("given").is_some()
        && test.get("expect").is_some()
    {
        return Some("tests of policy definitions; `palisade policy test` runs them");
    }
    if value.get("openapi").is_some() || value.get("swagger").is_some() {
        return Some("an OpenAPI description");
    }
    None
}

/// A kustomization need not say its kind: what marks it is a list of files.
fn lists_files(value: Value<'_>) -> bool {
    ["resources", "bases", "components"].iter().any(|key| {
        let list = value.get(key).filter(|list| list.items().len() > 0);
        list.is_some_and(|list| list.items().all(|item| item.as_str().is_some()))
    })
}
