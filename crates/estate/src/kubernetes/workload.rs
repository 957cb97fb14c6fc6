//! The pods that workloads make.

use std::collections::HashSet;

use palisade_document::{Kind, Value};

use crate::object::walk;
use crate::{Cluster, Object, Unknown};

/// The pods of one workload: replicas are alike, so one template stands for all.
#[derive(Clone, Copy)]
pub struct PodTemplate<'e> {
    /// The workload, or the pod itself.
    pub owner: Object<'e>,
    /// The pod's `metadata`; nothing if the template has none.
    pub metadata: Option<Value<'e>>,
    /// The pod's `spec`.
    pub spec: Value<'e>,
}

impl<'e> PodTemplate<'e> {
    /// A label of the pods.
    pub fn label(&self, key: &str) -> Option<&'e str> {
        self.metadata?.get("labels")?.get(key).map(Value::scalar)
    }

    /// The namespace of the pods.
    pub fn namespace(&self) -> &'e str {
        self.owner.namespace().unwrap_or("default")
    }

    /// Whether the pods share the node's network and so escape network policies.
    pub fn is_on_host_network(&self) -> bool {
        self.spec.get("hostNetwork").and_then(Value::as_bool) == Some(true)
    }

    /// All containers, those for initialisation included.
    pub fn containers(&self) -> impl Iterator<Item = Value<'e>> {
        let spec = self.spec;
        ["containers", "initContainers"]
            .into_iter()
            .filter_map(move |key| spec.get(key))
            .flat_map(Value::items)
    }

    /// The ports of the node that the containers take: `hostPort`, and every `containerPort` of
    /// a pod on the node's network, which the API server makes a host port.
    pub fn host_ports(&self) -> Result<Vec<Value<'e>>, Unknown> {
        let mut ports = Vec::new();
        for container in self.containers() {
            match container.get("ports") {
                Some(list) if !matches!(list.kind(), Kind::Array | Kind::Null) => {
                    return Err(Unknown::because(
                        "the ports of a container are not a list, which the API server refuses",
                        "correct the value",
                    ));
                }
                list => {
                    for port in list.into_iter().flat_map(Value::items) {
                        ports.extend(self.host_port(port)?);
                    }
                }
            }
        }
        Ok(ports)
    }

    fn host_port(&self, port: Value<'e>) -> Result<Option<Value<'e>>, Unknown> {
        let given = port.get("hostPort").filter(|given| !given.is_null());
        match given.map(|given| (given, given.as_i64())) {
            Some((given, Some(number))) if number != 0 => Ok(Some(given)),
            Some((_, None)) => Err(Unknown::because(
                "a hostPort is not a number, which the API server refuses",
                "correct the value",
            )),
            _ if self.is_on_host_network() => Ok(port.get("containerPort")),
            _ => Ok(None),
        }
    }
}

/// The pods of a cluster, one template a workload. What another workload of the input owns
/// (the ReplicaSet and the pods of a Deployment) is left out; finished pods are too.
pub fn pod_templates<'e>(cluster: &Cluster<'e>) -> Vec<PodTemplate<'e>> {
    let workloads: Vec<_> = cluster
        .objects()
        .filter(|object| template_path(object).is_some())
        .collect();
    let known: HashSet<_> = workloads
        .iter()
        .map(|owner| (owner.kind(), owner.namespace(), owner.name()))
        .collect();
    let is_owned = |object: &Object<'e>| {
        let owners = object
            .get("metadata.ownerReferences")
            .into_iter()
            .flat_map(Value::items);
        owners
            .filter_map(|owner| {
                Some((
                    owner.get("kind")?.scalar(),
                    owner.get("name")?.scalar().to_owned(),
                ))
            })
            .any(|(kind, name)| known.contains(&(kind, object.namespace(), name)))
    };
    let standing = workloads
        .iter()
        .filter(|object| !is_finished(object) && !is_owned(object));
    standing
        .filter_map(|object| pod_template(*object))
        .collect()
}

/// The pods of every workload, those included that another workload of the input owns: live pods
/// carry labels that their owner's template lacks.
pub fn all_pod_templates<'e>(cluster: &Cluster<'e>) -> Vec<PodTemplate<'e>> {
    cluster
        .objects()
        .filter(|object| !is_finished(object))
        .filter_map(pod_template)
        .collect()
}

/// The workloads whose pods nothing is known of, since they have no `spec` or no template. The API
/// server refuses them.
pub fn workloads_without_pods<'e>(cluster: &Cluster<'e>) -> impl Iterator<Item = Object<'e>> {
    let workloads = cluster
        .objects()
        .filter(|object| template_path(object).is_some());
    workloads.filter(|object| pod_template(*object).is_none())
}

/// Where a workload keeps its pods' template; nothing for other kinds.
fn template_path(object: &Object<'_>) -> Option<&'static str> {
    match (object.group(), object.kind()) {
        ("", "Pod") => Some(""),
        ("apps" | "extensions", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")
        | ("", "ReplicationController")
        | ("batch", "Job") => Some("spec.template"),
        ("batch", "CronJob") => Some("spec.jobTemplate.spec.template"),
        _ => None,
    }
}

/// Whether a pod or a job has ended and runs no more.
fn is_finished(object: &Object<'_>) -> bool {
    let ends = |condition: Value<'_>| {
        let is_one_of = |key, known: &[&str]| {
            condition
                .get(key)
                .is_some_and(|value| known.contains(&value.scalar()))
        };
        is_one_of("type", &["Complete", "Failed"]) && is_one_of("status", &["True"])
    };
    match object.kind() {
        "Pod" => object
            .get("status.phase")
            .is_some_and(|phase| matches!(phase.scalar(), "Succeeded" | "Failed")),
        "Job" => object
            .get("status.conditions")
            .is_some_and(|conditions| conditions.items().any(ends)),
        _ => false,
    }
}

/// The pods that an object makes, or is; nothing for other kinds.
pub fn pod_template(object: Object<'_>) -> Option<PodTemplate<'_>> {
    let path = template_path(&object)?;
    let root = if path.is_empty() {
        object.body()
    } else {
        walk(object.body(), path)?
    };
    Some(PodTemplate {
        owner: object,
        metadata: root.get("metadata"),
        spec: root.get("spec").filter(|spec| !spec.is_null())?,
    })
}
