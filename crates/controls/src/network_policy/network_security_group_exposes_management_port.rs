use palisade_estate::azure::{Direction, NetworkSecurityGroup, SecurityRule};
use palisade_estate::{Coverage, Unknown};

use super::exposure::exposing;
use crate::{
    Confidence, Context, Control, Domain, Findings, Framework, Parameter, Recommendation, Severity,
    Weaker,
};

pub(super) static CONTROL: Control = Control {
    code: "NP013",
    name: "network-security-group-exposes-management-port",
    title: "no network security group lets the internet reach a port for remote administration",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-3"),
        Framework::CisAzure.id("7.1"),
        Framework::CisAzure.id("7.2"),
        Framework::Psrule.id("Azure.NSG.AnyInboundSource"),
        Framework::Checkov.id("CKV_AZURE_9"),
        Framework::Checkov.id("CKV_AZURE_10"),
        Framework::Trivy.id("AZU-0048"),
        Framework::Trivy.id("AZU-0050"),
        Framework::Trivy.id("AZU-0074"),
        Framework::Prowler.id("network_ssh_internet_access_restricted"),
        Framework::Prowler.id("network_rdp_internet_access_restricted"),
        Framework::Kics.id("network_security_group_with_unrestricted_access_to_ssh"),
        Framework::Kics.id("network_security_group_with_unrestricted_access_to_rdp"),
        Framework::ScoutSuite.id("network-security-groups-rule-inbound-service"),
        Framework::ScoutSuite.id("network-security-groups-rule-inbound-ssh"),
        Framework::ScoutSuite.id("network-security-groups-rule-inbound-rdp"),
    ],
    parameters: &[&PORTS],
    page: include_str!("network_security_group_exposes_management_port.md"),
    check,
};

static PORTS: Parameter = Parameter {
    name: "ports",
    meaning: "the ports that administer machines and that the internet must not reach",
    domain: Domain::Ports {
        default: &[22, 3389, 5985, 5986],
    },
    weaker: Weaker::Less,
};

/// What is served on them by custom.
const SERVICES: [(u16, &str); 4] = [
    (22, "SSH"),
    (3389, "RDP"),
    (5985, "WinRM"),
    (5986, "WinRM over TLS"),
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<NetworkSecurityGroup<'_>>(),
        |group, findings| judge(context, group, findings),
    );
}

fn judge(
    context: &Context<'_>,
    group: &NetworkSecurityGroup<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let rules = group.rules(Direction::Inbound)?;
    let mut exposures: Vec<(SecurityRule<'_>, Vec<String>)> = Vec::new();
    let mut undecided = None;
    for port in context.ports(&PORTS) {
        let rule = match exposing(&rules, port) {
            Ok(Some(rule)) => rule,
            Ok(None) => continue,
            Err(unknown) => {
                undecided = undecided.or(Some(unknown));
                continue;
            }
        };
        let service = SERVICES.iter().find(|(number, _)| *number == port);
        let what = service.map_or(port.to_string(), |(_, name)| format!("{port} ({name})"));
        match exposures.iter_mut().find(|(known, _)| **known == *rule) {
            Some((_, ports)) => ports.push(what),
            None => exposures.push((rule, vec![what])),
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
    findings.pass(
        **group,
        "no rule lets the internet reach a port for remote administration",
    );
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
fn require_all_rules(
    context: &Context<'_>,
    group: &NetworkSecurityGroup<'_>,
) -> Result<(), Unknown> {
    let coverage = context.estate.coverage::<SecurityRule<'_>>(group.id());
    if group.lists_rules() || coverage == Coverage::Complete {
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
