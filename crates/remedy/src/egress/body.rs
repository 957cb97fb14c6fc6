//! The body of a rule collection group.

use palisade_reach::azure::outbound::Protocol;
use palisade_reach::egress::{ApplicationRule, NetworkRule, Plan, To};
use serde_json::{Value, json};

use super::Group;

/// The version of the API that the files are written for.
pub(super) const API_VERSION: &str = "2024-05-01";

/// The kinds of collections, the order in which a firewall asks them, and their rules.
pub(super) const NETWORK: (&str, u16) = ("aks-network", 100);
pub(super) const APPLICATION: (&str, u16) = ("aks-application", 200);

/// The properties of a group. Collections without a rule are left out, since Azure refuses them.
pub(super) fn properties(group: &Group) -> Value {
    let plan = &group.plan;
    let network = plan.network.iter().map(|rule| network(rule, plan));
    let application = plan.application.iter().map(|rule| application(rule, plan));
    let collections = [
        collection(NETWORK, network.collect()),
        collection(APPLICATION, application.collect()),
    ];
    let collections: Vec<_> = collections.into_iter().flatten().collect();
    json!({"priority": group.priority, "ruleCollections": collections})
}

fn collection((name, priority): (&str, u16), rules: Vec<Value>) -> Option<Value> {
    (!rules.is_empty()).then(|| {
        json!({
            "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
            "name": name,
            "priority": priority,
            "action": {"type": "Allow"},
            "rules": rules,
        })
    })
}

fn network(rule: &NetworkRule, plan: &Plan) -> Value {
    let mut body = json!({
        "ruleType": "NetworkRule",
        "name": rule.name,
        "ipProtocols": [rule.transport.as_str()],
        "sourceAddresses": plan.sources,
        "destinationPorts": ports(rule),
    });
    match &rule.to {
        To::Name(name) => body["destinationFqdns"] = json!([name]),
        To::Addresses(addresses) => body["destinationAddresses"] = json!(addresses),
    }
    body
}

fn application(rule: &ApplicationRule, plan: &Plan) -> Value {
    let mut body = json!({
        "ruleType": "ApplicationRule",
        "name": rule.name,
        "protocols": [{"protocolType": protocol(rule), "port": rule.port}],
        "sourceAddresses": plan.sources,
    });
    for (key, texts) in [("targetFqdns", &rule.names), ("fqdnTags", &rule.tags)] {
        if !texts.is_empty() {
            body[key] = json!(texts);
        }
    }
    body
}

pub(super) fn ports(rule: &NetworkRule) -> Vec<String> {
    rule.ports.iter().map(ToString::to_string).collect()
}

pub(super) fn protocol(rule: &ApplicationRule) -> &'static str {
    match rule.protocol {
        Protocol::Http => "Http",
        _ => "Https",
    }
}
