use palisade_estate::azure::{ManagedCluster, NextHop, OutboundType, Route, RouteTable, Subnet};
use palisade_estate::{Field, Unknown};

use super::firewall_address::firewall_at;
use super::node_subnet::{each_subnet_of, route_source, unfamiliar_hop};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "FW002",
    name: "node-subnet-without-firewall-route",
    title: "the default route of every node and pod subnet leads to the firewall",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("fc5e4038-4584-4632-8c85-c0448d374b2c"),
        Framework::Mcsb.id("NS-3"),
        Framework::Psrule.id("Azure.VNET.FirewallSubnet"),
    ],
    parameters: &[],
    page: include_str!("node_subnet_without_firewall_route.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut routed = Vec::new();
    for cluster in context.estate.all::<ManagedCluster<'_>>() {
        match has_subnets_to_judge(&cluster, findings) {
            Ok(true) => routed.push(cluster),
            Ok(false) => {}
            Err(unknown) => {
                findings.unknown(*cluster, unknown);
            }
        }
    }
    each_subnet_of(context, findings, routed, |subnet, findings| {
        judge(context, subnet, findings)
    });
}

/// Whether routes of the user's own decide where the cluster's packets go.
fn has_subnets_to_judge(
    cluster: &ManagedCluster<'_>,
    findings: &mut Findings,
) -> Result<bool, Unknown> {
    if let Field::Present(OutboundType::None | OutboundType::Block, at) = cluster.outbound_type() {
        findings.not_applicable(**cluster, format!("the outbound type is {}", at.scalar()));
        return Ok(false);
    }
    if !cluster.subnet_ids()?.is_empty() {
        return Ok(true);
    }
    if cluster.agent_pools()?.is_empty() {
        return Err(Unknown::because(
            "the agent pools are outside the input",
            format!("az aks show --ids {}", cluster.id()),
        ));
    }
    findings.not_applicable(
        **cluster,
        "the nodes are in a network that AKS manages, where no route of yours leads anywhere, see FW001",
    );
    Ok(false)
}

fn judge<'e>(
    context: &Context<'e>,
    subnet: &Subnet<'e>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let table = match subnet.route_table() {
        Field::Present(id, _) => Some(context.estate.require::<RouteTable<'_>>(&id)?),
        Field::Absent(_) => None,
        Field::Unknown(unknown) => return Err(unknown),
    };
    let route = match &table {
        Some(table) => table.default_route()?,
        None => None,
    };
    match route {
        Some(route) => judge_route(context, subnet, &route, findings),
        None => without_route(subnet, table.as_ref(), findings),
    }
}

/// The subnet has no default route of its own: one may still be learned from a gateway.
fn without_route(
    subnet: &Subnet<'_>,
    table: Option<&RouteTable<'_>>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let lets_learned_in = match table {
        Some(table) => !table.bgp_propagation_disabled().or_default(false)?.0,
        None => true,
    };
    let source = match subnet.virtual_network().filter(|_| lets_learned_in) {
        Some(network) => route_source(&network)?,
        None => None,
    };
    if source.is_some() {
        return Err(Unknown::because(
            "the subnet has no default route of its own, and a gateway or virtual hub may announce one to its network",
            "the effective routes of a node: az network nic show-effective-route-table, or of a scale set's instance in the portal",
        ));
    }
    match table {
        None => findings
            .fail(
                **subnet,
                "the subnet has no route table, so its packets go straight to the internet",
            )
            .help(format!(
                "az network vnet subnet update --ids {} --route-table TABLE",
                subnet.id()
            )),
        Some(table) => findings
            .fail(
                **subnet,
                format!("the route table `{}` has no route for 0.0.0.0/0", table.name()),
            )
            .related(table.anchor(), "this table")
            .help(format!(
                "az network route-table route create --resource-group {} --route-table-name {} --name default --address-prefix 0.0.0.0/0 --next-hop-type VirtualAppliance --next-hop-ip-address FIREWALL_ADDRESS",
                table.id().resource_group().unwrap_or_default(),
                table.name()
            )),
    };
    Ok(())
}

fn judge_route<'e>(
    context: &Context<'e>,
    subnet: &Subnet<'e>,
    route: &Route<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let (hop, at) = match route.next_hop() {
        Field::Present(hop, at) => (hop, at),
        Field::Absent(at) => (NextHop::Other("nothing"), at),
        Field::Unknown(unknown) => return Err(unknown),
    };
    match hop {
        NextHop::VirtualAppliance => {
            appliance(context, subnet, route.next_hop_ip_address(), findings)?;
        }
        NextHop::None => {
            findings
                .pass(**subnet, "packets to the internet are dropped")
                .at(at, "");
        }
        // A gateway leads on premises, where a firewall may stand that the estate doesn't show.
        NextHop::VirtualNetworkGateway => {
            return Err(Unknown::because(
                "the default route leads to a gateway, and what stands behind it is outside Azure",
                "a waiver that names the firewall on premises",
            ));
        }
        NextHop::Other(name) => return Err(unfamiliar_hop(name)),
        NextHop::Internet | NextHop::VnetLocal => {
            findings
                .fail(
                    **subnet,
                    format!(
                        "the default route leads to {}, not to a firewall",
                        at.scalar()
                    ),
                )
                .at(at, "the next hop")
                .related(subnet.anchor(), "the subnet that uses the table");
        }
    }
    Ok(())
}

/// The next hop is an appliance: the firewall, if one of the estate has that address.
fn appliance<'e>(
    context: &Context<'e>,
    subnet: &Subnet<'e>,
    address: Field<'_, &str>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let (address, at) = match address {
        Field::Present(address, at) => (address, at),
        Field::Absent(at) => ("", at),
        Field::Unknown(unknown) => return Err(unknown),
    };
    let firewall = firewall_at(context, subnet, address)?;
    findings
        .pass(
            **subnet,
            format!(
                "the default route leads to the firewall `{}`",
                firewall.name()
            ),
        )
        .at(at, "")
        .related(firewall.anchor(), "the firewall");
    Ok(())
}
