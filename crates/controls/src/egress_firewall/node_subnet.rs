//! The subnets of nodes and pods, and where their own routes lead.

use std::collections::HashSet;

use palisade_document::Value;
use palisade_estate::azure::{ManagedCluster, NextHop, Route, RouteTable, Subnet, VirtualNetwork};
use palisade_estate::{Field, ResourceId, Unknown};

use crate::{Context, Findings, Subject};

/// Judges each subnet that holds nodes or pods of any cluster.
pub(super) fn each_node_subnet<'e>(
    context: &Context<'e>,
    findings: &mut Findings,
    judge: impl FnMut(&Subnet<'e>, &mut Findings) -> Result<(), Unknown>,
) {
    each_subnet_of(context, findings, context.estate.all(), judge);
}

/// Judges each subnet that holds nodes or pods of some clusters, once however many of them share
/// it. A subnet outside the input is unknown, under the name of the cluster that names it.
pub(super) fn each_subnet_of<'e>(
    context: &Context<'e>,
    findings: &mut Findings,
    clusters: impl IntoIterator<Item = ManagedCluster<'e>>,
    mut judge: impl FnMut(&Subnet<'e>, &mut Findings) -> Result<(), Unknown>,
) {
    let mut judged = HashSet::new();
    for cluster in clusters {
        match cluster.subnet_ids() {
            Ok(ids) => {
                for (id, at) in ids {
                    if judged.insert(id.clone()) {
                        judge_one(context, findings, &cluster, (&id, at), &mut judge);
                    }
                }
            }
            Err(unknown) => {
                findings.unknown(*cluster, unknown);
            }
        }
    }
}

fn judge_one<'e>(
    context: &Context<'e>,
    findings: &mut Findings,
    cluster: &ManagedCluster<'e>,
    (id, at): (&ResourceId, Value<'e>),
    mut judge: impl FnMut(&Subnet<'e>, &mut Findings) -> Result<(), Unknown>,
) {
    match context.estate.require::<Subnet<'e>>(id) {
        Ok(subnet) => {
            if let Err(unknown) = judge(&subnet, findings) {
                findings.unknown(*subnet, unknown);
            }
        }
        Err(unknown) => {
            findings
                .unknown(Subject::from(**cluster).part(id.name()), unknown)
                .at(at, "the subnet");
        }
    }
}

/// A default route to an appliance: the layout of a subnet behind a firewall.
pub(super) struct ApplianceRoute<'e> {
    /// The table that holds it.
    pub(super) table: RouteTable<'e>,
    /// The route.
    pub(super) route: Route<'e>,
}

impl<'e> ApplianceRoute<'e> {
    /// The default route of a subnet's own table, if it leads to an appliance.
    pub(super) fn of(subnet: &Subnet<'e>) -> Result<Option<Self>, Unknown> {
        let table = match subnet.route_table() {
            Field::Present(id, _) => subnet.estate().require::<RouteTable<'e>>(&id)?,
            Field::Absent(_) => return Ok(None),
            Field::Unknown(unknown) => return Err(unknown),
        };
        let Some(route) = table.default_route()? else {
            return Ok(None);
        };
        match route.next_hop() {
            Field::Present(NextHop::VirtualAppliance, _) => Ok(Some(Self { table, route })),
            Field::Present(NextHop::Other(name), _) => Err(unfamiliar_hop(name)),
            Field::Unknown(unknown) => Err(unknown),
            Field::Present(..) | Field::Absent(_) => Ok(None),
        }
    }
}

/// A next hop of a type that Azure added after this version.
pub(super) fn unfamiliar_hop(name: &str) -> Unknown {
    Unknown::because(
        format!("the default route leads to {name}, which this version of Palisade doesn't know"),
        "a newer version of Palisade",
    )
}

/// What lets a network learn routes.
pub(super) struct RouteSource<'e> {
    /// Where it shows.
    pub(super) at: Value<'e>,
    /// Whether it is a subnet that is set aside for a gateway and may hold none.
    pub(super) may_be_vacant: bool,
}

/// A gateway or route server of the network's own, or that of a peer or a virtual hub. Nothing if
/// none is in the input.
pub(super) fn route_source<'e>(
    network: &VirtualNetwork<'e>,
) -> Result<Option<RouteSource<'e>>, Unknown> {
    for subnet in network.subnets() {
        if subnet.is_called(&["GatewaySubnet", "RouteServerSubnet"]) {
            return Ok(Some(RouteSource {
                at: subnet.anchor(),
                may_be_vacant: !matches!(subnet.list("ipConfigurations"), Field::Present(..)),
            }));
        }
    }
    for peering in network.peerings() {
        if let (true, at) = peering.uses_remote_gateways().or_default(false)? {
            return Ok(Some(RouteSource {
                at,
                may_be_vacant: false,
            }));
        }
    }
    Ok(None)
}

/// Whether the network's own body lists its subnets and its peerings, so that what isn't there
/// doesn't exist.
pub(super) fn lists_its_parts(network: &VirtualNetwork<'_>) -> bool {
    ["subnets", "virtualNetworkPeerings"]
        .iter()
        .all(|path| matches!(network.property(path), Field::Present(..)))
}
