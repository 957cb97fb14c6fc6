//! Terraform, for the provider `azurerm`.

use palisade_reach::egress::{ApplicationRule, NetworkRule, To};

use super::Group;
use super::body::{APPLICATION, NETWORK, ports, protocol};

/// A configuration that adds groups to a firewall policy. `policy` is the id that its variable has
/// unless another is given.
pub fn configuration(groups: &[Group], policy: Option<&str>) -> String {
    let default = policy.map_or_else(String::new, |id| {
        format!("\n  default     = {}", quoted(id))
    });
    let mut text = format!(
        "variable \"firewall_policy_id\" {{\n  description = \"The firewall policy that gets the rules.\"\n  type        = string{default}\n}}\n"
    );
    for group in groups {
        let plan = &group.plan;
        text.push_str(&format!(
            "\nresource \"azurerm_firewall_policy_rule_collection_group\" {} {{\n  name               = {}\n  firewall_policy_id = var.firewall_policy_id\n  priority           = {}\n",
            quoted(&group.symbol()),
            quoted(&group.name),
            group.priority
        ));
        let sources = list(&plan.sources);
        let network = plan.network.iter().map(|rule| network(rule, &sources));
        collection("network_rule_collection", NETWORK, network, &mut text);
        let application = plan
            .application
            .iter()
            .map(|rule| application(rule, &sources));
        collection(
            "application_rule_collection",
            APPLICATION,
            application,
            &mut text,
        );
        text.push_str("}\n");
    }
    text
}

fn collection(
    block: &str,
    (name, priority): (&str, u16),
    rules: impl ExactSizeIterator<Item = String>,
    text: &mut String,
) {
    if rules.len() == 0 {
        return;
    }
    text.push_str(&format!(
        "\n  {block} {{\n    name     = {}\n    priority = {priority}\n    action   = \"Allow\"\n",
        quoted(name)
    ));
    rules.for_each(|rule| text.push_str(&rule));
    text.push_str("  }\n");
}

fn network(rule: &NetworkRule, sources: &str) -> String {
    let (key, to) = match &rule.to {
        To::Name(name) => ("destination_fqdns    ", list(std::slice::from_ref(name))),
        To::Addresses(addresses) => ("destination_addresses", list(addresses)),
    };
    format!(
        "\n    rule {{\n      name                  = {}\n      protocols             = [{}]\n      source_addresses      = {sources}\n      {key} = {to}\n      destination_ports     = {}\n    }}\n",
        quoted(&rule.name),
        quoted(rule.transport.as_str()),
        list(&ports(rule)),
    )
}

fn application(rule: &ApplicationRule, sources: &str) -> String {
    let mut text = format!(
        "\n    rule {{\n      name                  = {}\n      source_addresses      = {sources}\n",
        quoted(&rule.name)
    );
    for (key, texts) in [
        ("destination_fqdns    ", &rule.names),
        ("destination_fqdn_tags", &rule.tags),
    ] {
        if !texts.is_empty() {
            text.push_str(&format!("      {key} = {}\n", list(texts)));
        }
    }
    text.push_str(&format!(
        "\n      protocols {{\n        type = {}\n        port = {}\n      }}\n    }}\n",
        quoted(protocol(rule)),
        rule.port
    ));
    text
}

/// A list on one line if it is short.
fn list(texts: &[String]) -> String {
    let quoted: Vec<_> = texts.iter().map(|text| quoted(text)).collect();
    let line = format!("[{}]", quoted.join(", "));
    if line.len() <= 60 {
        return line;
    }
    let lines: String = quoted
        .iter()
        .map(|text| format!("        {text},\n"))
        .collect();
    format!("[\n{lines}      ]")
}

/// A literal, in which nothing is an expression.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", escaped.replace("${", "$${").replace("%{", "%%{"))
}
