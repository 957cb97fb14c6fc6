//! `palisade policy test` as a user sees it.

use crate::{folder, palisade, run};

const DEFINITION: &str = r#"{"properties": {"displayName": "no kubenet", "mode": "Indexed",
  "parameters": {"effect": {"type": "String", "allowedValues": ["Audit", "Deny"], "defaultValue": "Audit"}},
  "policyRule": {"if": {"allOf": [
    {"field": "type", "equals": "Microsoft.ContainerService/managedClusters"},
    {"field": "Microsoft.ContainerService/managedClusters/networkProfile.networkPlugin", "equals": "kubenet"}]},
  "then": {"effect": "[parameters('effect')]"}}}}"#;

const SUITE: &str = "\
definition: kubenet.json
parameters: { effect: Deny }
tests:
  - name: kubenet is refused
    given: &kubenet
      type: Microsoft.ContainerService/managedClusters
      name: aks-1
      location: westeurope
      properties: { networkProfile: { networkPlugin: kubenet } }
    expect: non-compliant
    effect: Deny
  - name: and audited where that is asked for
    parameters: { effect: Audit }
    given: *kubenet
    expect: [ { subject: AKS-1, state: non-compliant, effect: Audit } ]
  - name: a file may be given
    given: aks.json
    expect: compliant
";

const CLUSTER: &str = r#"{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/aks",
  "type": "Microsoft.ContainerService/managedClusters", "name": "aks", "location": "westeurope",
  "properties": {"networkProfile": {"networkPlugin": "azure"}}}"#;

/// The output and the exit code of the suite with some text replaced.
fn changed(from: &str, to: &str, format: &str) -> (String, i32) {
    let files = folder(&[
        ("kubenet.json", DEFINITION),
        ("kubenet.policy-test.yaml", &SUITE.replace(from, to)),
        ("aks.json", CLUSTER),
    ]);
    let run = run(files.path(), &["policy", "test", "--format", format], "");
    (run.stdout(), run.code())
}

#[test]
fn the_suites_of_the_examples_pass() {
    let run = palisade(&["policy", "test", "examples/policy"]);
    assert_eq!(run.code(), 0, "{}", run.stdout());
    assert!(
        run.stdout().contains("tests: 7; 7 passed"),
        "{}",
        run.stdout()
    );
}

#[test]
fn what_comes_true_passes() {
    let (text, code) = changed("", "", "terminal");
    assert_eq!(code, 0, "{text}");
    insta::assert_snapshot!("suite_passed", text);
}

#[test]
fn what_doesnt_is_explained() {
    let (text, code) = changed("expect: compliant", "expect: non-compliant", "terminal");
    assert_eq!(code, 1, "{text}");
    insta::assert_snapshot!("suite_failed", text);
    let (junit, _) = changed("expect: compliant", "expect: non-compliant", "junit");
    assert!(
        junit.contains(r#"tests="3" failures="1" errors="0""#),
        "{junit}"
    );
    let (json, _) = changed("expect: compliant", "expect: non-compliant", "json");
    assert!(json.contains(r#""outcome": "failed""#), "{json}");
}

/// What is wrong with a test breaks that test; the others are run.
#[test]
fn a_broken_test_is_an_error_at_its_line() {
    for (from, to, said) in [
        (
            "effect: Audit }\n    given",
            "effekt: Audit }\n    given",
            "kubenet.policy-test.yaml:13:19: there is no parameter `effekt`; there is effect",
        ),
        (
            "effect: Audit }\n    given",
            "effect: Modify }\n    given",
            "kubenet.policy-test.yaml:13:27: parameter `effect` must be one of Audit, Deny",
        ),
        (
            "aks.json",
            "nowhere.json",
            "nowhere.json: no such file or folder",
        ),
        (
            "aks.json",
            "{ hello: there }",
            "kubenet.policy-test.yaml:17:12: not understood",
        ),
        (
            "expect: compliant",
            "expects: compliant",
            "nothing is called `expects` here",
        ),
        ("kubenet.json", "gone.json", "gone.json: can't be read"),
        ("kubenet.json", "nobody", "`nobody`"),
    ] {
        let (text, code) = changed(from, to, "terminal");
        assert_eq!(code, 2, "{text}");
        assert!(text.contains(said), "{said}\n{text}");
    }
}

#[test]
fn a_definition_that_cant_be_evaluated_can_be_expected() {
    let files = folder(&[
        (
            "d.json",
            &DEFINITION.replace("networkPlugin\"", "invented\""),
        ),
        (
            "d.policy-test.yaml",
            "definition: d.json\ntests:\n- name: a\n  given: aks.json\n  expect: not-evaluated\n",
        ),
        ("aks.json", CLUSTER),
    ]);
    let run = run(files.path(), &["policy", "test", "d.policy-test.yaml"], "");
    assert_eq!(run.code(), 0, "{}", run.stdout());
}

/// Assignments may be given instead of a definition.
#[test]
fn assignments_are_tested_with_their_scopes() {
    let assignment = r#"{"id": "/subscriptions/s/providers/Microsoft.Authorization/policyAssignments/a",
        "type": "Microsoft.Authorization/policyAssignments", "name": "a", "properties": {
        "notScopes": ["/subscriptions/s/resourceGroups/g"], "policyDefinitionId":
        "/providers/Microsoft.Authorization/policyDefinitions/0e246bcf-5f6f-4f87-bc6f-775d4712c7ea"}}"#;
    let suite = "tests:\n- name: left out\n  given: [aks.json, a.json]\n  expect: not-applicable\n";
    let files = folder(&[
        ("a.policy-test.yaml", suite),
        ("a.json", assignment),
        ("aks.json", CLUSTER),
    ]);
    let run = run(files.path(), &["policy", "test"], "");
    assert_eq!(run.code(), 0, "{}", run.stdout());
}

/// A member of an initiative can be asked by its reference.
#[test]
fn initiatives_are_tested_member_by_member() {
    let initiative = r#"{"properties": {"displayName": "both", "policyDefinitions": [
        {"policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/kubenet", "policyDefinitionReferenceId": "plugin"},
        {"policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/0e246bcf-5f6f-4f87-bc6f-775d4712c7ea", "policyDefinitionReferenceId": "ranges"}]}}"#;
    let suite = "initiative: i.json\ndefinitions: [kubenet.json]\ntests:\n- name: both\n  given: aks.json\n  expect:\n  - {subject: aks, state: non-compliant}\n  - {subject: aks, policy: plugin, state: compliant}\n  - {subject: aks, policy: RANGES, state: non-compliant, effect: Audit}\n";
    let definition = DEFINITION.replacen(
        "{\"properties\"",
        "{\"name\": \"kubenet\", \"properties\"",
        1,
    );
    let with = |suite: &str| {
        let files = folder(&[
            ("i.policy-test.yaml", suite),
            ("i.json", initiative),
            ("kubenet.json", &definition),
            ("aks.json", CLUSTER),
        ]);
        let run = run(files.path(), &["policy", "test"], "");
        (run.stdout(), run.code())
    };
    let (text, code) = with(suite);
    assert_eq!(code, 0, "{text}");
    let (text, code) = with(&suite.replace("definitions: [kubenet.json]\n", ""));
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("i.policy-test.yaml:1:13: the definition `kubenet` isn't in the input; name its file in `definitions`"), "{text}");
}

#[test]
fn no_suite_is_no_input() {
    let files = folder(&[("aks.json", CLUSTER)]);
    assert_eq!(run(files.path(), &["policy", "test"], "").code(), 3);
}
