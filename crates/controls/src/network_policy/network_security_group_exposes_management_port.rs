use palisade_estate::azure::NetworkSecurityGroup;

use super::exposed_ports::{Ports, judge_ports};
use super::exposure::Protocol;
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
        |group, findings| {
            let ports = Ports {
                numbers: &context.ports(&PORTS),
                services: &SERVICES,
                protocol: Protocol::Tcp,
            };
            judge_ports(context, group, &ports, findings)
        },
    );
}
