//! What the API server and its controllers add: uids, owners, status and managed fields.

use serde_json::{Map, Value, json};

use super::application::Application;
use crate::random::Random;

/// The replica set of a deployment, its pods and the endpoints of its service.
pub(super) fn descendants(
    application: &Application,
    deployment: &Value,
    random: &mut Random,
) -> Vec<Value> {
    let hash = random.hex(10);
    let mut set = json!({ "apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": application.metadata(&format!("-{hash}")), "spec": deployment["spec"].clone() });
    set["metadata"]["ownerReferences"] = owner("apps/v1", "Deployment", &application.name, random);
    let mut objects = vec![set];
    objects.extend((0..application.replicas).map(|_| {
        let mut pod = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": application.metadata(&format!("-{hash}-{}", random.hex(5))), "spec": deployment["spec"]["template"]["spec"].clone() });
        pod["metadata"]["ownerReferences"] = owner("apps/v1", "ReplicaSet", &format!("{}-{hash}", application.name), random);
        pod["spec"]["nodeName"] = node_name(random.between(0, 9)).into();
        pod["status"] = pod_status(&pod, random);
        pod
    }));
    objects.push(endpoints(application, random));
    objects
}

/// An object as the API server gives it back.
pub(super) fn stored(mut object: Value, random: &mut Random) -> Value {
    let manager = random.pick(&["helm", "kubectl-client-side-apply", "argocd-controller"]);
    let mut managed = vec![entry(manager, "Apply", &object, random)];
    if let Some(status) = object.get("status") {
        managed.push(entry(
            "kubelet",
            "Update",
            &json!({ "status": status }),
            random,
        ));
    }
    object["metadata"]["creationTimestamp"] = random.time().into();
    object["metadata"]["generation"] = random.between(1, 40).into();
    object["metadata"]["managedFields"] = managed.into();
    object["metadata"]["resourceVersion"] =
        random.between(1_000_000, 900_000_000).to_string().into();
    object["metadata"]["uid"] = random.uuid().into();
    object
}

fn entry(manager: &str, operation: &str, object: &Value, random: &mut Random) -> Value {
    json!({ "apiVersion": object.get("apiVersion").cloned().unwrap_or_else(|| "v1".into()), "fieldsType": "FieldsV1", "fieldsV1": fields(object), "manager": manager, "operation": operation, "time": random.time() })
}

/// The set of fields in the notation of server-side apply.
fn fields(value: &Value) -> Value {
    let own = |key: &String| !matches!(key.as_str(), "apiVersion" | "kind" | "name" | "namespace");
    match value {
        Value::Object(members) => members
            .iter()
            .filter(|(key, _)| own(key))
            .map(|(key, value)| (format!("f:{key}"), fields(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => {
            let keyed = items.iter().filter_map(|item| {
                let mut set = fields(item);
                set["."] = json!({});
                Some((format!("k:{}", json!({ "name": item.get("name")? })), set))
            });
            keyed.collect::<Map<_, _>>().into()
        }
        _ => json!({}),
    }
}

fn owner(version: &str, kind: &str, name: &str, random: &mut Random) -> Value {
    json!([{ "apiVersion": version, "blockOwnerDeletion": true, "controller": true, "kind": kind, "name": name, "uid": random.uuid() }])
}

fn condition(kind: &str, random: &mut Random) -> Value {
    json!({ "lastProbeTime": null, "lastTransitionTime": random.time(), "status": "True", "type": kind })
}

fn pod_status(pod: &Value, random: &mut Random) -> Value {
    let containers: Vec<_> = pod["spec"]["containers"].as_array().into_iter().flatten().map(|container| json!({
        "containerID": format!("containerd://{}", random.hex(64)), "image": container["image"], "imageID": container["image"], "lastState": {}, "name": container["name"],
        "ready": true, "restartCount": random.between(0, 3), "started": true, "state": { "running": { "startedAt": random.time() } },
    })).collect();
    let conditions: Vec<_> = [
        "PodReadyToStartContainers",
        "Initialized",
        "Ready",
        "ContainersReady",
        "PodScheduled",
    ]
    .iter()
    .map(|kind| condition(kind, random))
    .collect();
    let address = format!(
        "192.168.{}.{}",
        random.between(0, 255),
        random.between(1, 255)
    );
    json!({ "conditions": conditions, "containerStatuses": containers, "hostIP": "10.16.0.7", "hostIPs": [{ "ip": "10.16.0.7" }], "phase": "Running", "podIP": address, "podIPs": [{ "ip": address }], "qosClass": "Burstable", "startTime": random.time() })
}

fn endpoints(application: &Application, random: &mut Random) -> Value {
    let endpoint = |_| json!({ "addresses": [format!("192.168.{}.{}", random.between(0, 255), random.between(1, 255))], "conditions": { "ready": true, "serving": true, "terminating": false }, "nodeName": node_name(random.between(0, 9)), "zone": "westeurope-1" });
    let list: Vec<_> = (0..application.replicas).map(endpoint).collect();
    json!({ "addressType": "IPv4", "apiVersion": "discovery.k8s.io/v1", "endpoints": list, "kind": "EndpointSlice", "metadata": application.metadata("-slice"), "ports": [{ "name": "http", "port": 8080, "protocol": "TCP" }] })
}

fn node_name(number: usize) -> String {
    format!("aks-general-10000000-vmss{number:06}")
}

/// A node with the images it holds, which make up most of its size.
pub(super) fn node(number: usize, random: &mut Random) -> Value {
    let images: Vec<_> = (0..30).map(|image| json!({ "names": [format!("crspoke.azurecr.io/team/image-{image:02}@sha256:{}", random.hex(64)), format!("crspoke.azurecr.io/team/image-{image:02}:4.11.2")], "sizeBytes": random.between(10_000_000, 900_000_000) })).collect();
    let conditions: Vec<_> = [
        "Ready",
        "MemoryPressure",
        "DiskPressure",
        "PIDPressure",
        "KubeletProblem",
        "FilesystemCorruptionProblem",
    ]
    .iter()
    .map(|kind| condition(kind, random))
    .collect();
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": { "labels": { "agentpool": "general", "kubernetes.azure.com/mode": "user", "kubernetes.io/hostname": node_name(number), "topology.kubernetes.io/zone": "westeurope-1" }, "name": node_name(number) },
        "spec": { "podCIDR": format!("192.168.{number}.0/24"), "providerID": format!("azure:///subscriptions/{}/virtualMachines/{number}", random.uuid()) },
        "status": { "addresses": [{ "address": "10.16.0.7", "type": "InternalIP" }], "allocatable": { "cpu": "7820m", "memory": "27986420Ki", "pods": "110" }, "conditions": conditions, "images": images, "nodeInfo": { "architecture": "amd64", "kubeletVersion": "v1.34.2", "operatingSystem": "linux" } },
    })
}
