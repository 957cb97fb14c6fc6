//! Constraints and templates as Gatekeeper reads them.

#![allow(clippy::expect_used, clippy::panic)]

mod cluster;

use cluster::{answers, lines, read};
use palisade_admission::{Action, judge};

const TEMPLATE: &str = r#"
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: needslabel}
spec:
  crd:
    spec:
      names: {kind: NeedsLabel}
      validation:
        openAPIV3Schema:
          type: object
          properties:
            label: {type: string, default: owner}
  targets:
    - target: admission.k8s.gatekeeper.sh
      rego: |
        package needslabel
        violation[{"msg": msg}] {
          label := input.parameters.label
          not input.review.object.metadata.labels[label]
          msg := sprintf("no label %v", [label])
        }
"#;

fn constraint(name: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: constraints.gatekeeper.sh/v1beta1\nkind: NeedsLabel\nmetadata: {{name: {name}}}\nspec: {spec}\n"
    )
}

fn object(kind: &str, name: &str, metadata: &str) -> String {
    format!("---\napiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}{metadata}}}\n")
}

const PODS: &str = "match: {kinds: [{apiGroups: [\"\"], kinds: [Pod]}]}";

#[test]
fn a_constraint_asks_the_objects_that_it_matches() {
    let found = answers(
        &[
            TEMPLATE,
            &constraint("all-pods", &format!("{{{PODS}}}")),
            &object("Pod", "a", ", labels: {owner: me}"),
            &object("Pod", "b", ""),
            &object("Service", "c", ""),
        ]
        .concat(),
    );
    assert_eq!(
        found,
        [
            "NeedsLabel/all-pods Pod/a: complies",
            "NeedsLabel/all-pods Pod/b: no label owner"
        ]
    );
}

#[test]
fn match_criteria() {
    let objects = [
        object("Pod", "web-1", ", namespace: shop, labels: {tier: web}"),
        object("Pod", "db-1", ", namespace: kube-system"),
        object("Namespace", "shop", ", labels: {team: a}"),
        object("Namespace", "kube-system", ""),
        object("Namespace", "team-b", ""),
    ]
    .concat();
    let asked = |criteria: &str| {
        let spec = format!("{{match: {criteria}, parameters: {{label: x}}}}");
        let own = ["Pod", "Namespace"];
        answers(&[TEMPLATE, &constraint("c", &spec), &objects].concat())
            .iter()
            .filter_map(|line| line.strip_prefix("NeedsLabel/c ")?.split_once(':'))
            .map(|(object, _)| object.to_owned())
            .filter(|object| own.iter().any(|kind| object.starts_with(kind)))
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(asked("{namespaces: [\"sh*\"]}"), "Namespace/shop Pod/web-1");
    assert_eq!(
        asked("{excludedNamespaces: [\"*-system\"]}"),
        "Namespace/shop Namespace/team-b Pod/web-1"
    );
    assert_eq!(asked("{scope: Namespaced}"), "Pod/db-1 Pod/web-1");
    assert_eq!(
        asked("{scope: Cluster}"),
        "Namespace/kube-system Namespace/shop Namespace/team-b"
    );
    assert_eq!(
        asked("{labelSelector: {matchLabels: {tier: web}}}"),
        "Pod/web-1"
    );
    assert_eq!(
        asked("{namespaceSelector: {matchExpressions: [{key: team, operator: Exists}]}}"),
        "Namespace/shop Pod/web-1"
    );
    assert_eq!(
        asked("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}"),
        "Namespace/kube-system Pod/db-1"
    );
    assert_eq!(asked("{name: \"web-*\"}"), "Pod/web-1");
    assert_eq!(asked("{kinds: [{apiGroups: [apps], kinds: [\"*\"]}]}"), "");
    assert_eq!(asked("{source: Generated}"), "");
}

#[test]
fn a_namespace_that_is_not_in_the_input_decides_nothing() {
    let spec = "{match: {namespaceSelector: {matchLabels: {a: b}}, kinds: [{kinds: [Pod]}]}}";
    let found = answers(
        &[
            TEMPLATE,
            &constraint("c", spec),
            &object("Pod", "p", ", namespace: far"),
        ]
        .concat(),
    );
    assert_eq!(
        found,
        ["NeedsLabel/c Pod/p: undecided, the labels of namespace `far` are not in the input"]
    );
}

#[test]
fn a_deployment_is_judged_as_the_pod_that_it_makes_once() {
    let deployment = r#"---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {owner: me}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: a, image: b}]}
"#;
    let expansion = r#"---
apiVersion: expansion.gatekeeper.sh/v1alpha1
kind: ExpansionTemplate
metadata: {name: pods}
spec:
  applyTo: [{groups: [apps], versions: [v1], kinds: [Deployment]}]
  templateSource: spec.template
  generatedGVK: {group: "", version: v1, kind: Pod}
"#;
    let rule = constraint("pods", &format!("{{{PODS}}}"));
    let once = ["NeedsLabel/pods Deployment/web as Pod: no label owner"];
    assert_eq!(answers(&[TEMPLATE, &rule, deployment].concat()), once);
    assert_eq!(
        answers(&[TEMPLATE, &rule, deployment, expansion].concat()),
        once
    );
    let generated = constraint(
        "pods",
        "{match: {source: Generated, kinds: [{apiGroups: [\"\"], kinds: [Pod]}]}}",
    );
    assert!(answers(&[TEMPLATE, &generated, deployment].concat()).is_empty());
    assert_eq!(
        answers(&[TEMPLATE, &generated, deployment, expansion].concat()),
        once
    );
    let pod = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: web-x, namespace: shop, ownerReferences: [{kind: Deployment, name: web}]}\nspec: {containers: []}\n";
    assert_eq!(
        answers(&[TEMPLATE, &rule, deployment, pod].concat()),
        ["NeedsLabel/pods Pod/web-x: no label owner"]
    );
}

