//! Objects that are there twice.

use std::collections::HashMap;

use palisade_estate::kubernetes::{PolicyDialect, Remarks};
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

/// The network policies that count, of every dialect.
pub(super) fn policies<'e>(cluster: &Cluster<'e>, remarks: &Remarks<'e>) -> Vec<Object<'e>> {
    let all = cluster.objects();
    let policies = all.filter(|object| PolicyDialect::of(object).is_some());
    without_duplicates(policies, remarks)
}
