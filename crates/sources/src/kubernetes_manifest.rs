//! Kubernetes objects from manifests, rendered charts and `kubectl get`.

use palisade_document::{Kind, Value};

use crate::helm_template;
use crate::recognition::Found;

pub(crate) fn is_object(value: Value<'_>) -> bool {
    let text = |key| {
        value
            .get(key)
            .and_then(Value::as_str)
            .is_some_and(|text| !text.is_empty())
    };
    let is_azure = || value.get("id").is_some() || value.get("properties").is_some();
    text("apiVersion") && text("kind") && !is_azure()
}

/// Takes in an object, or the items of a list of them.
pub(crate) fn take(
    value: Value<'_>,
    path: &str,
    found: &mut Found,
    recognise: fn(Value<'_>, &str, &mut Found),
) {
    let kind = value.get("kind").map(Value::scalar).unwrap_or_default();
    let group = value
        .get("apiVersion")
        .map(Value::scalar)
        .unwrap_or_default();
    let items = value
        .get("items")
        .filter(|items| items.kind() == Kind::Array);
    if let Some(items) = items.filter(|_| kind.ends_with("List")) {
        for item in items.items() {
            if leaves_its_kind_to(value, item) {
                found.objects.push(item.node());
                found.lists.insert(item.node(), value.node());
            } else {
                recognise(item, path, found);
            }
        }
    } else if kind.ends_with("List")
        && value
            .get("metadata")
            .is_none_or(|metadata| metadata.get("name").is_none())
    {
        // A list with nothing in it.
    } else if group.starts_with("kustomize.config.k8s.io") {
        found.leave("a kustomization; audit what `kubectl kustomize` prints for it");
    } else if kind == "Config" && value.get("clusters").is_some() {
        found.leave("a kubeconfig; its credentials are not read");
    } else if helm_template::is_object(value) {
        found.leave(helm_template::REASON);
    } else if value
        .get("metadata")
        .is_none_or(|metadata| metadata.kind() != Kind::Object)
        // A recorded request is no object of its own and has none.
        && kind != "AdmissionReview"
    {
        found.leave(format!("a {kind} without metadata"));
    } else {
        found.objects.push(value.node());
    }
}

/// Whether an item is an object of the kind that its list names (`PodList`), as the API itself
/// answers. Secrets have to say what they are, so that they are masked.
fn leaves_its_kind_to(list: Value<'_>, item: Value<'_>) -> bool {
    let kind = list.get("kind").map(Value::scalar).unwrap_or_default();
    let is_named = |key| item.get(key).is_some_and(|value| !value.is_null());
    !["List", "SecretList"].contains(&kind)
        && !is_named("kind")
        && !is_named("apiVersion")
        && item
            .get("metadata")
            .is_some_and(|metadata| metadata.kind() == Kind::Object)
}
