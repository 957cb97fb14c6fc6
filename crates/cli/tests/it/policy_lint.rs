//! `palisade policy lint` as a user sees it.

use crate::{folder, palisade, run};

const DEFINITION: &str = r#"{"properties": {"displayName": "no kubenet", "mode": "Indexed",
  "parameters": {"effect": {"type": "String", "allowedValues": ["Audit", "Deny"], "defaultValue": "Disabled"}},
  "policyRule": {"if": {"allOf": [
    {"field": "type", "equals": "Microsoft.ContainerService/managedClusters"},
    {"field": "Microsoft.ContainerService/managedClusters/networkProfile.networkPlugins", "equals": "kubenet"}]},
  "then": {"effect": "[parameters('effect')]"}}}}"#;

const ALIASES: &str = r#"[{"namespace": "Microsoft.ContainerService", "resourceTypes": [{"resourceType": "managedClusters",
  "aliases": [{"name": "Microsoft.ContainerService/managedClusters/networkProfile.networkPlugins",
    "defaultPath": "properties.networkProfile.networkPlugins"}]}]}]"#;

fn linted(arguments: &[&str]) -> (String, i32) {
    let files = folder(&[("kubenet.json", DEFINITION), ("aliases/list.json", ALIASES)]);
    let mut all = vec!["policy", "lint", "kubenet.json"];
    all.extend(arguments);
    let run = run(files.path(), &all, "");
    (run.stdout(), run.code())
}

#[test]
fn lints_show_their_line() {
    let (text, code) = linted(&[]);
    assert_eq!(code, 1, "{text}");
    for said in [
        "POL002",
        "kubenet.json:5:15",
        "POL007",
        "kubenet.json:2:",
        "no alias is called `Microsoft.ContainerService/managedClusters/networkProfile.networkPlugins`",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
    assert!(!text.contains("score"), "{text}");
}

#[test]
fn azures_own_list_of_aliases_counts_first() {
    let arguments = ["--aliases", "aliases/list.json", "--format", "concise"];
    let (text, _) = linted(&arguments);
    assert!(!text.contains("POL002"), "{text}");
    assert!(text.contains("POL007"), "{text}");
}

#[test]
fn every_format_of_a_report_takes_lints() {
    for format in [
        "json",
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
        let (text, code) = linted(&["--format", format]);
        assert_eq!(code, 1, "{format}");
        assert!(text.contains("POL002"), "{format}: {text}");
    }
    assert_eq!(linted(&["--fail-on", "critical"]).1, 0);
    assert_eq!(linted(&["--ignore", "POL"]).1, 0);
}

/// Exemptions and assignments are asked what an audit asks of them.
#[test]
fn exemptions_are_looked_at_too() {
    let run = palisade(&[
        "policy",
        "lint",
        "examples/weak",
        "--format",
        "concise",
        "--today",
        "2026-11-23",
    ]);
    let expired = "the exemption ended on";
    assert!(run.stdout().contains(expired), "{}", run.stdout());
    let lint = palisade(&["policy", "lint", "examples/policy", "--format", "concise"]);
    assert_eq!(lint.code(), 0, "{}", lint.stdout());
    let page = palisade(&["explain", "pol009"]);
    assert!(page.stdout().contains("mode-unfit"), "{}", page.stdout());
}
