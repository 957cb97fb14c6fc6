//! Whom a virtual network is peered with, as seen from one of its subnets.

use palisade_estate::azure::{Subnet, VirtualNetwork, VirtualNetworkPeering};
use palisade_estate::{Coverage, Field, ResourceId, Unknown, View};

use super::Prefixes;

/// A network on the other side of a peering.
#[derive(Clone)]
pub struct Peer<'e> {
    /// This side of the peering.
    pub peering: VirtualNetworkPeering<'e>,
    /// The network on the other side.
    pub remote: Field<'e, ResourceId>,
    /// Its prefixes that the peering connects with the subnet; none while it isn't connected.
    pub prefixes: Prefixes,
    /// `allowVirtualNetworkAccess`: whether the tag `VirtualNetwork` takes them in.
    pub is_in_tag: Result<bool, Unknown>,
    /// Whether this side uses the gateway of the other, and the other lets it.
    pub uses_gateway: Result<bool, Unknown>,
}

/// The networks that a subnet's network is peered with. Peering isn't transitive: the peers of
/// peers are not among them.
pub fn peers<'e>(
    network: &VirtualNetwork<'e>,
    subnet: Option<&Subnet<'e>>,
) -> Result<Vec<Peer<'e>>, Unknown> {
    let peerings = network.peerings();
    let estate = network.estate();
    let coverage = estate.coverage::<VirtualNetworkPeering<'_>>(network.id());
    if network.is_listing() || (!network.lists_peerings() && coverage == Coverage::Unseen) {
        return Err(Unknown::because(
            format!(
                "the input doesn't say what `{}` is peered with",
                network.name()
            ),
            format!("az network vnet show --ids {}", network.id()),
        ));
    }
    Ok(peerings
        .into_iter()
        .map(|peering| peer(peering, subnet))
        .collect())
}

fn peer<'e>(peering: VirtualNetworkPeering<'e>, subnet: Option<&Subnet<'e>>) -> Peer<'e> {
    let remote = peering.remote_virtual_network();
    let reverse = reverse(&peering, &remote);
    let prefixes = match is_connected(&peering, &remote, reverse.as_ref()) {
        Ok(false) => Prefixes::default(),
        Ok(true) => prefixes(&peering, &remote, subnet),
        Err(unknown) => prefixes(&peering, &remote, subnet).doubtful(unknown),
    };
    let is_in_tag = match peering.allows_access() {
        Field::Present(allows, _) => Ok(allows),
        Field::Absent(_) => Err(Unknown::because(
            format!(
                "peering `{}` doesn't say `allowVirtualNetworkAccess`",
                peering.name()
            ),
            "set it",
        )),
        Field::Unknown(unknown) => Err(unknown),
    };
    Peer {
        uses_gateway: uses_gateway(&peering, reverse.as_ref()),
        peering,
        remote,
        prefixes,
        is_in_tag,
    }
}

/// The peering of the other side, if the input holds it.
fn reverse<'e>(
    peering: &VirtualNetworkPeering<'e>,
    remote: &Field<'e, ResourceId>,
) -> Option<VirtualNetworkPeering<'e>> {
    let own = peering.id().parent()?;
    let Field::Present(remote, _) = remote else {
        return None;
    };
    let peerings = peering
        .estate()
        .children::<VirtualNetworkPeering<'e>>(remote);
    peerings
        .into_iter()
        .find(|other| other.remote_virtual_network().present() == Some(own.clone()))
}

/// A peering passes packets once both sides exist.
fn is_connected<'e>(
    peering: &VirtualNetworkPeering<'e>,
    remote: &Field<'e, ResourceId>,
    reverse: Option<&VirtualNetworkPeering<'e>>,
) -> Result<bool, Unknown> {
    match (peering.state(), reverse, remote) {
        (Field::Present(state, _), ..) => Ok(state.eq_ignore_ascii_case("connected")),
        (Field::Unknown(unknown), ..) => Err(unknown),
        (Field::Absent(_), Some(_), _) => Ok(true),
        (Field::Absent(_), None, Field::Present(remote, _)) => Err(Unknown::because(
            format!(
                "the other side of peering `{}` isn't in the input",
                peering.name()
            ),
            format!("az network vnet show --ids {remote}"),
        )),
        (Field::Absent(_), None, Field::Absent(_)) => Ok(false),
        (Field::Absent(_), None, Field::Unknown(unknown)) => Err(unknown.clone()),
    }
}

