use palisade_document::Value;
use palisade_estate::Unknown;

use super::address_set::AddressSet;
use super::firewall_rules::{Rule, RuleKind, addresses, each_rule, holds_port, protocols};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "FW006",
    name: "firewall-rule-allows-any-destination",
    title: "every allowing firewall rule names its destinations",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-3"),
        Framework::Cnspec.id("firewall-policy-no-any-any-allow-rule"),
    ],
    parameters: &[],
    page: include_str!("firewall_rule_allows_any_destination.md"),
    check,
};

/// Ports over which any data leaves for any host: DNS, HTTP and HTTPS.
const DATA_PORTS: [u16; 3] = [53, 80, 443];

fn check(context: &Context<'_>, findings: &mut Findings) {
    let kinds = [RuleKind::Network, RuleKind::Application];
    each_rule(context, findings, &kinds, |rule, findings| {
        match rule.kind {
            _ if !rule.allows => Ok(()),
            RuleKind::Application => application(rule, findings),
            RuleKind::Network | RuleKind::Nat => network(context, rule, findings),
        }
    });
}

fn network(context: &Context<'_>, rule: &Rule<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let sides = ("destinationAddresses", "destinationIpGroups");
    let destinations = addresses(context, &rule.settings, sides, AddressSet::covers_internet)?;
    if !destinations.covers_internet() {
        findings
            .pass(rule.subject.clone(), "the rule names its destinations")
            .at(rule.settings.anchor(), "");
        return Ok(());
    }
    if !rule.settings.texts("destinationGeoLocations")?.is_empty() {
        return Err(Unknown::because(
            "the rule allows every address in the locations of destinationGeoLocations, a setting without documented meaning",
            "a newer version of Palisade",
        ));
    }
    let ports = rule.settings.texts("destinationPorts")?;
    let protocols = protocols(&rule.settings)?;
    let at = everything(rule, "destinationAddresses")?.unwrap_or_else(|| rule.settings.anchor());
    let message = format!(
        "the rule allows {} on {} to every address",
        protocol_list(&protocols),
        port_list(&ports)
    );
    findings
        .fail(rule.subject.clone(), message)
        .at(at, "")
        .severity(network_severity(&protocols, &ports))
        .help("name the destinations, or use an application rule with names: targetFqdns");
    Ok(())
}

fn network_severity(protocols: &[String], ports: &[(&str, Value<'_>)]) -> Severity {
    let only = |name: &str| protocols.len() == 1 && protocols[0] == name;
    let is_time = only("UDP") && ports.len() == 1 && ports[0].0.trim() == "123";
    if only("ICMP") || is_time {
        Severity::Low
    } else if DATA_PORTS.iter().any(|port| holds_port(ports, *port)) {
        Severity::High
    } else {
        Severity::Medium
    }
}

fn application(rule: &Rule<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let named = everything(rule, "targetFqdns")?;
    let Some(at) = named.or(everything(rule, "targetUrls")?) else {
        findings
            .pass(rule.subject.clone(), "the rule names its destinations")
            .at(rule.settings.anchor(), "");
        return Ok(());
    };
    if !rule.settings.texts("destinationAddresses")?.is_empty()
        && everything(rule, "destinationAddresses")?.is_none()
    {
        return Err(Unknown::because(
            "the rule allows every name at the addresses of destinationAddresses, and how far they bind an application rule isn't documented",
            "a newer version of Palisade",
        ));
    }
    findings
        .fail(rule.subject.clone(), "the rule allows every name (*)")
        .at(at, "")
        .help("list the names that the workloads need in targetFqdns");
    Ok(())
}

/// The element of a list that stands for everything.
fn everything<'e>(rule: &Rule<'e>, path: &str) -> Result<Option<Value<'e>>, Unknown> {
    let texts = rule.settings.texts(path)?;
    let found = texts
        .into_iter()
        .find(|(text, _)| matches!(text.trim(), "*" | "0.0.0.0/0"));
    Ok(found.map(|(_, at)| at))
}

fn protocol_list(protocols: &[String]) -> String {
    match protocols.iter().any(|name| name == "ANY") {
        true => "every protocol".to_owned(),
        false => protocols.join(" and "),
    }
}

fn port_list(ports: &[(&str, Value<'_>)]) -> String {
    let texts: Vec<_> = ports.iter().map(|(text, _)| *text).collect();
    match texts.as_slice() {
        [] | ["*"] => "every port".to_owned(),
        [one] => format!("port {one}"),
        many => format!("ports {}", many.join(", ")),
    }
}