#[test]
fn what_follows_from_a_violation() {
    let actions = |spec: &str| {
        let input = read(&[TEMPLATE, &constraint("c", spec), &object("Pod", "p", "")].concat());
        let cluster = input.estate.clusters().next().expect("a cluster");
        let admission = judge(&cluster);
        let judged = admission.judgements.iter();
        let mut judged = judged.filter(|judgement| judgement.object.kind() == "Pod");
        judged.next().expect("a judgement").actions.clone()
    };
    assert_eq!(actions("{}"), [Action::Deny]);
    assert_eq!(actions("{enforcementAction: dryrun}"), [Action::Audit]);
    assert_eq!(actions("{enforcementAction: warn}"), [Action::Warn]);
    assert_eq!(
        actions("{enforcementAction: Deny}"),
        [Action::Unrecognised("Deny".into())]
    );
    let scoped = "{enforcementAction: scoped, scopedEnforcementActions: [{action: warn, enforcementPoints: [{name: validation.gatekeeper.sh}]}, {action: deny, enforcementPoints: [{name: audit.gatekeeper.sh}]}]}";
    assert_eq!(actions(scoped), [Action::Warn]);
}

#[test]
fn defects_are_told_at_their_lines_and_the_rest_is_judged() {
    let broken = TEMPLATE
        .replace("needslabel", "broken")
        .replace("NeedsLabel", "Broken")
        .replace("label := input", "label := := input");
    let manifests = [
        TEMPLATE,
        "---",
        &broken,
        "---\napiVersion: constraints.gatekeeper.sh/v1beta1\nkind: Broken\nmetadata: {name: b}\nspec: {match: {kinds: [{kinds: [Pod]}]}}\n",
        "---\napiVersion: constraints.gatekeeper.sh/v1beta1\nkind: Nowhere\nmetadata: {name: n}\n",
        &constraint("bad", "{match: {labelSelector: {matchExpressions: [{key: a, operator: Maybe}]}}}"),
        &constraint("good", &format!("{{{PODS}}}")),
        &object("Pod", "p", ""),
    ]
    .concat();
    let input = read(&manifests);
    let cluster = input.estate.clusters().next().expect("a cluster");
    let admission = judge(&cluster);
    let diagnostics: Vec<_> = admission
        .diagnostics
        .iter()
        .map(|diagnostic| {
            let line = diagnostic.position.map_or(0, |place| place.line);
            format!("{line}: {}", diagnostic.message)
        })
        .collect();
    insta::assert_snapshot!([diagnostics, lines(&admission)].concat().join("\n"));
}

