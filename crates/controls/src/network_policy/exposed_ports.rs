//! Whether a network security group lets the internet reach any of some ports.

use palisade_estate::azure::{Direction, NetworkSecurityGroup, SecurityRule};
use palisade_estate::{Coverage, Unknown};

use super::exposure::{Protocol, exposing};
use crate::{Context, Findings};

/// The ports in question.
pub(super) struct Ports<'p> {
    pub(super) numbers: &'p [u16],
    /// What is served on some of them by custom.
    pub(super) services: &'p [(u16, &'static str)],
    pub(super) protocol: Protocol,
}

impl Ports<'_> {
    fn name(&self, port: u16) -> String {
        let service = self.services.iter().find(|(number, _)| *number == port);
        service.map_or(port.to_string(), |(_, name)| format!("{port} ({name})"))
    }
}

/// Judges one group.
pub(super) fn judge_ports(
    context: &Context<'_>,
    group: &NetworkSecurityGroup<'_>,
    ports: &Ports<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let rules = group.rules(Direction::Inbound)?;
    let mut exposures: Vec<(SecurityRule<'_>, Vec<String>)> = Vec::new();
    let mut undecided = None;
    for &port in ports.numbers {
        let rule = match exposing(&rules, port, ports.protocol) {
            Ok(Some(rule)) => rule,
            Ok(None) => continue,
            Err(unknown) => {
                undecided = undecided.or(Some(unknown));
                continue;
            }
        };
        match exposures.iter_mut().find(|(known, _)| **known == *rule) {
            Some((_, known)) => known.push(ports.name(port)),
            None => exposures.push((rule, vec![ports.name(port)])),
        }
    }
    if !exposures.is_empty() {
        report(group, &exposures, findings);
        return Ok(());
    }
    if let Some(unknown) = undecided {
        return Err(unknown);
    }
    require_all_rules(context, group)?;
    let message = "no rule lets the internet reach one of the ports";
    findings.pass(**group, message);
    Ok(())
}

fn report(
    group: &NetworkSecurityGroup<'_>,
    exposures: &[(SecurityRule<'_>, Vec<String>)],
    findings: &mut Findings,
) {
    let sentences = exposures.iter().map(|(rule, ports)| {
        let ports = ports.join(", ");
        format!(
            "the rule `{}` lets the internet reach port {ports}",
            rule.name()
        )
    });
    let message = sentences.collect::<Vec<_>>().join("; ");
    let finding = findings.fail(**group, message);
    for (index, (rule, _)) in exposures.iter().enumerate() {
        if index == 0 {
            finding
                .at(rule.anchor(), "the rule that decides")
                .help(command(group, rule));
        } else {
            finding.related(rule.anchor(), "this rule too");
        }
    }
}

/// A rule may be a resource of its own, in a file that isn't in the input.
pub(super) fn require_all_rules(
    context: &Context<'_>,
    group: &NetworkSecurityGroup<'_>,
) -> Result<(), Unknown> {
    // Coverage goes through every rule of the estate, so it is asked last.
    let is_whole = || context.estate.coverage::<SecurityRule<'_>>(group.id()) == Coverage::Complete;
    if group.lists_rules() || is_whole() {
        return Ok(());
    }
    Err(Unknown::because(
        "the group's rules are not listed in the input",
        format!("az network nsg show --ids {}", group.id()),
    ))
}

fn command(group: &NetworkSecurityGroup<'_>, rule: &SecurityRule<'_>) -> String {
    format!(
        "az network nsg rule update --resource-group {} --nsg-name {} --name {} --source-address-prefixes 203.0.113.0/24",
        group.id().resource_group().unwrap_or_default(),
        group.name(),
        rule.name()
    )
}
