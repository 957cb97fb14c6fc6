//! What the API server fills in before admission is asked (Kubernetes API reference, the defaults
//! of core/v1, apps/v1 and batch/v1). Only settings that rules ask about; a manifest leaves them
//! out, a webhook always sees them.

use serde_json::{Map, Value as Json, json};

type Members = Map<String, Json>;

/// Fills in an object of a kind.
pub(crate) fn fill(group: &str, kind: &str, body: &mut Json) {
    let Some(spec) = body.get_mut("spec").and_then(Json::as_object_mut) else {
        return;
    };
    match (group, kind) {
        ("", "Service") => service(spec),
        ("", "Pod") => pod(spec),
        ("apps" | "extensions", "Deployment" | "ReplicaSet" | "StatefulSet")
        | ("", "ReplicationController") => {
            set(spec, "replicas", json!(1));
            template(spec);
        }
        ("apps" | "extensions", "DaemonSet") | ("batch", "Job") => template(spec),
        ("batch", "CronJob") => {
            let job = spec
                .get_mut("jobTemplate")
                .and_then(|job| job.get_mut("spec"));
            if let Some(job) = job.and_then(Json::as_object_mut) {
                template(job);
            }
        }
        _ => {}
    }
}

/// A member that is missing or `null`.
fn set(members: &mut Members, key: &str, value: Json) {
    if members.get(key).is_none_or(Json::is_null) {
        members.insert(key.to_owned(), value);
    }
}

fn each<'j>(members: &'j mut Members, key: &str) -> impl Iterator<Item = &'j mut Members> {
    let items = members.get_mut(key).and_then(Json::as_array_mut);
    items.into_iter().flatten().filter_map(Json::as_object_mut)
}

fn service(spec: &mut Members) {
    set(spec, "type", json!("ClusterIP"));
    set(spec, "sessionAffinity", json!("None"));
    for port in each(spec, "ports") {
        set(port, "protocol", json!("TCP"));
        if let Some(number) = port.get("port").cloned() {
            set(port, "targetPort", number);
        }
    }
}

fn template(spec: &mut Members) {
    let pod = spec
        .get_mut("template")
        .and_then(|template| template.get_mut("spec"));
    if let Some(pod) = pod.and_then(Json::as_object_mut) {
        settings(pod);
    }
}

fn pod(spec: &mut Members) {
    settings(spec);
    // The ports of a pod on the node's network are ports of the node.
    if spec.get("hostNetwork") == Some(&json!(true)) {
        for list in ["containers", "initContainers"] {
            for container in each(spec, list) {
                for port in each(container, "ports") {
                    let is_unset = port.get("hostPort").is_none_or(|given| given == &json!(0));
                    if let (true, Some(number)) = (is_unset, port.get("containerPort").cloned()) {
                        port.insert("hostPort".to_owned(), number);
                    }
                }
            }
        }
    }
}

fn settings(spec: &mut Members) {
    set(spec, "restartPolicy", json!("Always"));
    set(spec, "dnsPolicy", json!("ClusterFirst"));
    set(spec, "schedulerName", json!("default-scheduler"));
    set(spec, "terminationGracePeriodSeconds", json!(30));
    set(spec, "securityContext", json!({}));
    for list in ["containers", "initContainers"] {
        for container in each(spec, list) {
            for port in each(container, "ports") {
                set(port, "protocol", json!("TCP"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::fill;

    #[test]
    fn a_service_without_a_type_is_a_cluster_ip() {
        let mut body = json!({"spec": {"ports": [{"port": 80}]}});
        fill("", "Service", &mut body);
        assert_eq!(body["spec"]["type"], "ClusterIP");
        assert_eq!(body["spec"]["ports"][0]["targetPort"], 80);
        let mut body = json!({"spec": {"type": "LoadBalancer"}});
        fill("", "Service", &mut body);
        assert_eq!(body["spec"]["type"], "LoadBalancer");
    }

    #[test]
    fn ports_of_a_pod_on_the_nodes_network_are_ports_of_the_node() {
        let pod = |host| json!({"spec": {"hostNetwork": host, "containers": [{"ports": [{"containerPort": 80}]}]}});
        let mut body = pod(true);
        fill("", "Pod", &mut body);
        assert_eq!(body["spec"]["containers"][0]["ports"][0]["hostPort"], 80);
        let mut body = pod(false);
        fill("", "Pod", &mut body);
        assert!(
            body["spec"]["containers"][0]["ports"][0]
                .get("hostPort")
                .is_none()
        );
        fill("", "Pod", &mut json!({"spec": [1]}));
        fill("", "Pod", &mut json!(null));
    }
}
