//! Remarks about definitions: what is one, and what isn't.

use palisade_policy::{Catalogue, LintKind, lint};
use palisade_sources::{File, Input, read_all};
use proptest::prelude::*;

const SUBSCRIPTION: &str = "/subscriptions/00000000-0000-0000-0000-000000000001";

fn input(text: &str) -> Input {
    let load = |_: &()| {
        Ok(File {
            path: "policies.json".to_owned(),
            bytes: text.as_bytes().to_vec(),
        })
    };
    read_all(&[()], load, false)
}

/// The remarks about a text: kind, place and message.
fn lints(text: &str) -> Vec<String> {
    let input = input(text);
    let found = lint(&input.estate, &Catalogue::built_in());
    let line = |lint: &palisade_policy::Lint<'_>| {
        let doubt = if lint.doubt.is_some() { "?" } else { "" };
        format!(
            "{:?}{doubt} {} {}",
            lint.kind,
            lint.at.position(),
            lint.message
        )
    };
    found.iter().map(line).collect()
}

/// A definition with an effect that is a parameter.
fn definition(condition: &str, more: &str) -> String {
    format!(
        r#"{{"properties": {{"displayName": "x", "mode": "All", {more} "parameters": {{"effect": {{"type":
        "String", "allowedValues": ["Audit", "Deny", "Disabled"], "defaultValue": "Audit"}}}},
        "policyRule": {{"if": {condition}, "then": {{"effect": "[parameters('EFFECT')]"}}}}}}}}"#
    )
}

const TYPE: &str = r#"{"field": "type", "equals": "Microsoft.Network/virtualNetworks"}"#;

#[test]
fn what_is_right_is_not_remarked_upon() {
    for condition in [
        TYPE.to_owned(),
        // Any item, as Azure's documentation writes it.
        format!(
            r#"{{"allOf": [{TYPE}, {{"not": {{"field": "Microsoft.Network/virtualNetworks/subnets[*].name", "notEquals": "x"}}}}]}}"#
        ),
        // An item of the list that is counted, and one of a list with a name.
        format!(
            r#"{{"allOf": [{TYPE}, {{"count": {{"field": "Microsoft.Network/virtualNetworks/subnets[*]", "where": {{"field": "Microsoft.Network/virtualNetworks/subnets[*].name", "equals": "x"}}}}, "greater": 0}}]}}"#
        ),
        format!(
            r#"{{"allOf": [{TYPE}, {{"count": {{"value": ["a"], "name": "n", "where": {{"field": "name", "contains": "[current('n')]"}}}}, "greater": 0}}]}}"#
        ),
        format!(
            r#"{{"allOf": [{TYPE}, {{"value": "[field('location')]", "equals": "[resourceGroup().location]"}}]}}"#
        ),
        format!(r#"{{"allOf": [{TYPE}, {{"value": "[utcNow()]", "greater": "2026-01-01"}}]}}"#),
        format!(
            r#"{{"allOf": [{TYPE}, {{"field": "[concat('tags[', 'owner', ']')]", "exists": false}}]}}"#
        ),
    ] {
        assert_eq!(lints(&definition(&condition, "")), [""; 0], "{condition}");
    }
}

#[test]
fn what_azure_wrote_is_left_alone() {
    let odd = r#"{"field": "Microsoft.Network/virtualNetworks/nothing", "equals": 1}"#;
    assert_eq!(lints(&definition(odd, "")).len(), 1);
    let own = definition(odd, r#""policyType": "BuiltIn","#);
    assert_eq!(lints(&own), [""; 0]);
}

/// The template that an effect deploys has functions and parameters of its own; what it is given
/// is the definition's.
#[test]
fn the_template_of_an_effect_is_its_own() {
    let text = r#"{"properties": {"displayName": "x", "mode": "Indexed", "parameters": {"effect": {"type": "String",
      "allowedValues": ["DeployIfNotExists", "AuditIfNotExists", "Disabled"], "defaultValue": "DeployIfNotExists"},
      "workspace": {"type": "String"}},
      "policyRule": {"if": {"field": "type", "equals": "Microsoft.ContainerService/managedClusters"},
      "then": {"effect": "[parameters('effect')]", "details": {"type": "Microsoft.Insights/diagnosticSettings",
        "roleDefinitionIds": ["/providers/x"], "deployment": {"properties": {"mode": "incremental",
          "parameters": {"to": {"value": "[parameters('workspace')]"}, "name": {"value": "[field('name')]"}},
          "template": {"parameters": {"to": {}}, "resources": [{"id": "[resourceId('a', parameters('inner'))]"}]}}}}}}}}"#;
    assert_eq!(lints(text), [""; 0]);
    let without = text.replace("[parameters('workspace')]", "w");
    assert_eq!(lints(&without).len(), 1, "{:?}", lints(&without));
}

/// A member that asks for another version of its definition may have other parameters.
#[test]
fn other_versions_have_other_parameters() {
    let with = |version: &str| {
        format!(
            r#"{{"id": "{SUBSCRIPTION}/providers/Microsoft.Authorization/policySetDefinitions/i", "name": "i",
            "properties": {{"displayName": "i", "policyDefinitions": [{{"policyDefinitionReferenceId": "a",
            "policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/0e246bcf-5f6f-4f87-bc6f-775d4712c7ea",
            {version} "parameters": {{"old": {{"value": 1}}}}}}]}}}}"#
        )
    };
    assert_eq!(lints(&with("")).len(), 1);
    assert_eq!(lints(&with(r#""definitionVersion": "2.*.*","#)).len(), 1);
    assert_eq!(lints(&with(r#""definitionVersion": "1.*.*","#)), [""; 0]);
}

/// What is only known when a template is deployed makes remarks uncertain.
#[test]
fn what_a_template_leaves_open_is_doubted() {
    let text = r#"{"$schema": "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#",
      "contentVersion": "1.0.0.0", "parameters": {"mode": {"type": "string"}}, "resources": [{
      "type": "Microsoft.Authorization/policyDefinitions", "apiVersion": "2023-04-01", "name": "x", "properties": {
      "displayName": "x", "mode": "[parameters('mode')]", "parameters": {},
      "policyRule": {"if": {"field": "type", "equals": "a/b"}, "then": {"effect": "deny"}}}}]}"#;
    let found = lints(text);
    assert!(found.iter().all(|line| line.contains('?')), "{found:?}");
    assert!(!found.is_empty());
}

proptest! {
    /// Parts of definitions in any nesting.
    #[test]
    fn no_definition_stops_the_linter(parts in prop::collection::vec(prop::sample::select(vec![
        r#"{"allOf":["#, r#"{"anyOf":["#, r#"{"not":"#, "]}", "}", ",", r#"{"field":"type","equals":"a/b"}"#,
        r#"{"field":"tags[*]","in":[]}"#, r#"{"count":{"field":"a/b.c[*]","where":"#, r#"},"less":-1}"#,
        r#"{"value":"[field(current())]","like":"[x("}"#, r#"{"value":1,"equals":1}"#, "[]", "null",
    ]), 0..12)) {
        let text = definition(&parts.concat(), "");
        let input = input(&text);
        let found = lint(&input.estate, &Catalogue::built_in());
        prop_assert!(found.iter().all(|lint| !lint.message.is_empty()));
        prop_assert!(found.iter().filter(|lint| lint.kind == LintKind::Unreadable).count() <= parts.len() + 1);
    }
}
