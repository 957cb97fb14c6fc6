//! The other objects of the cluster, which referential constraints read as `data.inventory`.

use std::sync::Arc;

use palisade_document::Value;
use palisade_estate::{Cluster, Object, Unknown};
use serde_json::{Map, Value as Json, json};

use crate::candidate::{Candidate, Source};

/// What Gatekeeper copies of the cluster for its rules.
pub(crate) struct Inventory {
    data: Result<Arc<regorus::Value>, Unknown>,
}

impl Inventory {
    /// The candidates as Gatekeeper's cache would hold them: those of the kinds that its Config
    /// or a SyncSet names; all of them where the input has neither.
    pub(crate) fn of(cluster: &Cluster<'_>, candidates: &[Candidate<'_>]) -> Self {
        let synced = synced(cluster);
        let mut root = Map::new();
        for candidate in candidates {
            let is_copied = !candidate.is_made
                && !candidate.is_request()
                && candidate.source == Source::Original;
            let is_synced = synced.as_ref().is_none_or(|kinds| {
                kinds.iter().any(|(group, version, kind)| {
                    *group == candidate.group
                        && *version == candidate.version
                        && *kind == candidate.kind
                })
            });
            if !is_copied || !is_synced {
                continue;
            }
            match &candidate.body {
                Ok(body) => put(&mut root, candidate, body),
                Err(unknown) => {
                    return Self {
                        data: Err(unknown.clone()),
                    };
                }
            }
        }
        let data = regorus::Value::from(json!({ "inventory": root }));
        Self {
            data: Ok(Arc::new(data)),
        }
    }

    pub(crate) fn data(&self) -> Result<&Arc<regorus::Value>, Unknown> {
        self.data.as_ref().map_err(Clone::clone)
    }
}

/// `namespace[name][groupVersion][kind][name]` or `cluster[groupVersion][kind][name]`.
fn put(root: &mut Map<String, Json>, candidate: &Candidate<'_>, body: &Json) {
    let version = candidate.api_version();
    let path: Vec<&str> = match &candidate.namespace {
        Some(namespace) => vec!["namespace", namespace, &version, &candidate.kind],
        None => vec!["cluster", &version, &candidate.kind],
    };
    let mut at = root;
    for step in path {
        let next = at.entry(step).or_insert_with(|| Json::Object(Map::new()));
        match next {
            Json::Object(next) => at = next,
            _ => return,
        }
    }
    at.insert(candidate.name.clone(), body.clone());
}

/// The groups, versions and kinds that are copied; nothing if the input doesn't say.
fn synced<'e>(cluster: &Cluster<'e>) -> Option<Vec<(&'e str, &'e str, &'e str)>> {
    let kinds = |object: Object<'e>, path: &str| {
        let entries = object.get(path).into_iter().flat_map(Value::items);
        entries
            .map(|entry| {
                let text = |key| entry.get(key).map_or("", Value::scalar);
                (text("group"), text("version"), text("kind"))
            })
            .collect::<Vec<_>>()
    };
    let configs = cluster
        .objects_of("config.gatekeeper.sh", "Config")
        .map(|object| kinds(object, "spec.sync.syncOnly"));
    let sets = cluster
        .objects_of("syncset.gatekeeper.sh", "SyncSet")
        .map(|object| kinds(object, "spec.gvks"));
    let all: Vec<_> = configs.chain(sets).collect();
    (!all.is_empty()).then(|| all.into_iter().flatten().collect())
}
