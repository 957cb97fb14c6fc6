use std::net::IpAddr;

use palisade_document::Value;
use palisade_estate::azure::{AzureFirewall, ManagedCluster, OutboundType, RouteTable, Subnet};
use palisade_estate::{Field, Unknown};

use crate::{
    Confidence, Context, Control, Equivalent, Findings, Framework, Recommendation, Severity,
    Subject,
};

pub(super) static CONTROL: Control = Control {
    code: "FW002",
    name: "node-subnet-without-firewall-route",
    title: "the default route of every node and pod subnet leads to the firewall",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[Equivalent {
        framework: Framework::AzurePolicy,
        id: "fc5e4038-4584-4632-8c85-c0448d374b2c",
    }],
    page: include_str!("node_subnet_without_firewall_route.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ManagedCluster<'_>>(), |cluster, findings| {
        if let Field::Present(OutboundType::None | OutboundType::Block, at) = cluster.outbound_type() {
            findings.not_applicable(**cluster, format!("the outbound type is {}", at.scalar()));
            return Ok(());
        }
        let subnets = cluster.subnet_ids()?;
        if subnets.is_empty() {
            findings
                .fail(**cluster, "the nodes are in a network that AKS manages, without a route to a firewall")
                .help("create the cluster in a subnet of your own: az aks create --vnet-subnet-id SUBNET");
        }
        for (id, at) in subnets {
            let answer = context.estate.require::<Subnet<'_>>(&id).and_then(|subnet| judge(context, &subnet, findings));
            if let Err(unknown) = answer {
                findings.unknown(Subject::from(**cluster).part(id.name()), unknown).at(at, "the subnet");
            }
        }
        Ok(())
    });
}

fn judge(
    context: &Context<'_>,
    subnet: &Subnet<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let table_id = match subnet.route_table() {
        Field::Present(id, _) => id,
        Field::Absent(_) => {
            findings
                .fail(
                    **subnet,
                    "the subnet has no route table, so its packets go straight to the internet",
                )
                .help(format!(
                    "az network vnet subnet update --ids {} --route-table TABLE",
                    subnet.id()
                ));
            return Ok(());
        }
        Field::Unknown(unknown) => return Err(unknown),
    };
    let table = context.estate.require::<RouteTable<'_>>(&table_id)?;
    let Some(route) = table.default_route()? else {
        findings
            .fail(
                **subnet,
                format!(
                    "the route table `{}` has no route for 0.0.0.0/0",
                    table.name()
                ),
            )
            .related(table.anchor(), "this table");
        return Ok(());
    };
    let (hop, at) = match route.next_hop_type() {
        Field::Present(hop, at) => (hop.to_ascii_lowercase(), at),
        Field::Absent(at) => (String::new(), at),
        Field::Unknown(unknown) => return Err(unknown),
    };
    match hop.as_str() {
        "virtualappliance" => appliance(context, subnet, route.next_hop_ip_address(), findings)?,
        "none" => {
            findings
                .pass(**subnet, "packets to the internet are dropped")
                .at(at, "");
        }
        // A gateway leads on premises, where a firewall may stand that the estate doesn't show.
        "virtualnetworkgateway" => {
            return Err(Unknown::because(
                "the default route leads to a gateway, and what stands behind it is outside Azure",
                "a waiver that names the firewall on premises",
            ));
        }
        _ => {
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
fn appliance(
    context: &Context<'_>,
    subnet: &Subnet<'_>,
    address: Field<'_, &str>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let (address, at) = match address {
        Field::Present(address, at) => (address, at),
        Field::Absent(at) => ("", at),
        Field::Unknown(unknown) => return Err(unknown),
    };
    match firewall_at(context, address)? {
        Some((firewall, place)) => {
            findings
                .pass(
                    **subnet,
                    format!(
                        "the default route leads to the firewall `{}`",
                        firewall.name()
                    ),
                )
                .at(at, "")
                .related(place, "the firewall's address");
            Ok(())
        }
        None => Err(Unknown::because(
            format!(
                "the default route leads to {address}, and no firewall in the input has that address"
            ),
            "az network firewall list, or the appliance's own configuration",
        )),
    }
}

fn firewall_at<'e>(
    context: &Context<'e>,
    address: &str,
) -> Result<Option<(AzureFirewall<'e>, Value<'e>)>, Unknown> {
    let Ok(wanted) = address.parse::<IpAddr>() else {
        return Ok(None);
    };
    for firewall in context.estate.all::<AzureFirewall<'_>>() {
        let has_address = firewall
            .private_ip_addresses()?
            .iter()
            .any(|text| text.parse() == Ok(wanted));
        if has_address {
            return Ok(Some((firewall, firewall.anchor())));
        }
    }
    Ok(None)
}
