//! What a condition sees of a resource.

use crate::ask;

const SUBNETS: &str = r#"{"if": {"allOf": [
    {"field": "type", "equals": "Microsoft.Network/virtualNetworks"},
    {"count": {"field": "Microsoft.Network/virtualNetworks/subnets[*]", "where":
        {"field": "Microsoft.Network/virtualNetworks/subnets[*].networkSecurityGroup.id",
         "exists": false}}, "greater": 0}]},
    "then": {"effect": "deny"}}"#;

#[test]
fn properties_may_be_there_or_taken_away_by_the_command_line() {
    let nested = r#"{"type": "Microsoft.Network/virtualNetworks", "properties": {"subnets":
        [{"name": "a", "properties": {"networkSecurityGroup": {"id": "/x"}}}]}}"#;
    let flat = r#"{"type": "Microsoft.Network/virtualNetworks", "subnets":
        [{"name": "a", "networkSecurityGroup": {"id": "/x"}}]}"#;
    let bare = r#"{"type": "Microsoft.Network/virtualNetworks", "subnets": [{"name": "a"}]}"#;
    assert_eq!(ask(SUBNETS, nested, &[]), "-");
    assert_eq!(ask(SUBNETS, flat, &[]), "-");
    assert_eq!(ask(SUBNETS, bare, &[]), "deny");
}

#[test]
fn letter_case_never_matters() {
    let odd = r#"{"TYPE": "MICROSOFT.network/virtualnetworks", "Properties": {"SUBNETS":
        [{"PROPERTIES": {"NetworkSecurityGroup": {"ID": "/x"}}}]}}"#;
    assert_eq!(ask(SUBNETS, odd, &[]), "-");
    let rule = r#"{"if": {"field": "location", "equals": "[parameters('REGION')]"},
        "then": {"effect": "audit"}}"#;
    let rule = format!(
        r#"{{"properties": {{"parameters": {{"region": {{"type": "String",
            "defaultValue": "westeurope"}}}}, "policyRule": {rule}}}}}"#
    );
    assert_eq!(
        ask(&rule, r#"{"type": "a/b", "location": "WestEurope"}"#, &[]),
        "audit"
    );
}

/// The evaluator knows both settings by the same name; Azure doesn't.
#[test]
fn a_field_of_another_type_finds_nothing() {
    let rule = r#"{"if": {"anyOf": [
        {"field": "Microsoft.Storage/storageAccounts/publicNetworkAccess", "equals": "Enabled"},
        {"field": "Microsoft.KeyVault/vaults/publicNetworkAccess", "equals": "never"}]},
        "then": {"effect": "audit"}}"#;
    let vault = r#"{"type": "Microsoft.KeyVault/vaults", "properties":
        {"publicNetworkAccess": "Enabled"}}"#;
    let account = vault.replace("KeyVault/vaults", "Storage/storageAccounts");
    assert_eq!(ask(rule, vault, &[]), "-");
    assert_eq!(ask(rule, &account, &[]), "audit");
}

const LOGS: &str = r#"{"if": {"field": "type", "equals": "Microsoft.ContainerService/managedClusters"},
    "then": {"effect": "auditIfNotExists", "details": {
        "type": "Microsoft.Insights/diagnosticSettings", "existenceCondition": {
        "count": {"field": "Microsoft.Insights/diagnosticSettings/logs[*]", "where":
            {"field": "Microsoft.Insights/diagnosticSettings/logs[*].enabled", "equals": true}},
        "greater": 0}}}}"#;

/// The evaluator looks at one related resource; Azure is content with any.
#[test]
fn one_related_resource_of_several_is_enough() {
    let cluster = r#"{"type": "Microsoft.ContainerService/managedClusters"}"#;
    let off = r#"{"type": "Microsoft.Insights/diagnosticSettings", "properties":
        {"logs": [{"category": "kube-audit", "enabled": false}]}}"#;
    let on = off.replace("false", "true");
    assert_eq!(ask(LOGS, cluster, &[]), "auditIfNotExists");
    assert_eq!(ask(LOGS, cluster, &[off]), "auditIfNotExists");
    assert_eq!(ask(LOGS, cluster, &[off, &on]), "-");
    assert_eq!(ask(LOGS, cluster, &[&on, off]), "-");
}

#[test]
fn what_was_masked_is_not_known() {
    let rule = r#"{"if": {"field": "tags['owner']", "equals": "x"}, "then": {"effect": "audit"}}"#;
    let resource = r#"{"type": "a/b", "tags": {"owner": "*****"}}"#;
    assert_eq!(
        ask(rule, resource, &[]),
        "? the value at test.json:1:35 is masked"
    );
}

/// A comparison that is known may decide a condition that isn't known as a whole.
#[test]
fn what_is_known_decides_what_it_can() {
    let resource = r#"{"type": "a/b", "kind": "k", "tags": {"owner": "*****"}}"#;
    let rule = |operator: &str, kind: &str| {
        format!(
            r#"{{"if": {{"{operator}": [{{"field": "tags['owner']", "equals": "x"}},
                {{"field": "kind", "equals": "{kind}"}}]}}, "then": {{"effect": "audit"}}}}"#
        )
    };
    assert_eq!(ask(&rule("allOf", "other"), resource, &[]), "-");
    assert_eq!(ask(&rule("anyOf", "k"), resource, &[]), "audit");
    assert!(ask(&rule("allOf", "k"), resource, &[]).starts_with('?'));
    assert!(ask(&rule("anyOf", "other"), resource, &[]).starts_with('?'));
}

#[test]
fn what_cant_be_evaluated_gives_its_reason_and_place() {
    let rule =
        |condition: &str| format!("{{\"if\": {condition},\n\"then\": {{\"effect\": \"audit\"}}}}");
    let resource = r#"{"type": "a/b"}"#;
    for (condition, reason) in [
        (
            r#"{"field": "type", "equal": "a"}"#,
            "1:26: `equal` is no operator",
        ),
        (
            r#"{"field": "type"}"#,
            "1:8: a comparison needs an operator",
        ),
        (r#"{"equals": "a"}"#, "1:8: a comparison needs `field`"),
        (r#"{"allOf": {}}"#, "1:18: `allOf` must be a list"),
        (r#"[]"#, "1:8: a condition must be an object"),
        (r#"{"value": "[concat('a'", "equals": "a"}"#, "-"),
        (
            r#"{"value": "[concat('a']", "equals": "a"}"#,
            "1:18: the expression can't be read",
        ),
        (
            r#"{"count": {}, "equals": 1}"#,
            "1:18: `count` needs either",
        ),
        (
            r#"{"value": "[uniqueString('a')]", "equals": "a"}"#,
            "uniquestring",
        ),
        (r#"{"value": "[invented('a')]", "equals": "a"}"#, "invented"),
        (
            r#"{"field": "[concat('a', 'b')]", "equals": "a"}"#,
            "unsupported dynamic field",
        ),
    ] {
        let answer = ask(&rule(condition), resource, &[]);
        assert!(answer.contains(reason), "{condition}: {answer}");
        assert!(
            answer.starts_with('!') || reason == "-",
            "{condition}: {answer}"
        );
    }
    assert_eq!(ask("{}", resource, &[]), "! 1:1: the rule has no `if`");
    assert_eq!(ask("[]", resource, &[]), "! 1:1: the rule has no `if`");
}
