//! Objects, and names of ports, that are there twice.

use std::collections::{BTreeSet, HashMap};

use palisade_document::{Origin, Value};
use palisade_estate::kubernetes::{PolicyDialect, Remarks, pod_templates};
use palisade_estate::{Cluster, Object};

/// The objects that count: of two with one name the first. The API server keeps one, and which
/// of two states it is isn't known; that they differ is remarked upon.
pub(super) fn without_duplicates<'e>(
    objects: impl Iterator<Item = Object<'e>>,
    remarks: &Remarks<'e>,
) -> Vec<Object<'e>> {
    let mut first: HashMap<_, Object<'e>> = HashMap::new();
    let mut kept = Vec::new();
    for object in objects {
        if object.get("metadata.name").is_none() {
            kept.push(object);
            continue;
        }
        let key = (
            object.group(),
            object.kind(),
            object.namespace(),
            object.name(),
        );
        match first.get(&key) {
            Some(known) => {
                if !known.body().same_content(object.body()) {
                    let at = known.anchor();
                    let message = format!(
                        "{} is also at {}:{} with other content; that one is used",
                        object.display_name(),
                        at.document().text().path(),
                        at.position()
                    );
                    remarks.refuse(object.anchor(), message);
                }
            }
            None => {
                first.insert(key, object);
                kept.push(object);
            }
        }
    }
    kept
}

/// Remarks on namespaces that are there twice.
pub(super) fn remark_on_namespaces<'e>(cluster: &Cluster<'e>, remarks: &Remarks<'e>) {
    without_duplicates(cluster.objects_of("", "Namespace"), remarks);
}

/// Remarks on pods that give one name to several ports. Within a container the API server refuses
/// that; where containers name ports of one protocol differently, engines take one or all.
pub(super) fn remark_on_ports<'e>(cluster: &Cluster<'e>, remarks: &Remarks<'e>) {
    for template in pod_templates(cluster) {
        let mut of_pod: HashMap<_, Value<'e>> = HashMap::new();
        for container in template.containers() {
            let mut of_container = HashMap::new();
            let ports = container.get("ports").into_iter().flat_map(Value::items);
            for port in ports {
                let Some(name) = port.get("name").filter(|name| !name.is_null()) else {
                    continue;
                };
                let given = |key| port.get(key).filter(|value: &Value<'e>| !value.is_null());
                let protocol = given("protocol").map_or("TCP", Value::scalar);
                let number = given("containerPort").map(Value::scalar);
                if of_container.insert(name.scalar(), ()).is_some() {
                    let message = format!("the container names two ports `{}`", name.scalar());
                    remarks.refuse(name, message);
                    continue;
                }
                let known = of_pod.entry((name.scalar(), protocol)).or_insert(port);
                if known.get("containerPort").map(Value::scalar) != number {
                    let message = format!(
                        "another container of the pod names another port `{}`, and engines take one of them or both",
                        name.scalar()
                    );
                    remarks.warn(name, message);
                }
            }
        }
    }
}

/// The network policies that count, of every dialect, but for some by their anchors.
pub(super) fn policies<'e>(
    cluster: &Cluster<'e>,
    without: &BTreeSet<Origin>,
    remarks: &Remarks<'e>,
) -> Vec<Object<'e>> {
    let all = cluster.objects();
    let policies = all
        .filter(|object| PolicyDialect::of(object).is_some())
        .filter(|object| without.is_empty() || !without.contains(&object.anchor().origin()));
    without_duplicates(policies, remarks)
}
