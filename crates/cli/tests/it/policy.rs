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