fn prefixes<'e>(
    peering: &VirtualNetworkPeering<'e>,
    remote: &Field<'e, ResourceId>,
    subnet: Option<&Subnet<'e>>,
) -> Prefixes {
    match peering.peers_whole_networks().or_default(true) {
        Ok((true, _)) => whole(peering, remote),
        Ok((false, _)) => of_subnets(peering, remote, subnet),
        Err(unknown) => whole(peering, remote).doubtful(unknown),
    }
}

/// The ranges that the peering lists, else those of the network on the other side.
fn whole<'e>(peering: &VirtualNetworkPeering<'e>, remote: &Field<'e, ResourceId>) -> Prefixes {
    let listed = peering.remote_address_prefixes();
    let listed = match (listed, remote) {
        (Ok(listed), Field::Present(remote, _)) if listed.is_empty() => {
            let network = peering.estate().require::<VirtualNetwork<'e>>(remote);
            network.and_then(|network| network.address_prefixes())
        }
        (listed, _) => listed,
    };
    Prefixes::read(listed.map(|listed| listed.into_iter().map(|(text, _)| text)))
}

/// Subnets that are peered reach the subnets of the other side; other subnets reach nothing.
fn of_subnets<'e>(
    peering: &VirtualNetworkPeering<'e>,
    remote: &Field<'e, ResourceId>,
    subnet: Option<&Subnet<'e>>,
) -> Prefixes {
    let names = match peering.local_subnet_names() {
        Ok(names) => names,
        Err(unknown) => return whole(peering, remote).doubtful(unknown),
    };
    let is_local = |subnet: &Subnet<'e>| {
        let mut names = names.iter();
        names.any(|(name, _)| name.eq_ignore_ascii_case(subnet.name()))
    };
    if subnet.is_some_and(|subnet| !is_local(subnet)) {
        return Prefixes::default();
    }
    let (names, remote) = match (peering.remote_subnet_names(), remote) {
        (Ok(names), Field::Present(remote, _)) => (names, remote),
        (Err(unknown), _) => return Prefixes::unknown(unknown),
        (_, Field::Unknown(unknown)) => return Prefixes::unknown(unknown.clone()),
        (_, Field::Absent(_)) => return Prefixes::default(),
    };
    let estate = peering.estate();
    let of_subnet = |name: &str| {
        let subnet = estate.require::<Subnet<'e>>(&remote.child("subnets", name));
        Prefixes::read(subnet.and_then(|subnet| subnet.address_prefixes()))
    };
    let subnets = names.iter().map(|(name, _)| of_subnet(name));
    subnets.fold(Prefixes::default(), |all, one| all.union(&one))
}

/// This side asks for the other's gateway, and the other side lets it.
fn uses_gateway<'e>(
    peering: &VirtualNetworkPeering<'e>,
    reverse: Option<&VirtualNetworkPeering<'e>>,
) -> Result<bool, Unknown> {
    let (asks, _) = peering.uses_remote_gateways().or_default(false)?;
    // Azure refuses to use a gateway that the other side doesn't share.
    let shares = reverse.map(|reverse| reverse.flag("allowGatewayTransit").or_default(false));
    match (asks, shares) {
        (true, Some(shares)) => Ok(shares?.0),
        (asks, _) => Ok(asks),
    }
}

/// The network that a subnet lies in.
pub(super) fn network_of<'e>(subnet: &Subnet<'e>) -> Result<VirtualNetwork<'e>, Unknown> {
    match subnet.id().parent() {
        Some(id) => subnet.estate().require(&id),
        None => Err(Unknown::because(
            format!("`{}` has no {}", subnet.id(), VirtualNetwork::TYPE),
            "correct the id",
        )),
    }
}
