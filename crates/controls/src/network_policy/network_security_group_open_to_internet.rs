use palisade_estate::Unknown;
use palisade_estate::azure::NetworkSecurityGroup;

use super::exposed_ports::{Ports, judge_ports};
use super::exposure::Protocol;

use crate::{
    Confidence, Context, Control, Domain, Findings, Framework, Parameter, Recommendation, Severity,
    Weaker,
};

pub(super) static CONTROL: Control = Control {
    code: "NP022",
    name: "network-security-group-open-to-internet",
    title: "no network security group lets the internet reach a data store or a node's own services",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("9daedab3-fb2d-461e-b861-71790eead4f6"),
        Framework::Mcsb.id("NS-1"),
        Framework::Psrule.id("Azure.NSG.AnyInboundSource"),
        Framework::Trivy.id("AZU-0047"),
        Framework::Trivy.id("AZU-0074"),
        Framework::ScoutSuite.id("network-security-groups-rule-inbound-internet-all"),
        Framework::ScoutSuite.id("network-security-groups-rule-inbound-sql"),
    ],
    parameters: &[&PORTS],
    page: include_str!("network_security_group_open_to_internet.md"),
    check,
};

static PORTS: Parameter = Parameter {
    name: "ports",
    meaning: "the ports of data stores and of nodes that the internet must not reach",
    domain: Domain::Ports {
        default: &[1433, 2379, 3306, 5432, 5601, 6379, 6443, 9200, 10250, 27017],
    },
    weaker: Weaker::Less,
};

/// What is served on them by custom.
const SERVICES: [(u16, &str); 10] = [
    (1433, "SQL Server"),
    (2379, "etcd"),
    (3306, "MySQL"),
    (5432, "PostgreSQL"),
    (5601, "Kibana"),
    (6379, "Redis"),
    (6443, "API server"),
    (9200, "Elasticsearch"),
    (10250, "kubelet"),
    (27017, "MongoDB"),
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
        protocol: Protocol::Tcp,
    };
    judge_ports(context, group, &ports, findings)
}
