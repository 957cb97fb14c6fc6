//! Bicep.

use serde_json::{Map, Value};

use super::Group;
use super::body::{API_VERSION, properties};

/// A Bicep file that adds groups to a firewall policy of its resource group. `policy` is the name
/// that its parameter has unless another is given.
pub fn bicep(groups: &[Group], policy: Option<&str>) -> String {
    let default = policy.map_or_else(String::new, |policy| format!(" = {}", quoted(policy)));
    let mut text = format!(
        "@description('The firewall policy that gets the rules.')\nparam firewallPolicyName string{default}\n\nresource policy 'Microsoft.Network/firewallPolicies@{API_VERSION}' existing = {{\n  name: firewallPolicyName\n}}\n"
    );
    let mut before: Option<&Group> = None;
    for group in groups {
        let symbol = group.symbol();
        text.push_str(&format!(
            "\nresource {symbol} 'Microsoft.Network/firewallPolicies/ruleCollectionGroups@{API_VERSION}' = {{\n  parent: policy\n  name: {}\n  properties: ",
            quoted(&group.name)
        ));
        write(&properties(group), 1, &mut text);
        if let Some(before) = before {
            text.push_str(&format!("\n  dependsOn: [\n    {}\n  ]", before.symbol()));
        }
        text.push_str("\n}\n");
        before = Some(group);
    }
    text
}

fn write(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Object(members) => write_object(members, depth, text),
        Value::Array(items) => {
            text.push('[');
            for item in items {
                new_line(depth + 1, text);
                write(item, depth + 1, text);
            }
            new_line(depth, text);
            text.push(']');
        }
        Value::String(string) => text.push_str(&quoted(string)),
        other => text.push_str(&other.to_string()),
    }
}

fn write_object(members: &Map<String, Value>, depth: usize, text: &mut String) {
    text.push('{');
    for (name, value) in members {
        new_line(depth + 1, text);
        text.push_str(name);
        text.push_str(": ");
        write(value, depth + 1, text);
    }
    new_line(depth, text);
    text.push('}');
}

fn new_line(depth: usize, text: &mut String) {
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
}

/// A literal, in which nothing is an expression.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\'', "\\'");
    format!("'{}'", escaped.replace("${", "\\${"))
}
