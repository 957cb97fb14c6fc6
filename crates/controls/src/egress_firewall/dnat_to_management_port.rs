use palisade_document::Value;
use palisade_estate::{Field, Unknown};

use super::address_set::AddressSet;
use super::firewall_rules::{Rule, RuleKind, addresses, each_rule, holds_port, protocols};
use crate::{
    Confidence, Context, Control, Domain, Findings, Framework, Parameter, Recommendation, Severity,
    Weaker,
};

pub(super) static CONTROL: Control = Control {
    code: "FW007",
    name: "dnat-to-management-port",
    title: "no firewall rule leads the internet to a management port",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::Critical,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-3"),
        Framework::Cnspec.id("firewall-policy-no-dnat-management-ports"),
    ],
    parameters: &[&PORTS],
    page: include_str!("dnat_to_management_port.md"),
    check,
};

static PORTS: Parameter = Parameter {
    name: "ports",
    meaning: "the ports that administer machines and clusters, to which no rule may lead the internet",
    domain: Domain::Ports {
        default: &[22, 23, 3389, 5900, 5985, 5986, 6443, 10250],
    },
    weaker: Weaker::Less,
};

/// What is served on them by custom, with whether it is over UDP too.
const SERVICES: [(u16, &str, bool); 8] = [
    (22, "SSH", false),
    (23, "Telnet", false),
    (3389, "Remote Desktop", true),
    (5900, "VNC", false),
    (5985, "WinRM", false),
    (5986, "WinRM", false),
    (6443, "the Kubernetes API", false),
    (10250, "the kubelet", false),
];

/// From so many public addresses on (a /8) a source list no longer narrows anything.
const MANY: u64 = 1 << 24;

fn check(context: &Context<'_>, findings: &mut Findings) {
    each_rule(context, findings, &[RuleKind::Nat], |rule, findings| {
        judge(context, rule, findings)
    });
}

fn judge(context: &Context<'_>, rule: &Rule<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let subject = rule.subject.clone();
    let Some((service, port, confidence)) = management(rule, &context.ports(&PORTS))? else {
        findings
            .pass(subject, "the rule leads to no management port")
            .at(rule.settings.anchor(), "");
        return Ok(());
    };
    let listening = rule.settings.texts("destinationAddresses")?;
    let entry = AddressSet::of(listening.iter().map(|(text, _)| *text));
    if !entry.is_empty() && entry.is_private() {
        let message = format!("the rule leads to {service}, from private addresses only");
        findings.pass(subject, message).at(port, "");
        return Ok(());
    }
    let is_open = |set: &AddressSet| set.public_size() >= MANY;
    let sources = addresses(
        context,
        &rule.settings,
        ("sourceAddresses", "sourceIpGroups"),
        is_open,
    )?;
    if sources.is_empty() {
        return Err(Unknown::because(
            "the rule names no sources",
            "correct the rule",
        ));
    }
    if is_open(&sources) {
        let message = format!(
            "the rule leads the internet to {service} (port {})",
            port.scalar()
        );
        findings
            .fail(subject, message)
            .at(port, "")
            .confidence(confidence)
            .help("remove the rule and reach the machine over Azure Bastion, or name the sources: sourceAddresses");
    } else {
        let message = format!("the rule leads to {service}, from named sources only");
        findings.pass(subject, message).at(port, "");
    }
    Ok(())
}

/// The management service that a rule leads to, by the port behind the firewall; less surely by
/// the port in front of it. Names the place of the port.
fn management<'e>(
    rule: &Rule<'e>,
    ports: &[u16],
) -> Result<Option<(&'static str, Value<'e>, Confidence)>, Unknown> {
    let protocols = protocols(&rule.settings)?;
    let is_udp_only = !protocols.is_empty() && protocols.iter().all(|name| name == "UDP");
    let inside: Vec<_> = match rule.settings.text("translatedPort") {
        Field::Present(text, at) => vec![(text, at)],
        Field::Absent(_) => Vec::new(),
        Field::Unknown(unknown) => return Err(unknown),
    };
    let outside = rule.settings.texts("destinationPorts")?;
    let sure = if inside.is_empty() {
        Confidence::High
    } else {
        Confidence::Medium
    };
    let known = |port: &u16| {
        let known = SERVICES.iter().find(|(number, ..)| number == port);
        known
            .copied()
            .unwrap_or((*port, "a port for administration", true))
    };
    let mut served = ports
        .iter()
        .map(known)
        .filter(|(_, _, is_udp)| *is_udp || !is_udp_only);
    let in_list = |ports: &[(&'e str, Value<'e>)], port: u16| {
        let mut holding = ports
            .iter()
            .filter(|port_text| holds_port(&[**port_text], port));
        holding.next().map(|(_, at)| *at)
    };
    Ok(served.find_map(|(port, service, _)| {
        let behind = in_list(&inside, port).map(|at| (service, at, Confidence::High));
        behind.or_else(|| in_list(&outside, port).map(|at| (service, at, sure)))
    }))
}
