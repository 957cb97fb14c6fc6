//! `ValidatingAdmissionPolicy`, its bindings, and the engine `K8sNativeValidation`.

#![allow(clippy::expect_used, clippy::panic)]

mod cluster;

use cluster::{answers, read};
use palisade_admission::{Verdict, judge};

fn policy(spec: &str) -> String {
    format!(
        "---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {{name: p}}\nspec:\n  matchConstraints: {{resourceRules: [{{apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}}]}}\n{spec}"
    )
}

fn binding(spec: &str) -> String {
    format!(
        "---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\nmetadata: {{name: b}}\nspec: {{policyName: p, validationActions: [Deny]{spec}}}\n"
    )
}

fn deployment(name: &str, replicas: u8) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: n, labels: {{app: {name}}}}}\nspec: {{replicas: {replicas}}}\n"
    )
}

fn asked(spec: &str, more: &str) -> Vec<String> {
    let all = [
        &policy(spec),
        &binding(more),
        &deployment("few", 2),
        &deployment("many", 9),
    ];
    answers(&all.map(String::as_str).concat())
        .into_iter()
        .map(|line| line.replace("ValidatingAdmissionPolicy/p/b ", ""))
        .collect()
}

const FIVE: &str =
    "  validations: [{expression: \"object.spec.replicas <= 5\", message: \"five at most\"}]\n";

#[test]
fn validations_and_their_messages() {
    assert_eq!(
        asked(FIVE, ""),
        ["Deployment/few: complies", "Deployment/many: five at most"]
    );
    let own = "  validations: [{expression: \"object.spec.replicas <= 5\"}]\n";
    assert_eq!(
        asked(own, "")[1],
        "Deployment/many: failed expression: object.spec.replicas <= 5"
    );
    let made = "  variables: [{name: n, expression: object.spec.replicas}]\n  validations: [{expression: \"variables.n <= 5\", message: no, messageExpression: \"'too many: ' + string(variables.n)\"}]\n";
    assert_eq!(asked(made, "")[1], "Deployment/many: too many: 9");
}

#[test]
fn conditions_leave_objects_out() {
    let condition = format!(
        "  matchConditions: [{{name: c, expression: \"object.metadata.name != 'many'\"}}]\n{FIVE}"
    );
    assert_eq!(asked(&condition, ""), ["Deployment/few: complies"]);
    let selector = ", matchResources: {objectSelector: {matchLabels: {app: few}}}";
    assert_eq!(asked(FIVE, selector), ["Deployment/few: complies"]);
    let unseen = ", matchResources: {namespaceSelector: {matchLabels: {a: b}}}";
    assert!(asked(FIVE, unseen)[0].contains("undecided, the labels of namespace `n`"));
}

#[test]
fn failing_expressions_follow_the_failure_policy() {
    let failing = "  validations: [{expression: \"object.spec.missing == 1\"}]\n";
    assert!(asked(failing, "")[0].contains("resulted in error"));
    let ignored = format!("  failurePolicy: Ignore\n{failing}");
    assert_eq!(asked(&ignored, "")[0], "Deployment/few: complies");
    let absorbed = "  variables: [{name: m, expression: object.spec.missing}]\n  validations: [{expression: \"!has(object.spec.missing) || variables.m == 1\"}]\n";
    assert_eq!(asked(absorbed, "")[0], "Deployment/few: complies");
}

#[test]
fn what_is_not_known_here_decides_nothing() {
    for expression in [
        "isQuantity(object.metadata.name)",
        "request.userInfo.username == 'me'",
        "authorizer.path('/healthz').check('get').allowed()",
        "namespaceObject.metadata.labels['a'] == 'b'",
        "object.spec.replicas + 1",
    ] {
        let spec = format!("  validations: [{{expression: \"{expression}\"}}]\n");
        let said = asked(&spec, "");
        assert!(said[0].contains("undecided"), "{expression}: {said:?}");
    }
    let either = "  validations: [{expression: \"object.spec.replicas < 5 || isQuantity('1')\"}]\n";
    assert_eq!(asked(either, "")[0], "Deployment/few: complies");
    assert!(asked(either, "")[1].contains("undecided"));
}

#[test]
fn parameters() {
    let spec = format!(
        "  paramKind: {{apiVersion: v1, kind: ConfigMap}}\n{}",
        FIVE.replace("<= 5", "<= int(params.data.most)")
    );
    let reference = ", paramRef: {name: limits, parameterNotFoundAction: Deny}";
    assert!(asked(&spec, reference)[0].contains("undecided, the parameters of the policy"));
    let map = |most: u8| {
        format!(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: limits, namespace: n}}\ndata: {{most: \"{most}\"}}\n"
        )
    };
    let with = |most| {
        answers(
            &[
                &policy(&spec),
                &binding(reference),
                &map(most),
                &deployment("few", 2),
            ]
            .map(String::as_str)
            .concat(),
        )
    };
    assert_eq!(
        with(2),
        ["ValidatingAdmissionPolicy/p/b Deployment/few: complies"]
    );
    assert_eq!(
        with(1),
        ["ValidatingAdmissionPolicy/p/b Deployment/few: five at most"]
    );
}

#[test]
fn the_field_in_question_is_pointed_at() {
    let input = read(&[policy(FIVE), binding(""), deployment("many", 9)].concat());
    let cluster = input.estate.clusters().next().expect("a cluster");
    let admission = judge(&cluster);
    let Verdict::Violates(violations) = &admission.judgements[0].verdict else {
        panic!("no violation");
    };
    assert_eq!(input.estate.value(violations[0].at).scalar(), "9");
}

#[test]
fn defects_of_policies() {
    let manifests = [
        policy("  validations: [{expression: \"object.spec. <= 5\"}]\n"),
        binding(""),
        policy(FIVE).replace("name: p", "name: loose"),
        deployment("few", 2),
    ]
    .concat();
    let input = read(&manifests);
    let cluster = input.estate.clusters().next().expect("a cluster");
    let admission = judge(&cluster);
    assert_eq!(admission.undecided.len(), 1);
    let messages: Vec<_> = admission
        .diagnostics
        .iter()
        .map(|one| one.message.as_str())
        .collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(
        messages[0].starts_with("the expression is not valid"),
        "{messages:?}"
    );
    assert!(
        messages[1].starts_with("no binding in the input"),
        "{messages:?}"
    );
}

#[test]
fn templates_in_the_same_language() {
    let template = r#"
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: most}
spec:
  crd: {spec: {names: {kind: Most}}}
  targets:
    - target: admission.k8s.gatekeeper.sh
      code:
        - engine: K8sNativeValidation
          source:
            variables: [{name: replicas, expression: variables.anyObject.spec.replicas}]
            validations:
              - expression: variables.replicas <= variables.params.most
                messageExpression: '"at most " + string(variables.params.most)'
---
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: Most
metadata: {name: m}
spec: {match: {kinds: [{kinds: [Deployment]}]}, parameters: {most: 5}}
"#;
    assert_eq!(
        answers(&[template, &deployment("few", 2), &deployment("many", 9)].concat()),
        [
            "Most/m Deployment/few: complies",
            "Most/m Deployment/many: at most 5"
        ]
    );
}
