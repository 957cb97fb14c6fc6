//! `palisade policy` as a user sees it.

use crate::{folder, palisade, run};

const CLUSTER: &str = r#"{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/aks",
  "type": "Microsoft.ContainerService/managedClusters", "name": "aks", "location": "westeurope",
  "properties": {"networkProfile": {"networkPlugin": "kubenet"}}}"#;

const DEFINITION: &str = r#"{"properties": {"displayName": "no kubenet", "mode": "Indexed", "policyRule": {
  "if": {"allOf": [
    {"field": "type", "equals": "Microsoft.ContainerService/managedClusters"},
    {"field": "Microsoft.ContainerService/managedClusters/networkProfile.networkPlugin", "equals": "kubenet"}]},
  "then": {"effect": "deny"}}}}"#;

#[test]
fn what_is_assigned_and_broken_fails() {
    let run = palisade(&["policy", "check", "examples/weak"]);
    assert_eq!(run.code(), 1, "{}", run.stderr());
    assert!(run.stdout().contains("non-compliant (Audit)"));
    assert!(
        run.stdout()
            .contains("Not assigned; would fail if they were")
    );
    let run = palisade(&[
        "policy",
        "check",
        "examples/hardened",
        "--today",
        "2026-11-23",
    ]);
    assert_eq!(run.code(), 0, "{}", run.stdout());
}

#[test]
fn a_definition_of_a_file_is_asked_and_explained() {
    let files = folder(&[("aks.json", CLUSTER), ("rules/kubenet.json", DEFINITION)]);
    let arguments = ["policy", "check", "aks.json", "--explain"];
    let mut with_file = arguments.to_vec();
    with_file.extend(["--definition", "rules/kubenet.json"]);
    let run = run(files.path(), &with_file, "");
    assert_eq!(run.code(), 1, "{}", run.stderr());
    let place = "saw \"kubenet\" at aks.json:3:";
    assert!(run.stdout().contains(place), "{}", run.stdout());
}

#[test]
fn what_nobody_knows_is_a_usage_error() {
    let files = folder(&[("aks.json", CLUSTER)]);
    let unknown = ["policy", "check", "aks.json", "--definition", "unheard-of"];
    let run = run(files.path(), &unknown, "");
    assert_eq!(run.code(), 2);
    assert!(run.stderr().contains("`unheard-of` is no file"));
}

#[test]
fn an_alias_that_nobody_knows_gives_no_verdict() {
    let files = folder(&[
        ("aks.json", CLUSTER),
        (
            "kubenet.json",
            &DEFINITION.replace("networkPlugin\"", "invented\""),
        ),
    ]);
    let arguments = [
        "policy",
        "check",
        "aks.json",
        "--definition",
        "kubenet.json",
    ];
    let plain = run(files.path(), &arguments, "");
    assert_eq!(plain.code(), 0, "{}", plain.stderr());
    assert!(
        plain.stdout().contains("isn't in the catalogue"),
        "{}",
        plain.stdout()
    );
    let mut strict = arguments.to_vec();
    strict.push("--strict");
    assert_eq!(run(files.path(), &strict, "").code(), 3);
}

#[test]
fn the_list_and_the_answers_are_json_too() {
    for arguments in [
        ["policy", "list", "examples/weak", "--format", "json"],
        ["policy", "check", "examples/weak", "--format", "json"],
    ] {
        let run = palisade(&arguments);
        assert!(run.stdout().starts_with(['[', '{']), "{}", run.stdout());
        assert!(
            run.stdout()
                .contains(r#""definition": "0e246bcf-5f6f-4f87-bc6f-775d4712c7ea""#)
        );
    }
}

/// A definition that refuses kubenet, and its assignment.
const POLICIES: &str = r#"[{"id": "/subscriptions/s/providers/Microsoft.Authorization/policyDefinitions/no-kubenet", "name": "no-kubenet",
  "properties": {"displayName": "no kubenet", "mode": "Indexed", "policyRule": {"if": {"allOf": [
    {"field": "type", "equals": "Microsoft.ContainerService/managedClusters"},
    {"field": "Microsoft.ContainerService/managedClusters/networkProfile.networkPlugin", "equals": "kubenet"}]},
    "then": {"effect": "deny"}}}},
  {"id": "/subscriptions/s/providers/Microsoft.Authorization/policyAssignments/net", "name": "net", "properties": {
    "displayName": "Networks", "policyDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/policyDefinitions/no-kubenet"}}]"#;

