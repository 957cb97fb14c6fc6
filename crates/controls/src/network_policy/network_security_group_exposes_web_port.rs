use std::collections::HashMap;

use palisade_estate::azure::{ApplicationGateway, NetworkSecurityGroup, Subnet};
use palisade_estate::{Field, ResourceId, Unknown, View};

use super::exposed_ports::{Ports, judge_ports};
use super::exposure::Protocol;

use crate::{
    Confidence, Context, Control, Domain, Findings, Framework, Parameter, Recommendation, Severity,
    Weaker,
};

pub(super) static CONTROL: Control = Control {
    code: "NP020",
    name: "network-security-group-exposes-web-port",
    title: "only gateways take web traffic from the internet",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::CisAzure.id("7.4"),
        Framework::Checkov.id("CKV_AZURE_160"),
        Framework::Prowler.id("network_http_internet_access_restricted"),
    ],
    parameters: &[&PORTS],
    page: include_str!("network_security_group_exposes_web_port.md"),
    check,
};

static PORTS: Parameter = Parameter {
    name: "ports",
    meaning: "the web ports that the internet must not reach past a gateway",
    domain: Domain::Ports {
        default: &[80, 443],
    },
    weaker: Weaker::Less,
};

/// What is served on them by custom.
const SERVICES: [(u16, &str); 2] = [(80, "HTTP"), (443, "HTTPS")];

fn check(context: &Context<'_>, findings: &mut Findings) {
    let gateways = GatewayGroups::of(context);
    findings.each(
        context.estate.all::<NetworkSecurityGroup<'_>>(),
        |group, findings| judge(context, &gateways, group, findings),
    );
}

fn judge(
    context: &Context<'_>,
    gateways: &GatewayGroups<'_>,
    group: &NetworkSecurityGroup<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    if let Some(reason) = entry(context, gateways, group)? {
        findings.not_applicable(**group, reason);
        return Ok(());
    }
    let ports = Ports {
        numbers: &context.ports(&PORTS),
        services: &SERVICES,
        protocol: Protocol::Tcp,
    };
    judge_ports(context, group, &ports, findings)
}

/// Why a group is meant to let the web in: it guards an application gateway, or AKS writes its
/// rules from the Services of a cluster.
fn entry(
    context: &Context<'_>,
    gateways: &GatewayGroups<'_>,
    group: &NetworkSecurityGroup<'_>,
) -> Result<Option<String>, Unknown> {
    if let Some(cluster) = context.estate.manager_of(group.id()) {
        let message = format!(
            "AKS writes its rules from the Services of `{}`",
            cluster.name()
        );
        return Ok(Some(format!("{message}: see NP014")));
    }
    match (gateways.guarded.get(group.id()), &gateways.unknown) {
        (Some(name), _) => Ok(Some(format!("it guards the application gateway `{name}`"))),
        (None, Some(unknown)) => Err(unknown.clone()),
        (None, None) => Ok(None),
    }
}

/// The groups on the subnets of application gateways.
#[derive(Default)]
struct GatewayGroups<'e> {
    /// Each with the name of the first gateway that it guards.
    guarded: HashMap<ResourceId, &'e str>,
    /// Why there may be others.
    unknown: Option<Unknown>,
}

impl<'e> GatewayGroups<'e> {
    fn of(context: &Context<'e>) -> Self {
        let mut groups = Self::default();
        for gateway in context.estate.all::<ApplicationGateway<'e>>() {
            match guards(context, &gateway) {
                Ok(guards) => guards.into_iter().for_each(|guard| {
                    groups.guarded.entry(guard).or_insert(gateway.name());
                }),
                Err(unknown) => groups.unknown = groups.unknown.or(Some(unknown)),
            }
        }
        groups
    }
}

fn guards(
    context: &Context<'_>,
    gateway: &ApplicationGateway<'_>,
) -> Result<Vec<ResourceId>, Unknown> {
    let mut guards = Vec::new();
    for place in gateway.elements("gatewayIPConfigurations")? {
        let subnet = match place.reference("subnet") {
            Field::Present(id, _) => context.estate.find(&id).map(Subnet::of),
            Field::Absent(_) => None,
            Field::Unknown(unknown) => return Err(unknown),
        };
        match subnet.map(|subnet| subnet.network_security_group()) {
            Some(Field::Present(guard, _)) => guards.push(guard),
            Some(Field::Unknown(unknown)) => return Err(unknown),
            Some(Field::Absent(_)) | None => {}
        }
    }
    Ok(guards)
}
