use palisade_estate::kubernetes::{Selector, pod_templates};

use crate::{estate, only_cluster};

const LABELS: [(&str, &str); 2] = [("app", "till"), ("tier", "web")];

/// Whether a selector selects pods with [`LABELS`]; what is wrong with it otherwise.
fn selects(selector: &str) -> Result<bool, String> {
    let estate = estate(&format!(
        "apiVersion: v1\nkind: Thing\nmetadata: {{name: t}}\nselector: {selector}\n"
    ));
    let object = estate.objects().next().unwrap();
    let label = |key: &str| {
        LABELS
            .iter()
            .find(|(known, _)| *known == key)
            .map(|(_, value)| *value)
    };
    let selector = Selector::read(object.body().get("selector").unwrap());
    selector
        .map(|selector| selector.matches(label))
        .map_err(|invalid| invalid.message)
}

#[test]
fn label_selectors_select_as_kubernetes_does() {
    for (selector, selected) in [
        ("{}", true),
        ("null", true),
        ("{matchLabels: {}}", true),
        ("{matchLabels: null, matchExpressions: null}", true),
        ("{matchLabels: {app: till}}", true),
        ("{matchLabels: {app: Till}}", false),
        ("{matchLabels: {app: till, tier: web}}", true),
        ("{matchLabels: {app: till, tier: data}}", false),
        ("{matchLabels: {missing: \"\"}}", false),
        (
            "{matchExpressions: [{key: app, operator: In, values: [x, till]}]}",
            true,
        ),
        (
            "{matchExpressions: [{key: app, operator: In, values: [x]}]}",
            false,
        ),
        (
            "{matchExpressions: [{key: missing, operator: In, values: [x]}]}",
            false,
        ),
        (
            "{matchExpressions: [{key: app, operator: NotIn, values: [till]}]}",
            false,
        ),
        (
            "{matchExpressions: [{key: app, operator: NotIn, values: [x]}]}",
            true,
        ),
        // A pod without the label is not in any list either.
        (
            "{matchExpressions: [{key: missing, operator: NotIn, values: [x]}]}",
            true,
        ),
        ("{matchExpressions: [{key: app, operator: Exists}]}", true),
        (
            "{matchExpressions: [{key: missing, operator: Exists}]}",
            false,
        ),
        (
            "{matchExpressions: [{key: app, operator: DoesNotExist}]}",
            false,
        ),
        (
            "{matchExpressions: [{key: missing, operator: DoesNotExist, values: []}]}",
            true,
        ),
        (
            "{matchLabels: {app: till}, matchExpressions: [{key: tier, operator: Exists}, {key: app, operator: In, values: [x]}]}",
            false,
        ),
    ] {
        assert_eq!(selects(selector), Ok(selected), "{selector}");
    }
}

#[test]
fn what_the_api_server_refuses_is_invalid() {
    for selector in [
        "{matchExpressions: [{operator: Exists}]}",
        "{matchExpressions: [{key: app}]}",
        "{matchExpressions: [{key: app, operator: exists}]}",
        "{matchExpressions: [{key: app, operator: Gt, values: ['1']}]}",
        "{matchExpressions: [{key: app, operator: In}]}",
        "{matchExpressions: [{key: app, operator: NotIn, values: []}]}",
        "{matchExpressions: [{key: app, operator: Exists, values: [x]}]}",
        "{matchExpressions: [app]}",
        "{matchExpressions: {key: app}}",
        "{matchLabels: [app]}",
        "text",
    ] {
        assert!(selects(selector).is_err(), "{selector}");
    }
}

/// The pod templates of some manifests, by the name of their owner.
fn owners(manifests: &[&str]) -> Vec<String> {
    let estate = estate(&manifests.join("\n---\n"));
    pod_templates(&only_cluster(&estate))
        .iter()
        .map(|pods| pods.owner.display_name())
        .collect()
}

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: n}\nspec: {template: {metadata: {labels: {app: d}}, spec: {hostNetwork: true, containers: [{name: c}], initContainers: [{name: i}]}}}";
const REPLICA_SET: &str = "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: d-1, namespace: n, ownerReferences: [{kind: Deployment, name: d}]}\nspec: {template: {spec: {}}}";
const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: d-1-x, namespace: n, ownerReferences: [{kind: ReplicaSet, name: d-1}]}\nspec: {}\nstatus: {phase: Running}";

