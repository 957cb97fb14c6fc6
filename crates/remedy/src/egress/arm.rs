//! An ARM template.

use serde_json::{Value, json};

use super::Group;
use super::body::{API_VERSION, properties};

const TYPE: &str = "Microsoft.Network/firewallPolicies/ruleCollectionGroups";

/// A template that adds groups to a firewall policy of its resource group. `policy` is the name
/// that its parameter has unless another is given.
///
/// Azure takes one change of a policy at a time, so that each group waits for the one before.
pub fn template(groups: &[Group], policy: Option<&str>) -> String {
    let mut parameter = json!({
        "type": "string",
        "metadata": {"description": "The firewall policy that gets the rules."},
    });
    if let Some(policy) = policy {
        parameter["defaultValue"] = json!(policy);
    }
    let mut resources: Vec<Value> = Vec::new();
    let mut before: Option<&Group> = None;
    for group in groups {
        let mut resource = json!({
            "type": TYPE,
            "apiVersion": API_VERSION,
            "name": format!("[format('{{0}}/{}', parameters('firewallPolicyName'))]", group.name),
            "properties": properties(group),
        });
        if let Some(before) = before {
            let id = format!(
                "[resourceId('{TYPE}', parameters('firewallPolicyName'), '{}')]",
                before.name
            );
            resource["dependsOn"] = json!([id]);
        }
        resources.push(resource);
        before = Some(group);
    }
    let template = json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"firewallPolicyName": parameter},
        "resources": resources,
    });
    format!("{template:#}\n")
}
