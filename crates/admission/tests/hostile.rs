//! Whatever stands in templates, policies and objects, the rest is judged.
#![allow(clippy::expect_used, clippy::panic)]

mod cluster;

use cluster::read;
use palisade_admission::{Definition, judge};
use proptest::prelude::*;
use serde_json::json;

const POD: &str =
    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a}]}\n";

fn template(kind: &str, code: &str) -> String {
    let indented = code.replace('\n', "\n        ");
    format!(
        "---\napiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {{name: {}}}\nspec:\n  crd: {{spec: {{names: {{kind: {kind}}}}}}}\n  targets:\n    - target: admission.k8s.gatekeeper.sh\n      rego: |\n        {indented}\n---\napiVersion: constraints.gatekeeper.sh/v1beta1\nkind: {kind}\nmetadata: {{name: c}}\nspec: {{match: {{kinds: [{{kinds: [Pod]}}]}}}}\n",
        kind.to_lowercase()
    )
}

fn policy(expression: &str) -> String {
    let expression = serde_json::to_string(expression).unwrap_or_default();
    format!(
        "---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {{name: p}}\nspec:\n  matchConstraints: {{resourceRules: [{{apiGroups: [\"\"], apiVersions: [v1], operations: [\"*\"], resources: [pods]}}]}}\n  validations: [{{expression: {expression}}}]\n---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\nmetadata: {{name: b}}\nspec: {{policyName: p, validationActions: [Deny]}}\n"
    )
}

/// Judges a cluster whose one sound template has to be heard.
fn survives(manifests: &str) {
    let sound = template(
        "Sound",
        "package sound\nviolation[{\"msg\": \"heard\"}] { true }",
    );
    let input = read(&[&sound, manifests, POD].map(|text| text).concat());
    let mut heard = 0;
    for cluster in input.estate.clusters() {
        let admission = judge(&cluster);
        heard += admission
            .judgements
            .iter()
            .filter(|judgement| judgement.rule.kind == "Sound" && judgement.object.name() == "p")
            .count();
    }
    assert_eq!(heard, 1, "{manifests}");
}

#[test]
fn deep_and_long_expressions() {
    let deep = |open: &str, close: &str, count: usize| {
        format!("{}1{}", open.repeat(count), close.repeat(count))
    };
    for expression in [
        deep("(", ")", 80),
        deep("[", "]", 80),
        deep("{'a': ", "}", 80),
        deep("true ? ", " : 2", 60),
        deep("!", "", 2_000),
        "true || ".repeat(1_500) + "true",
        "1 + ".repeat(3_000) + "1 > 0",
        "object".to_owned() + &".a".repeat(3_000),
        "[1].map(x, ".repeat(30) + "1" + &")".repeat(30),
        "'a'.matches('(a{900}){90}')".to_owned(),
        "\u{0}'".to_owned(),
    ] {
        survives(&policy(&expression));
    }
}

#[test]
fn chains_of_rules_at_their_limit() {
    for length in [40, 60, 4_000] {
        let rules: String = (0..length)
            .map(|at| format!("f{at}(x) = y {{ y := [z | z := f{}(x)] }}\n", at + 1))
            .collect();
        let module = format!(
            "package chain\nviolation[{{\"msg\": \"x\"}}] {{ f0(1) }}\n{rules}f{length}(x) = x {{ true }}"
        );
        survives(&template("Chain", &module));
    }
}

#[test]
fn objects_that_name_one_node_many_times() {
    let mut text =
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: many}\na0: &a0 [1, 1]\n".to_owned();
    for level in 1..26 {
        let below = level - 1;
        text += &format!("a{level}: &a{level} [*a{below}, *a{below}]\n");
    }
    survives(&text);
}

const PIECES: &[&str] = &[
    "package p",
    "violation",
    "[{\"msg\": msg}]",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "not",
    "f(x)",
    "some x",
    ":=",
    "=",
    "input.review.object",
    "\n",
    ";",
    "|",
    "\"a\"",
    "`",
    "#",
    "else",
    "default",
    "import data.lib.x",
    "with input as 1",
    "count",
    "sprintf(\"%v\", [x])",
    "replace(\"a\", \"a\", \"b\")",
    "x",
    "1",
    ".",
    ",",
    "_",
    "in",
    "every",
    "é",
];

const WORDS: &[&str] = &[
    "object",
    ".metadata",
    ".name",
    "has(",
    ")",
    "==",
    "'a'",
    "1",
    "[",
    "]",
    "{",
    "}",
    ".all(x, ",
    "||",
    "&&",
    "?",
    ":",
    "!",
    "params",
    "variables.x",
    "request.userInfo",
    ".?",
    "in",
    "size(",
    ",",
    "1u",
    "-",
    "b'x'",
    "é",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_module(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        survives(&template("Any", &format!("package any\n{}", pieces.join(" "))));
    }

    #[test]
    fn any_expression(words in prop::collection::vec(prop::sample::select(WORDS), 0..25)) {
        survives(&policy(&words.join(" ")));
    }

    #[test]
    fn any_text(text in "\\PC{0,60}") {
        survives(&template("Any", &text));
        survives(&policy(&text));
    }

    /// Criteria either are refused or ask some of the objects.
    #[test]
    fn any_criteria(key in prop::sample::select(&["kinds", "namespaces", "labelSelector", "scope", "name", "source"][..]), value in "(null|\\[\\]|\\{\\}|\\[1\\]|\"\\*?[a-z]{0,3}\\*?\"|\\[\\{\"kinds\": \\[\"Pod\"\\]\\}\\]|\\{\"matchLabels\": \\{\"a\": 1\\}\\})") {
        let value = serde_json::from_str(&value).unwrap_or(json!(null));
        let input = read(POD);
        let cluster = input.estate.clusters().next().expect("a cluster");
        let criteria = json!({ key: value });
        let definition = Definition {
            template: "block-host-namespace",
            version: "v3",
            parameters: &json!({}),
            criteria: &criteria,
            action: palisade_admission::Action::Deny,
        };
        let _ = palisade_admission::evaluate(&cluster, &definition);
    }
}

/// A manifest of a plan with a field that is known only after it is applied.
#[test]
fn what_is_not_known_before_deployment_decides_nothing() {
    let plan = json!({
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "resource_changes": [{
            "address": "kubernetes_manifest.s", "mode": "managed", "type": "kubernetes_manifest", "name": "s",
            "change": {
                "actions": ["create"],
                "after": {"manifest": {
                    "apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"},
                    "spec": {"ports": [{"port": 443}], "externalIPs": [null]},
                }},
                "after_unknown": {"manifest": {"spec": {"externalIPs": [true]}}},
            },
        }],
    });
    let input = read(&plan.to_string());
    let cluster = input.estate.clusters().next().expect("a cluster");
    let says = |template: &str, parameters| {
        let definition = Definition {
            template,
            version: "v1",
            parameters: &parameters,
            criteria: &json!({"kinds": [{"kinds": ["Service"]}]}),
            action: palisade_admission::Action::Deny,
        };
        let compliance = palisade_admission::evaluate(&cluster, &definition).expect("criteria");
        cluster::said(&compliance.judgements.first().expect("a judgement").verdict)
    };
    // What a predicate doesn't read may be unknown.
    assert_eq!(
        says("service-allowed-ports", json!({"allowedPorts": ["443"]})),
        "complies"
    );
    let of_ips = says("allowed-external-ips", json!({"allowedExternalIPs": ["a"]}));
    assert!(of_ips.starts_with("undecided"), "{of_ips}");
}