fn checked(policies: &str, arguments: &[&str]) -> (String, i32) {
    let files = folder(&[("aks.json", CLUSTER), ("policies.json", policies)]);
    let mut all = vec!["policy", "check", "."];
    all.extend(arguments);
    let run = run(files.path(), &all, "");
    (run.stdout(), run.code())
}

/// What Azure would answer, and the line to change.
#[test]
fn a_refusal_reads_like_azures() {
    let (text, code) = checked(POLICIES, &[]);
    assert_eq!(code, 1, "{text}");
    let answer = r#"Resource 'aks' was disallowed by policy. Policy identifiers: '[{"policyAssignment":{"name":"Networks","id":"/subscriptions/s/providers/Microsoft.Authorization/policyAssignments/net"},"policyDefinition":{"name":"no kubenet","id":"/subscriptions/s/providers/Microsoft.Authorization/policyDefinitions/no-kubenet"}}]'."#;
    assert!(text.contains(answer), "{text}");
    let change = "change aks.json:3:54: Microsoft.ContainerService/managedClusters/networkProfile.networkPlugin equals kubenet; it is \"kubenet\"";
    assert!(text.contains(change), "{text}");
    let reasoned = POLICIES.replace(
        r#""displayName": "Networks","#,
        r#""nonComplianceMessages": [{"message": "use Azure CNI"}],"#,
    );
    let (text, _) = checked(&reasoned, &[]);
    let answer = "Reasons: 'use Azure CNI'. See error details for policy resource IDs.";
    assert!(text.contains(answer), "{text}");
    let reported = POLICIES.replace(
        r#""displayName": "Networks","#,
        r#""enforcementMode": "DoNotEnforce","#,
    );
    let (text, code) = checked(&reported, &[]);
    assert_eq!(code, 1, "{text}");
    assert!(!text.contains("disallowed"), "{text}");
}

#[test]
fn every_format_of_a_report_takes_policies() {
    for format in [
        "concise",
        "sarif",
        "github",
        "azure-pipelines",
        "junit",
        "html",
        "markdown",
        "csv",
        "ocsf",
        "oscal",
        "prometheus",
    ] {
        let (text, code) = checked(POLICIES, &["--format", format]);
        assert_eq!(code, 1, "{format}");
        assert!(text.contains("no-kubenet"), "{format}: {text}");
    }
    let (sarif, _) = checked(POLICIES, &["--format", "sarif"]);
    assert!(sarif.contains("palisade/policy"), "{sarif}");
    let (junit, _) = checked(POLICIES, &["--format", "junit"]);
    assert!(junit.contains(r#"tests="1" failures="1""#), "{junit}");
    let files = folder(&[("aks.json", CLUSTER), ("policies.json", POLICIES)]);
    let written = ["policy", "check", ".", "-o", "a.xlsx", "-o", "a.json"];
    assert_eq!(run(files.path(), &written, "").code(), 1);
    let json = std::fs::read_to_string(files.path().join("a.json")).unwrap();
    assert!(json.contains(r#""reason": "#), "{json}");
}

/// Gatekeeper's constraints and admission policies of the input are asked too.
#[test]
fn rules_of_admission_have_a_section() {
    let objects = r#"
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: ports }
spec:
  matchConstraints: { resourceRules: [ { apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [services] } ] }
  validations: [ { expression: "object.spec.ports.all(p, p.port != 22)", message: no shells } ]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: all }
spec: { policyName: ports, validationActions: [Deny] }
---
apiVersion: v1
kind: Service
metadata: { name: jump, namespace: shop }
spec: { ports: [ { port: 22 } ] }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { ports: [ { port: 443 } ] }
"#;
    let files = folder(&[("objects.yaml", objects)]);
    let shown = run(files.path(), &["policy", "check", "."], "");
    assert_eq!(shown.code(), 1, "{}", shown.stdout());
    let answer = "ValidatingAdmissionPolicy 'ports' with binding 'all' denied request: no shells";
    assert!(shown.stdout().contains(answer), "{}", shown.stdout());
    let summary = "Rules of admission: 1; 1 compliant, 1 non-compliant";
    assert!(shown.stdout().contains(summary), "{}", shown.stdout());
    let sarif = run(
        files.path(),
        &["policy", "check", ".", "--format", "sarif"],
        "",
    );
    assert!(
        sarif
            .stdout()
            .contains("ValidatingAdmissionPolicy/ports/all")
    );
}
