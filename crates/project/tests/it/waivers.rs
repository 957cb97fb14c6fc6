use palisade_controls::SuppressionKind;
use palisade_project::every_control;

use crate::{Files, Judged, files, judge};

const CLUSTER: &str = r#"{
  "id": "/subscriptions/s1/resourceGroups/rg-dev/providers/Microsoft.ContainerService/managedClusters/aks-1",
  "name": "aks-1",
  "tags": { "environment": "dev" },
  "properties": { "networkProfile": {
    "outboundType": "loadBalancer"
  } }
}"#;

fn cluster() -> Files {
    files(&[("cluster.json", CLUSTER)])
}

/// The configuration with a waiver of FW001.
fn waiver(keys: &str) -> String {
    format!("select = [\"FW001\"]\n[[waiver]]\ncontrols = [\"FW001\"]\n{keys}\n")
}

fn is_waived(judged: &Judged, code: &str) -> bool {
    let mut findings = judged.audit.findings.iter();
    let finding = findings.find(|one| one.control.code == code).unwrap();
    finding.suppression.is_some()
}

#[test]
fn a_waiver_says_what_it_is_about() {
    for (keys, is_about) in [
        ("id = \"aks-1\"", true),
        ("id = \"AKS-*\"", true),
        ("id = \"**/resourceGroups/rg-dev/**\"", true),
        ("id = \"**/resourceGroups/rg-prod/**\"", false),
        ("tag = \"environment\"", true),
        ("tag = \"Environment=d*\"", true),
        ("tag = \"environment=prod\"", false),
        ("tag = \"owner\"", false),
        ("cluster = \"aks-?\"", true),
        ("cluster = \"aks-2\"", false),
        ("namespace = \"*\"", false),
        ("id = \"aks-1\"\ntag = \"environment=prod\"", false),
    ] {
        let judged = judge(&cluster(), &waiver(&format!("{keys}\nreason = \"agreed\"")));
        assert_eq!(is_waived(&judged, "FW001"), is_about, "{keys}");
    }
}

#[test]
fn a_waiver_is_kept_with_the_finding() {
    let keys = "id = \"aks-1\"\nreason = \"agreed\"\nowner = \"team\"\nexpires = 2026-11-23";
    let judged = judge(&cluster(), &waiver(keys));
    assert_eq!(judged.failures(), [""; 0]);
    let suppression = judged.audit.findings[0].suppression.as_ref().unwrap();
    assert_eq!(suppression.kind, SuppressionKind::Configuration);
    assert_eq!(suppression.reason, "agreed");
    assert_eq!(suppression.owner.as_deref(), Some("team"));
    assert_eq!(suppression.expires.unwrap().to_string(), "2026-11-23");
    assert!(format!("{:?}", suppression.place).contains("palisade.toml"));
}

#[test]
fn a_waiver_that_does_not_hold_is_a_finding_and_waives_nothing() {
    for (keys, told) in [
        (
            "id = \"aks-1\"",
            "PJ003 waiver of FW001: the waiver gives no reason, so it waives nothing",
        ),
        (
            "id = \"aks-1\"\nreason = \"  \"",
            "PJ003 waiver of FW001: the waiver gives no reason, so it waives nothing",
        ),
        (
            "id = \"aks-1\"\nreason = \"agreed\"\nexpires = 2026-11-22",
            "PJ002 waiver of FW001: the waiver expired on 2026-11-22",
        ),
    ] {
        let failures = judge(&cluster(), &waiver(keys)).failures();
        assert_eq!(failures.len(), 2, "{failures:?}");
        assert!(failures[0].starts_with("FW001 aks-1"), "{failures:?}");
        assert_eq!(failures[1], told);
    }
}

#[test]
fn a_waiver_of_what_passes_is_a_finding() {
    let good = CLUSTER.replace("loadBalancer", "userDefinedRouting");
    let estate = files(&[("cluster.json", &good)]);
    let judged = judge(&estate, &waiver("id = \"aks-1\"\nreason = \"agreed\""));
    assert_eq!(
        judged.failures(),
        ["PJ001 waiver of FW001: no failure of FW001 to waive"]
    );
    // What isn't asked can't be needless.
    let other = waiver("id = \"aks-1\"\nreason = \"agreed\"")
        .replace("select = [\"FW001\"]", "select = [\"FW002\"]");
    assert!(
        judge(&estate, &other)
            .failures()
            .iter()
            .all(|line| !line.starts_with("PJ"))
    );
}

