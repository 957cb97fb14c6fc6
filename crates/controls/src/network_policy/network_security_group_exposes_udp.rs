use palisade_estate::Unknown;
use palisade_estate::azure::NetworkSecurityGroup;

use super::exposed_ports::{Ports, judge_ports};
use super::exposure::Protocol;

use crate::{
    Confidence, Context, Control, Domain, Findings, Framework, Parameter, Recommendation, Severity,
    Weaker,
};

pub(super) static CONTROL: Control = Control {
    code: "NP021",
    name: "network-security-group-exposes-udp",
    title: "no network security group lets the internet reach a service that amplifies",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::CisAzure.id("7.3"),
        Framework::Checkov.id("CKV_AZURE_77"),
        Framework::Prowler.id("network_udp_internet_access_restricted"),
        Framework::ScoutSuite.id("network-security-groups-rule-inbound-service-udp"),
    ],
    parameters: &[&PORTS],
    page: include_str!("network_security_group_exposes_udp.md"),
    check,
};

static PORTS: Parameter = Parameter {
    name: "ports",
    meaning: "the ports of services over UDP that the internet must not reach",
    domain: Domain::Ports {
        default: &[53, 69, 123, 161, 389, 1900, 11211],
    },
    weaker: Weaker::Less,
};

/// What is served on them by custom.
const SERVICES: [(u16, &str); 7] = [
    (53, "DNS"),
    (69, "TFTP"),
    (123, "NTP"),
    (161, "SNMP"),
    (389, "LDAP"),
    (1900, "SSDP"),
    (11211, "memcached"),
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
    let ports = Ports {
        numbers: &context.ports(&PORTS),
        services: &SERVICES,
        protocol: Protocol::Udp,
    };
    judge_ports(context, group, &ports, findings)
}