#[test]
fn references_to_other_objects() {
    let template = TEMPLATE
        .replace("needslabel", "uniquehost")
        .replace("NeedsLabel", "UniqueHost")
        .replace("label := input.parameters.label\n", "host := input.review.object.spec.host\n")
        .replace("not input.review.object.metadata.labels[label]\n", "other := data.inventory.namespace[_][_][\"Route\"][name]\n          other.spec.host == host\n          name != input.review.object.metadata.name\n")
        .replace("no label %v\", [label]", "%v has it too\", [name]");
    let route = |name: &str, host: &str| {
        format!(
            "---\napiVersion: example.org/v1\nkind: Route\nmetadata: {{name: {name}, namespace: n}}\nspec: {{host: {host}}}\n"
        )
    };
    let rule = "---\napiVersion: constraints.gatekeeper.sh/v1beta1\nkind: UniqueHost\nmetadata: {name: u}\nspec: {match: {kinds: [{kinds: [Route]}]}}\n";
    let routes = [route("a", "x"), route("b", "x"), route("c", "y")].concat();
    assert_eq!(
        answers(&[&template, rule, &routes].concat()),
        [
            "UniqueHost/u Route/a: b has it too",
            "UniqueHost/u Route/b: a has it too",
            "UniqueHost/u Route/c: complies",
        ]
    );
    let config = "---\napiVersion: config.gatekeeper.sh/v1alpha1\nkind: Config\nmetadata: {name: config, namespace: gatekeeper-system}\nspec: {sync: {syncOnly: [{group: \"\", version: v1, kind: Pod}]}}\n";
    assert_eq!(
        answers(&[&template, rule, &routes, config].concat())[0],
        "UniqueHost/u Route/a: complies"
    );
}

#[test]
fn a_recorded_request_is_judged_as_what_it_asks_for() {
    let review = "---\napiVersion: admission.k8s.io/v1\nkind: AdmissionReview\nrequest:\n  operation: UPDATE\n  object: {apiVersion: v1, kind: Pod, metadata: {name: p}}\n";
    let rule = constraint("c", &format!("{{{PODS}}}"));
    assert_eq!(
        answers(&[TEMPLATE, &rule, review].concat()),
        ["NeedsLabel/c AdmissionReview/: no label owner"]
    );
}

#[test]
fn mutators_are_reported_and_not_applied() {
    let mutator = "---\napiVersion: mutations.gatekeeper.sh/v1\nkind: Assign\nmetadata: {name: owner}\nspec: {applyTo: [{groups: [\"\"], versions: [v1], kinds: [Pod]}], match: {namespaces: [n]}, location: metadata.labels.owner, parameters: {assign: {value: me}}}\n";
    let pods = [
        object("Pod", "p", ", namespace: n"),
        object("Pod", "q", ", namespace: m"),
    ]
    .concat();
    let rule = constraint("c", &format!("{{{PODS}}}"));
    let input = read(&[TEMPLATE, &rule, mutator, &pods].concat());
    let cluster = input.estate.clusters().next().expect("a cluster");
    let admission = judge(&cluster);
    assert_eq!(admission.mutators.len(), 1);
    let mutator = &admission.mutators[0];
    assert_eq!(mutator.location, "metadata.labels.owner");
    let names: Vec<_> = mutator
        .applies_to
        .iter()
        .map(|object| object.name())
        .collect();
    assert_eq!(names, ["p"]);
    assert_eq!(lines(&admission)[0], "NeedsLabel/c Pod/p: no label owner");
}
