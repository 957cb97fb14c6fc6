//! Settings of a cluster's network that Azure refuses.
//!
//! What can't be deployed has no packets: who asks about such a cluster should know.

use palisade_document::Origin;
use palisade_estate::azure::{ManagedCluster, NextHop, OutboundType, RouteTable, Subnet};
use palisade_estate::{Field, Unknown};

use super::address::prefix;

/// A reason why Azure refuses a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub cause: String,
    /// The setting.
    pub origin: Origin,
}

/// A route table holds this many routes, and kubenet needs one for each node ("Use kubenet
/// networking", Microsoft Learn, 2026).
const MOST_KUBENET_NODES: i64 = 400;

/// Why Azure refuses a cluster, as far as the input tells.
pub fn refusals(cluster: &ManagedCluster<'_>) -> Vec<Refusal> {
    let found = [kubenet(cluster), outbound(cluster), names(cluster)];
    let known = found.into_iter().filter_map(Result::ok);
    known.flatten().collect()
}

fn kubenet(cluster: &ManagedCluster<'_>) -> Result<Option<Refusal>, Unknown> {
    let Field::Present(plugin, at) = cluster.network_plugin() else {
        return Ok(None);
    };
    let nodes = cluster.largest_node_count()?;
    let is_too_large = plugin.eq_ignore_ascii_case("kubenet") && nodes > MOST_KUBENET_NODES;
    Ok(is_too_large.then(|| Refusal {
        cause: format!("kubenet takes {MOST_KUBENET_NODES} nodes, and the pools come to {nodes}"),
        origin: at.origin(),
    }))
}

/// `userDefinedRouting` needs a default route to an appliance or a gateway, `block` a network that
/// AKS manages ("Customize cluster egress with outbound types", Microsoft Learn, 2026-08-05).
fn outbound(cluster: &ManagedCluster<'_>) -> Result<Option<Refusal>, Unknown> {
    let Field::Present(outbound, at) = cluster.outbound_type() else {
        return Ok(None);
    };
    let cause = match outbound {
        OutboundType::Block if !cluster.subnet_ids()?.is_empty() => {
            "outbound type block needs a network that AKS manages".to_owned()
        }
        OutboundType::UserDefinedRouting => {
            let mut without = None;
            for subnet in cluster.subnets()? {
                let subnet = subnet?;
                if !has_default_route(&subnet)? {
                    without = Some(subnet);
                }
            }
            let Some(subnet) = without else {
                return Ok(None);
            };
            format!(
                "outbound type userDefinedRouting needs a default route to an appliance or a gateway, and subnet `{}` has none",
                subnet.name()
            )
        }
        _ => return Ok(None),
    };
    Ok(Some(Refusal {
        cause,
        origin: at.origin(),
    }))
}

fn has_default_route(subnet: &Subnet<'_>) -> Result<bool, Unknown> {
    let table = match subnet.route_table() {
        Field::Present(id, _) => subnet.estate().require::<RouteTable<'_>>(&id)?,
        Field::Absent(_) => return Ok(false),
        Field::Unknown(unknown) => return Err(unknown),
    };
    for route in table.routes()? {
        let (text, _) = route.address_prefix().or_default("")?;
        let is_default = prefix(text).is_some_and(|prefix| prefix.prefix_len() == 0);
        if !is_default {
            continue;
        }
        match route.next_hop() {
            Field::Present(NextHop::VirtualAppliance | NextHop::VirtualNetworkGateway, _) => {
                return Ok(true);
            }
            Field::Unknown(unknown) => return Err(unknown),
            _ => {}
        }
    }
    Ok(false)
}

/// A private cluster without a private DNS zone needs its public name ("Private clusters",
/// Microsoft Learn, 2026-08-05).
fn names(cluster: &ManagedCluster<'_>) -> Result<Option<Refusal>, Unknown> {
    let (is_private, _) = cluster.is_private().or_default(false)?;
    let (has_name, _) = cluster.public_name_enabled().or_default(true)?;
    let Field::Present(zone, at) = cluster.private_dns_zone() else {
        return Ok(None);
    };
    let is_nameless = is_private && !has_name && zone.eq_ignore_ascii_case("none");
    Ok(is_nameless.then(|| Refusal {
        cause: "a private cluster without a private DNS zone needs its public name".to_owned(),
        origin: at.origin(),
    }))
}
