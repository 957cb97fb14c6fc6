//! Which firewall of the estate has an address, private or public.

use std::net::IpAddr;

use palisade_estate::azure::{AzureFirewall, PublicIpAddress, Subnet, VirtualNetwork};
use palisade_estate::{Field, Unknown};

use super::address_set::AddressSet;
use crate::Context;

/// The firewall that a route to `address` reaches. Private addresses repeat in an estate, so the
/// firewall must stand in the subnet's network or in one peered with it.
pub(super) fn firewall_at<'e>(
    context: &Context<'e>,
    subnet: &Subnet<'e>,
    address: &str,
) -> Result<AzureFirewall<'e>, Unknown> {
    let wanted = address.parse::<IpAddr>().ok();
    let (mut apart, mut unread) = (None, None);
    for firewall in context.estate.all::<AzureFirewall<'_>>() {
        match answers_to(&firewall, wanted) {
            Ok(true) => {}
            Ok(false) => continue,
            Err(unknown) => {
                unread = Some(unknown);
                continue;
            }
        }
        let Some(id) = subnet.id().parent() else {
            continue;
        };
        let network = context.estate.require::<VirtualNetwork<'_>>(&id)?;
        match is_reachable(&firewall, &network) {
            Ok(true) => return Ok(firewall),
            Ok(false) => apart = Some(firewall.name()),
            Err(unknown) => unread = Some(unknown),
        }
    }
    if let Some(unknown) = unread {
        return Err(unknown);
    }
    let cause = match apart {
        Some(name) => format!(
            "the default route leads to {address}, and no connected peering in the input joins the subnet's network to that of the firewall `{name}`, which has that address"
        ),
        None => format!(
            "the default route leads to {address}, and no firewall in the input has that address"
        ),
    };
    Err(Unknown::because(
        cause,
        "az network firewall list, or the appliance's own configuration",
    ))
}

fn answers_to(firewall: &AzureFirewall<'_>, wanted: Option<IpAddr>) -> Result<bool, Unknown> {
    let addresses = firewall.private_ip_addresses()?;
    let mut addresses = addresses.iter().filter_map(|text| text.parse().ok());
    Ok(wanted.is_some_and(|wanted| addresses.any(|address: IpAddr| address == wanted)))
}

/// Whether a firewall's private address can be the next hop of a network: it stands in the
/// network or in one peered with it. A firewall in a virtual hub is reached over the hub.
fn is_reachable(
    firewall: &AzureFirewall<'_>,
    network: &VirtualNetwork<'_>,
) -> Result<bool, Unknown> {
    if firewall.is_in_virtual_hub() {
        return Ok(true);
    }
    let homes = firewall.virtual_network_ids()?;
    if homes.is_empty() {
        return Err(Unknown::because(
            format!(
                "the input doesn't tell in which network the firewall `{}` stands",
                firewall.name()
            ),
            format!("az network firewall show --ids {}", firewall.id()),
        ));
    }
    if homes.iter().any(|home| home == network.id()) {
        return Ok(true);
    }
    for peering in network.peerings() {
        if let Some((remote, _)) = peering.remote_virtual_network().found()
            && homes.contains(&remote)
            && peering.is_connected()?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The firewall that has a public address. Unknown if none in the input has it and the addresses
/// of some firewall aren't known, or there is no firewall in the input.
pub(super) fn firewall_with<'e>(
    context: &Context<'e>,
    prefix: &str,
) -> Result<Option<AzureFirewall<'e>>, Unknown> {
    let wanted = AddressSet::of([prefix]);
    let mut unread = None;
    let firewalls = context.estate.all::<AzureFirewall<'e>>();
    if firewalls.len() == 0 {
        return Err(Unknown::because(
            format!("{prefix} may be the public address of a firewall, and none is in the input"),
            "az network firewall list, az network public-ip list",
        ));
    }
    for firewall in firewalls {
        match has_public_address(context, &firewall, &wanted) {
            Ok(true) => return Ok(Some(firewall)),
            Ok(false) => {}
            Err(unknown) => unread = Some(unknown),
        }
    }
    unread.map_or(Ok(None), Err)
}

fn has_public_address(
    context: &Context<'_>,
    firewall: &AzureFirewall<'_>,
    wanted: &AddressSet,
) -> Result<bool, Unknown> {
    let of_hub = firewall.hub_public_addresses()?;
    if of_hub.iter().any(|text| AddressSet::of([*text]) == *wanted) {
        return Ok(true);
    }
    let mut unread = None;
    for id in firewall.public_ip_address_ids()? {
        let resource = context.estate.require::<PublicIpAddress<'_>>(&id);
        match resource.and_then(|resource| written_address(&resource)) {
            Ok(text) if AddressSet::of([text]) == *wanted => return Ok(true),
            Ok(_) => {}
            Err(unknown) => unread = Some(unknown),
        }
    }
    unread.map_or(Ok(false), Err)
}

/// The address itself, which Azure adds once it has given one out.
fn written_address<'e>(resource: &PublicIpAddress<'e>) -> Result<&'e str, Unknown> {
    match resource.text("ipAddress") {
        Field::Present(text, _) => Ok(text),
        Field::Unknown(_) | Field::Absent(_) => Err(Unknown::because(
            format!(
                "the input doesn't tell the address of `{}`",
                resource.name()
            ),
            format!("az network public-ip show --ids {}", resource.id()),
        )),
    }
}