/// Half of an estate doesn't make the waivers of the other half failures.
#[test]
fn a_waiver_of_what_is_outside_the_input_is_unknown() {
    let judged = judge(&cluster(), &waiver("id = \"aks-2\"\nreason = \"agreed\""));
    assert!(
        judged
            .failures()
            .iter()
            .all(|line| line.starts_with("FW001"))
    );
    assert_eq!(
        judged.lines(palisade_controls::Finding::is_unknown),
        ["PJ001 waiver of FW001: no answer of FW001 is about id aks-2"]
    );
}

#[test]
fn comments_waive_what_they_stand_beside() {
    for (place, comment) in [
        (
            "    \"outboundType\"",
            "    // palisade: ignore[FW001] agreed\n    \"outboundType\"",
        ),
        (
            "\"loadBalancer\"",
            "\"loadBalancer\" // palisade: ignore[FW001, FW002] agreed (until 2027-01-31)",
        ),
        (
            "  \"properties\"",
            "  /* palisade: ignore[outbound-type-bypasses-firewall] agreed */\n  \"properties\"",
        ),
        ("{\n  \"id\"", "// palisade: ignore[FW] agreed\n{\n  \"id\""),
    ] {
        let text = CLUSTER.replacen(place, comment, 1);
        assert_ne!(text, CLUSTER);
        let judged = judge(&files(&[("c.json", &text)]), "select = [\"FW001\"]");
        assert!(is_waived(&judged, "FW001"), "{text}");
        assert_eq!(judged.failures(), [""; 0], "{text}");
    }
    let beside = CLUSTER.replacen(
        "\"name\"",
        "// palisade: ignore[FW001] agreed\n  \"name\"",
        1,
    );
    let failures = judge(&files(&[("c.json", &beside)]), "select = [\"FW001\"]").failures();
    assert_eq!(failures.len(), 2, "{failures:?}");
    assert_eq!(
        failures[1],
        "PJ001 waiver of FW001: no failure of FW001 to waive"
    );
}

const WORKLOADS: &str = r#"apiVersion: v1
kind: Namespace
metadata:
  name: shop
---
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: agent
  namespace: shop
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata:
      labels: {app: agent}
    spec:
      hostNetwork: true
      containers:
      - name: agent
        image: agent
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: other}
spec: {podSelector: {}}
"#;

#[test]
fn yaml_has_comments_too() {
    let select = "select = [\"NP004\", \"NP005\"]";
    let before = judge(&files(&[("w.yaml", WORKLOADS)]), select).failures();
    assert_eq!(before.len(), 2, "{before:?}");
    let text = format!("# palisade: ignore[NP004] agreed\n{WORKLOADS}");
    let after = judge(&files(&[("w.yaml", &text)]), select).failures();
    assert_eq!(after, before[1..]);
    let text = WORKLOADS.replace("name: shop\n", "name: shop # palisade: ignore[NP] agreed\n");
    assert_eq!(
        judge(&files(&[("w.yaml", &text)]), select).failures(),
        [""; 0]
    );
}

#[test]
fn annotations_waive_findings_about_their_object() {
    let select = "select = [\"NP010\"]";
    assert_eq!(
        judge(&files(&[("w.yaml", WORKLOADS)]), select)
            .failures()
            .len(),
        1
    );
    for (place, annotated) in [
        (
            "  name: agent\n  namespace",
            "  annotations: {palisade/ignore.NP010: agreed}\n  name: agent\n  namespace",
        ),
        (
            "      labels:",
            "      annotations: {palisade/ignore.host-network-pod: agreed}\n      labels:",
        ),
    ] {
        let text = WORKLOADS.replacen(place, annotated, 1);
        let judged = judge(&files(&[("w.yaml", &text)]), select);
        assert_eq!(judged.failures(), [""; 0], "{text}");
        let finding = &judged.audit.findings[0];
        assert_eq!(
            finding.suppression.as_ref().unwrap().kind,
            SuppressionKind::Annotation
        );
    }
    let text = WORKLOADS.replacen(
        "  name: shop\n",
        "  name: shop\n  annotations: {palisade/ignore.NP010: \"\", palisade/ignore.NP99: x}\n",
        1,
    );
    let failures = judge(&files(&[("w.yaml", &text)]), select).failures();
    assert!(
        failures.iter().any(|line| line.starts_with("PJ003")),
        "{failures:?}"
    );
    assert!(
        failures
            .iter()
            .any(|line| line.starts_with("PJ004 waiver: no control is called `NP99`")),
        "{failures:?}"
    );
}

#[test]
fn a_waiver_by_namespace() {
    let toml = "select = [\"NP004\", \"NP005\", \"NP010\"]\n[[waiver]]\ncontrols = [\"NP\"]\nnamespace = \"sh*\"\nreason = \"agreed\"";
    assert_eq!(
        judge(&files(&[("w.yaml", WORKLOADS)]), toml).failures(),
        [""; 0]
    );
}

