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
        items.items().for_each(|item| recognise(item, path, found));
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
    {
        found.leave(format!("a {kind} without metadata"));
    } else {
        found.objects.push(value.node());
    }
}
