use palisade_estate::Unknown;
use palisade_estate::azure::{Direction, NetworkSecurityGroup, SecurityRule};

use super::exposed_ports::require_all_rules;
use super::exposure::Protocol;
use super::node_security_group;
use super::security_rule::{matches_port, matches_protocol};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NP026",
    name: "lateral-management-traffic",
    title: "nodes can't administer other machines of the network",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[Framework::Psrule.id("Azure.NSG.LateralTraversal")],
    parameters: &[],
    page: include_str!("lateral_management_traffic.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    node_security_group::each(context, findings, judge);
}

/// SSH and RDP.
const PORTS: [u16; 2] = [22, 3389];

fn judge(
    context: &Context<'_>,
    group: &NetworkSecurityGroup<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let rules = group.rules(Direction::Outbound)?;
    let mut open = Vec::new();
    for port in PORTS {
        let mut first = None;
        for rule in &rules {
            if goes_anywhere_inside(rule)?
                && matches_port(rule, port)?
                && matches_protocol(rule, Protocol::Tcp)?
            {
                first = Some(rule);
                break;
            }
        }
        match first {
            Some(rule) if !rule.allows()? => {}
            _ => open.push(port.to_string()),
        }
    }
    if open.is_empty() {
        let message = "rules deny SSH and RDP to the rest of the network";
        findings.pass(**group, message);
        return Ok(());
    }
    require_all_rules(context, group)?;
    let message = format!(
        "no rule denies port {} to the rest of the network",
        open.join(" and ")
    );
    findings.fail(**group, message).help(format!(
        "az network nsg rule create --resource-group {} --nsg-name {} --name deny-administration --priority 300 --direction Outbound --access Deny --protocol Tcp --destination-address-prefixes VirtualNetwork --destination-port-ranges 22 3389",
        group.id().resource_group().unwrap_or("GROUP"),
        group.name()
    ));
    Ok(())
}

/// Whether a rule is about every destination in the network.
fn goes_anywhere_inside(rule: &SecurityRule<'_>) -> Result<bool, Unknown> {
    const INSIDE: [&str; 4] = ["*", "any", "VirtualNetwork", "0.0.0.0/0"];
    let destinations = rule.destinations()?;
    Ok(destinations.iter().any(|text| {
        INSIDE
            .iter()
            .any(|known| known.eq_ignore_ascii_case(text.trim()))
    }))
}