#[test]
fn what_a_workload_of_the_input_owns_is_left_out() {
    assert_eq!(owners(&[POD, REPLICA_SET, DEPLOYMENT]), ["Deployment/d"]);
    assert_eq!(owners(&[POD, REPLICA_SET]), ["ReplicaSet/d-1"]);
    assert_eq!(owners(&[POD]), ["Pod/d-1-x"]);
    let elsewhere = DEPLOYMENT.replace("namespace: n", "namespace: other");
    assert_eq!(
        owners(&[REPLICA_SET, &elsewhere]),
        ["ReplicaSet/d-1", "Deployment/d"]
    );
}

#[test]
fn finished_pods_are_left_out() {
    for phase in ["Succeeded", "Failed"] {
        assert!(owners(&[&POD.replace("Running", phase)]).is_empty());
    }
    for phase in ["Pending", "Unknown"] {
        assert_eq!(owners(&[&POD.replace("Running", phase)]).len(), 1);
    }
}

const JOB: &str =
    "apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec: {template: {spec: {}}}\n";

#[test]
fn finished_jobs_are_left_out() {
    for kind in ["Complete", "Failed"] {
        let finished = format!("{JOB}status: {{conditions: [{{type: {kind}, status: 'True'}}]}}");
        assert!(owners(&[&finished]).is_empty(), "{kind}");
        let not_so = format!("{JOB}status: {{conditions: [{{type: {kind}, status: 'False'}}]}}");
        assert_eq!(owners(&[&not_so]), ["Job/j"], "{kind}");
    }
    assert_eq!(
        owners(&[&format!(
            "{JOB}status: {{active: 1, conditions: [{{type: Suspended, status: 'True'}}]}}"
        )]),
        ["Job/j"]
    );
    assert_eq!(owners(&[JOB]), ["Job/j"]);
}

#[test]
fn every_workload_has_its_template() {
    let template = "template: {metadata: {labels: {app: w}}, spec: {}}";
    for (version, kind, spec) in [
        ("apps/v1", "Deployment", template.to_owned()),
        ("apps/v1", "StatefulSet", template.to_owned()),
        ("apps/v1", "DaemonSet", template.to_owned()),
        ("apps/v1", "ReplicaSet", template.to_owned()),
        ("extensions/v1beta1", "Deployment", template.to_owned()),
        ("v1", "ReplicationController", template.to_owned()),
        ("batch/v1", "Job", template.to_owned()),
        (
            "batch/v1beta1",
            "CronJob",
            format!("jobTemplate: {{spec: {{{template}}}}}"),
        ),
    ] {
        let manifest = format!(
            "apiVersion: {version}\nkind: {kind}\nmetadata: {{name: w}}\nspec: {{{spec}}}\n"
        );
        let estate = estate(&manifest);
        let pods = pod_templates(&only_cluster(&estate));
        assert_eq!(pods.len(), 1, "{version} {kind}");
        assert_eq!(
            (pods[0].label("app"), pods[0].namespace()),
            (Some("w"), "default"),
            "{kind}"
        );
    }
    let namesake = "apiVersion: example.com/v1\nkind: Deployment\nmetadata: {name: w}\nspec: {template: {spec: {}}}";
    assert!(owners(&[namesake]).is_empty());
}

#[test]
fn a_template_tells_its_network_and_containers() {
    let estate = estate(DEPLOYMENT);
    let pods = pod_templates(&only_cluster(&estate));
    assert!(pods[0].is_on_host_network());
    assert_eq!(pods[0].containers().count(), 2);
    assert_eq!((pods[0].namespace(), pods[0].label("missing")), ("n", None));
}

#[test]
fn a_workload_without_pods_has_no_template() {
    for spec in [
        "{}",
        "{template: null}",
        "{template: {metadata: {}}}",
        "{template: {spec: null}}",
        "{template: text}",
    ] {
        let manifest =
            format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d}}\nspec: {spec}\n");
        assert!(owners(&[&manifest]).is_empty(), "{spec}");
    }
}
