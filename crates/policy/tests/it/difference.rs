//! Where Palisade's own rules say something else than Azure's.

use palisade_policy::{Catalogue, Library, Plan, differences, review};
use palisade_sources::{File, read_all};

const SUBSCRIPTION: &str = "/subscriptions/00000000-0000-0000-0000-000000000001";

/// The differences on an estate: what about, what Azure's text says, what ours.
fn found(resources: &[String]) -> Vec<String> {
    let text = format!("[{}]", resources.join(","));
    let load = |_: &()| {
        Ok(File {
            path: "estate.json".to_owned(),
            bytes: text.clone().into_bytes(),
        })
    };
    let input = read_all(&[()], load, false);
    assert!(input.diagnostics.is_empty(), "{:?}", input.diagnostics);
    let library = Library::read(&input.estate);
    let plan = Plan::of_assignments(&input.estate, &library);
    let now = "2026-11-23T12:00:00Z".parse().unwrap();
    let catalogue = Catalogue::built_in();
    let review = review(&input.estate, plan, &catalogue, now);
    let each = differences(&review, &catalogue, now);
    let line = |one: &palisade_policy::Difference<'_>| {
        let object = one.object.map(|object| object.display_name());
        let target = review.targets[one.target].id.name().to_owned();
        format!("{} {} {}", object.unwrap_or(target), one.azures, one.own)
    };
    each.iter().map(line).collect()
}

fn cluster() -> String {
    format!(
        r#"{{"id": "{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks",
            "type": "Microsoft.ContainerService/managedClusters", "name": "aks", "location": "westeurope",
            "properties": {{"networkProfile": {{"networkPlugin": "kubenet"}}}}}}"#
    )
}

fn assigned(name: &str) -> String {
    format!(
        r#"{{"id": "{SUBSCRIPTION}/providers/Microsoft.Authorization/policyAssignments/a",
            "type": "Microsoft.Authorization/policyAssignments", "name": "a", "properties":
            {{"policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/{name}"}}}}"#
    )
}

/// A text that Azure might publish for "Azure Kubernetes Clusters should use Azure CNI".
#[test]
fn a_text_that_says_something_else_counts_and_is_told() {
    let name = "46238e2f-3f6f-4589-9f3f-77bed4116e67";
    let text = |refused: &str| {
        format!(
            r#"{{"id": "/providers/Microsoft.Authorization/policyDefinitions/{name}", "name": "{name}",
                "type": "Microsoft.Authorization/policyDefinitions", "properties": {{"displayName": "CNI",
                "policyType": "BuiltIn", "mode": "Indexed", "parameters": {{"effect": {{"type": "String",
                "allowedValues": ["Audit", "Disabled"], "defaultValue": "Audit"}}}}, "policyRule": {{"if": {{"allOf": [
                {{"field": "type", "equals": "Microsoft.ContainerService/managedClusters"}},
                {{"field": "Microsoft.ContainerService/managedClusters/networkProfile.networkPlugin", "{refused}"}}]}},
                "then": {{"effect": "[parameters('effect')]"}}}}}}}}"#
        )
    };
    let alike = text(r#"equals": "kubenet"#);
    assert_eq!(found(&[cluster(), assigned(name), alike]), [""; 0]);
    let other = text(r#"equals": "none"#);
    let told = found(&[cluster(), assigned(name), other]);
    assert_eq!(told, ["aks compliant non-compliant"]);
    assert_eq!(found(&[cluster(), assigned(name)]), [""; 0]);
}

/// A cluster's own template that lets everything pass.
#[test]
fn so_does_a_template_of_the_cluster() {
    let name = "d46c275d-1680-448d-b2ec-e495a3b6cc89";
    let template = r#"{"apiVersion": "templates.gatekeeper.sh/v1", "kind": "ConstraintTemplate", "metadata": {
        "name": "k8sazurev1externalips", "annotations": {"source": "https://store.policy.core.windows.net/kubernetes/allowed-external-ips/v1/template.yaml"}},
        "spec": {"crd": {"spec": {"names": {"kind": "K8sAzureV1ExternalIPs"}}}, "targets": [{"target": "admission.k8s.gatekeeper.sh",
        "rego": "package k8sazurev1externalips\n\nviolation[{\"msg\": msg}] {\n  false\n  msg := \"never\"\n}\n"}]}}"#;
    let service = r#"{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "namespace": "shop"},
        "spec": {"externalIPs": ["192.0.2.1"], "ports": [{"port": 443}]}}"#;
    let with_own = [cluster(), service.to_owned(), assigned(name)];
    assert_eq!(found(&with_own), [""; 0]);
    let with_template = [with_own.as_slice(), &[template.to_owned()]].concat();
    assert_eq!(found(&with_template), ["Service/s compliant non-compliant"]);
}
