//! Templates, plans, Bicep, and what they change.

use crate::{folder, run};

const LIVE: &str = r#"[{"id": "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/nsg", "properties": {"securityRules": [
  {"name": "ssh", "properties": {"priority": 100, "access": "Allow", "direction": "Inbound", "protocol": "Tcp", "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "22"}}]}}]"#;

const TEMPLATE: &str = r#"{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {
    "corpRange": {"type": "string", "defaultValue": "*"},
    "name": {"type": "string", "defaultValue": "nsg-new"}
  },
  "variables": {"allowed": "[parameters('corpRange')]"},
  "resources": [
    {"type": "Microsoft.Network/networkSecurityGroups", "apiVersion": "2024-01-01", "name": "[parameters('name')]", "properties": {"securityRules": [
      {"name": "rdp", "properties": {"priority": 100, "access": "Allow", "direction": "Inbound", "protocol": "Tcp",
        "sourceAddressPrefix": "[variables('allowed')]", "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "3389"}}]}}
  ]
}"#;

const CLUSTER: &str = r#"{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {
    "policy": {"type": "string", "defaultValue": "azure"}
  },
  "variables": {"engine": "[parameters('policy')]"},
  "resources": [
    {"type": "Microsoft.ContainerService/managedClusters", "apiVersion": "2024-01-01", "name": "aks-1", "location": "westeurope",
     "properties": {"networkProfile": {"networkPlugin": "azure", "networkPolicy": "[variables('engine')]"}}}
  ]
}"#;

fn parameters(range: &str) -> String {
    format!(r#"{{"parameters": {{"corpRange": {{"value": "{range}"}}}}}}"#)
}

#[test]
fn a_finding_in_a_template_shows_the_way_of_its_value() {
    let folder = folder(&[("main.json", CLUSTER)]);
    let audit = |format: &str| {
        let arguments = [
            "audit",
            "main.json",
            "--select",
            "NP002",
            "--format",
            format,
        ];
        run(folder.path(), &arguments, "").stdout()
    };
    for format in ["terminal", "json", "sarif", "html"] {
        let text = audit(format);
        for step in ["from variable `engine`", "from parameter `policy`"] {
            assert!(text.to_lowercase().contains(step), "{format}: {text}");
        }
    }
    assert!(
        audit("concise").starts_with("main.json:5:"),
        "{}",
        audit("concise")
    );
}

#[test]
fn each_parameter_file_is_a_deployment_of_its_own_unless_one_is_chosen() {
    let (open, closed) = (parameters("*"), parameters("10.0.0.0/8"));
    let folder = folder(&[
        ("main.json", TEMPLATE),
        ("main.parameters.dev.json", open.as_str()),
        ("main.parameters.prod.json", closed.as_str()),
    ]);
    let audit = |more: &[&str]| {
        let mut arguments = vec![
            "audit", ".", "--select", "NP013", "--show", "all", "--format", "concise",
        ];
        arguments.extend(more);
        run(folder.path(), &arguments, "").stdout()
    };
    assert_eq!(audit(&[]).lines().count(), 2, "{}", audit(&[]));
    assert!(audit(&[]).contains("high[NP013]"), "{}", audit(&[]));
    let prod = audit(&["--parameters", "main.parameters.prod.json"]);
    assert!(
        prod.contains("pass[NP013]") && prod.lines().count() == 1,
        "{prod}"
    );
}

#[test]
fn a_difference_names_what_appears_and_what_disappears() {
    let template = TEMPLATE.replace("nsg-new", "nsg");
    let folder = folder(&[("live.json", LIVE), ("main.json", template.as_str())]);
    let place = [
        "--subscription",
        "00000000-0000-4000-8000-000000000001",
        "--resource-group",
        "rg",
    ];
    let diff = |files: &[&str]| {
        let mut arguments = vec!["diff"];
        arguments.extend(files);
        arguments.extend(["--select", "NP013", "--format", "json"]);
        arguments.extend(place);
        run(folder.path(), &arguments, "")
    };
    // The rule for SSH goes and one for RDP comes: the group stays open.
    let same = diff(&["live.json", "main.json"]);
    assert_eq!(same.code(), 0, "{}", same.stdout());
    assert!(same.stdout().contains(r#""appears": []"#));
    let empty = LIVE.replace("\"22\"", "\"443\"");
    std::fs::write(folder.path().join("live.json"), empty).unwrap();
    let worse = diff(&["live.json", "main.json"]);
    assert_eq!(worse.code(), 1, "{}", worse.stdout());
    assert!(
        worse.stdout().contains(r#""other": "pass""#),
        "{}",
        worse.stdout()
    );
    assert_eq!(diff(&["live.json"]).code(), 2);
}

/// A stand-in for the compiler: it prints the template that lies under another name.
#[cfg(unix)]
/// A rule whose group isn't known may be of any group, and so may a diagnostic setting.
#[test]
fn nothing_is_absent_that_may_be_what_has_an_unknown_parent() {
    let template = r#"{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {"group": {"type": "string"}},
  "resources": [
    {"type": "Microsoft.Network/networkSecurityGroups", "apiVersion": "2024-01-01", "name": "nsg", "location": "westeurope", "properties": {}},
    {"type": "Microsoft.Network/networkSecurityGroups/securityRules", "apiVersion": "2024-01-01", "name": "[concat(parameters('group'), '/ssh')]",
     "properties": {"priority": 100, "access": "Allow", "direction": "Inbound", "protocol": "Tcp",
       "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "22"}},
    {"type": "Microsoft.Network/networkSecurityGroups/providers/diagnosticSettings", "apiVersion": "2021-05-01-preview", "name": "[concat(parameters('group'), '/Microsoft.Insights/logs')]",
     "properties": {"workspaceId": "WORKSPACE", "logs": [{"categoryGroup": "allLogs", "enabled": true}]}}
  ]
}"#;
    let answers = |template: &str| {
        let folder = folder(&[("main.json", template)]);
        let arguments = [
            "audit",
            ".",
            "--select",
            "NP013,MON013",
            "--show",
            "pass,fail,unknown",
            "--format",
            "concise",
        ];
        run(folder.path(), &arguments, "").stdout()
    };
    let unknown = answers(template);
    assert!(!unknown.contains("pass["), "{unknown}");
    assert!(!unknown.contains("low[MON013]"), "{unknown}");
    assert!(unknown.contains("unknown[NP013] nsg"), "{unknown}");
    assert!(unknown.contains("unknown[MON013] nsg"), "{unknown}");
    let known = template.replace(
        r#""type": "string""#,
        r#""type": "string", "defaultValue": "other""#,
    );
    let known = answers(&known);
    assert!(known.contains("pass[NP013] nsg"), "{known}");
    assert!(known.contains("low[MON013] nsg"), "{known}");
}

/// Two versions of a template are two estates: the later one isn't laid over the earlier one.
#[test]
fn of_two_versions_of_a_template_the_later_one_counts() {
    let closed = TEMPLATE.replace(r#""defaultValue": "*""#, r#""defaultValue": "10.0.0.0/8""#);
    let folder = folder(&[("old/main.json", TEMPLATE), ("new/main.json", &closed)]);
    let diff = |before: &str, after: &str| {
        let arguments = [
            "diff",
            before,
            after,
            "--select",
            "NP013",
            "--subscription",
            "00000000-0000-4000-8000-000000000001",
            "--resource-group",
            "rg",
        ];
        run(folder.path(), &arguments, "").stdout()
    };
    let mended = diff("old", "new");
    assert!(
        mended.contains("0 failures appear, 1 disappears"),
        "{mended}"
    );
    assert!(mended.contains("(is pass)"), "{mended}");
    let opened = diff("new", "old");
    assert!(
        opened.contains("1 failure appears, 0 disappear"),
        "{opened}"
    );
}

#[test]
fn bicep_is_compiled_by_the_compiler_on_the_path() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder(&[
        ("infra/main.bicep", "module nsg 'modules/nsg.bicep' = {}\n"),
        ("infra/modules/nsg.bicep", "param name string\n"),
        ("compiled", TEMPLATE),
        (
            "bin/bicep",
            "#!/bin/sh\n[ \"$1 $2\" = 'build --stdout' ] && /bin/cat compiled\n",
        ),
    ]);
    let script = folder.path().join("bin/bicep");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let audit = |path: &str| {
        let mut command = assert_cmd::Command::cargo_bin("palisade").unwrap();
        command
            .current_dir(folder.path())
            .env("PATH", path)
            .args(["audit", "infra", "--select", "NP013", "--format", "concise"]);
        command.args(["--today", "2026-11-23"]);
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr))
    };
    let (found, notes) = audit(folder.path().join("bin").to_str().unwrap());
    assert!(found.starts_with("infra/main.json:11:"), "{found} {notes}");
    assert_eq!(found.lines().count(), 1);
    assert!(
        notes.contains("note: infra/main.bicep: compiled"),
        "{notes}"
    );
    let (_, without) = audit("");
    assert!(
        without.contains("bicep build infra/main.bicep"),
        "{without}"
    );
    std::fs::write(folder.path().join("infra/main.json"), TEMPLATE).unwrap();
    let (found, notes) = audit("");
    assert!(found.starts_with("infra/main.json:11:"), "{found}");
    assert!(
        notes.contains("infra/main.json beside it is read instead"),
        "{notes}"
    );
}