fn exempted(expires: &str, definition: &str) -> Files {
    let scope = "/subscriptions/s1/resourceGroups/rg-dev";
    let assignment = format!("{scope}/providers/Microsoft.Authorization/policyAssignments/private");
    let assigned = format!(
        r#"{{"id": "{assignment}", "name": "private", "type": "Microsoft.Authorization/policyAssignments", "properties": {{"policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/{definition}"}}}}"#
    );
    let exemption = format!(
        r#"{{"id": "{scope}/providers/Microsoft.Authorization/policyExemptions/e", "name": "e", "type": "Microsoft.Authorization/policyExemptions", "properties": {{"policyAssignmentId": "{assignment}", "exemptionCategory": "Waiver", "description": "the ranges are guarded elsewhere", "expiresOn": "{expires}"}}}}"#
    );
    files(&[
        ("cluster.json", CLUSTER),
        ("assignment.json", &assigned),
        ("exemption.json", &exemption),
    ])
}

/// A control that asks what a built-in definition asks, and fails about the cluster.
fn exemptible() -> (&'static str, &'static str) {
    let control = every_control()
        .find(|control| control.code == "PC001")
        .unwrap();
    let mut equivalents = control.equivalents.iter();
    let asked = equivalents
        .find(|one| one.framework.as_str() == "azure-policy")
        .unwrap();
    (control.code, asked.id)
}

#[test]
fn exemptions_of_azure_policy_waive_where_the_project_honours_them() {
    let (code, definition) = exemptible();
    let select = format!("select = [\"{code}\"]\n");
    let honour = format!("{select}honour-policy-exemptions = true\n");
    let fails = |estate: &Files, toml: &str| !judge(estate, toml).failures().is_empty();
    let estate = exempted("2027-01-31T00:00:00Z", definition);
    assert!(fails(&estate, &select));
    assert!(!fails(&estate, &honour));
    let judged = judge(&estate, &honour);
    let suppression = judged.audit.findings[0].suppression.as_ref().unwrap();
    assert_eq!(suppression.kind, SuppressionKind::Exemption);
    assert_eq!(
        suppression.reason,
        "the ranges are guarded elsewhere (Waiver)"
    );
    // Past its end, of another definition, without the assignment, on another scope: no waiver.
    assert!(fails(
        &exempted("2026-01-31T00:00:00Z", definition),
        &honour
    ));
    assert!(fails(
        &exempted(
            "2027-01-31T00:00:00Z",
            "00000000-0000-0000-0000-000000000000"
        ),
        &honour
    ));
    let without: Files = estate
        .iter()
        .filter(|(path, _)| path != "assignment.json")
        .cloned()
        .collect();
    assert!(fails(&without, &honour));
    let elsewhere: Files = estate
        .iter()
        .map(|(path, content)| {
            (
                path.clone(),
                if path == "cluster.json" {
                    content.replace("rg-dev", "rg-prod")
                } else {
                    content.clone()
                },
            )
        })
        .collect();
    assert!(fails(&elsewhere, &honour));
}

/// What Terraform or a template makes is waived where it is written and where it is used.
#[test]
fn comments_reach_what_a_file_makes() {
    let terraform = "# palisade: ignore[FW001] agreed\nresource \"azurerm_kubernetes_cluster\" \"a\" {\n  name                = \"aks-1\"\n  location            = \"westeurope\"\n  resource_group_name = \"rg\"\n  network_profile {\n    network_plugin = \"azure\"\n    outbound_type  = \"loadBalancer\"\n  }\n}\n";
    let template = r#"{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {
    // palisade: ignore[FW001] agreed
    "outbound": { "type": "string", "defaultValue": "loadBalancer" }
  },
  "resources": [
    {
      "type": "Microsoft.ContainerService/managedClusters",
      "apiVersion": "2025-05-01",
      "name": "aks-1",
      "location": "westeurope",
      "properties": { "networkProfile": { "outboundType": "[parameters('outbound')]" } }
    }
  ]
}"#;
    for (path, text) in [("main.tf", terraform), ("azuredeploy.json", template)] {
        let judged = judge(&files(&[(path, text)]), "select = [\"FW001\"]");
        assert!(is_waived(&judged, "FW001"), "{path}");
        assert_eq!(judged.failures(), [""; 0], "{path}");
        let without = text.replace("palisade: ignore", "ignore");
        let judged = judge(&files(&[(path, &without)]), "select = [\"FW001\"]");
        assert_eq!(judged.failures().len(), 1, "{path}");
    }
}
