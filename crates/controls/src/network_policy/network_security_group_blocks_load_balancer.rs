use palisade_estate::Unknown;
use palisade_estate::azure::{Direction, NetworkSecurityGroup, SecurityRule};

use super::exposed_ports::require_all_rules;
use super::node_security_group;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NP025",
    name: "network-security-group-blocks-load-balancer",
    title: "the probes of load balancers reach what they probe",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Low,
    confidence: Confidence::Low,
    equivalents: &[Framework::Psrule.id("Azure.NSG.DenyAllInbound")],
    parameters: &[],
    page: include_str!("network_security_group_blocks_load_balancer.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    node_security_group::each(context, findings, judge);
}

fn judge(
    context: &Context<'_>,
    group: &NetworkSecurityGroup<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    for rule in group.rules(Direction::Inbound)? {
        if names_probes(&rule)? && rule.allows()? {
            let message = format!("the rule `{}` lets probes in", rule.name());
            findings.pass(**group, message).at(rule.anchor(), "");
            return Ok(());
        }
        if !takes_probes(&rule)? {
            continue;
        }
        if rule.allows()? {
            let message = format!("the rule `{}` lets the probes in", rule.name());
            findings.pass(**group, message).at(rule.anchor(), "");
        } else {
            let message = format!(
                "the rule `{}` shuts out the probes of load balancers",
                rule.name()
            );
            findings.fail(**group, message).at(rule.anchor(), "").help(format!(
                "az network nsg rule create --resource-group {} --nsg-name {} --name probes --priority 100 --direction Inbound --access Allow --source-address-prefixes AzureLoadBalancer --destination-port-ranges '*'",
                group.id().resource_group().unwrap_or("GROUP"),
                group.name()
            ));
        }
        return Ok(());
    }
    require_all_rules(context, group)?;
    findings.pass(
        **group,
        "the default rule AllowAzureLoadBalancerInBound lets the probes in",
    );
    Ok(())
}

/// Whether a rule is about the load balancer by name: which ports it probes is its owner's to say.
fn names_probes(rule: &SecurityRule<'_>) -> Result<bool, Unknown> {
    let sources = rule.sources()?;
    Ok(sources
        .iter()
        .any(|source| source.trim().eq_ignore_ascii_case("AzureLoadBalancer")))
}

/// Whether a rule matches every probe: from the load balancer, to every port, whatever protocol.
fn takes_probes(rule: &SecurityRule<'_>) -> Result<bool, Unknown> {
    let is_one = |texts: &[&str], known: &[&str]| {
        texts.iter().any(|text| {
            known
                .iter()
                .any(|known| known.eq_ignore_ascii_case(text.trim()))
        })
    };
    let (protocol, _) = rule.protocol().or_default("*")?;
    Ok(is_one(&rule.sources()?, &["*", "any", "AzureLoadBalancer"])
        && is_one(&rule.destination_ports()?, &["*", "0-65535"])
        && is_one(&[protocol], &["*", "any", "tcp"]))
}
