//! In which virtual network a resource with a public address stands.

use palisade_estate::azure::{LoadBalancer, PublicIpAddress};
use palisade_estate::{Field, Resource, ResourceId, Settings, Unknown, View};

use super::attachment::whole;
use crate::Context;

/// Where a resource stands.
pub(super) enum Placement {
    /// In this virtual network.
    Network(ResourceId),
    /// Where no virtual network's plan reaches; the text says where.
    Outside(&'static str),
}

/// Which setting of a resource lists the parts that name a subnet.
const SUBNET_LISTS: [(&str, &str); 5] = [
    ("microsoft.network/networkinterfaces", "ipConfigurations"),
    (
        "microsoft.network/applicationgateways",
        "gatewayIPConfigurations",
    ),
    ("microsoft.network/azurefirewalls", "ipConfigurations"),
    ("microsoft.network/bastionhosts", "ipConfigurations"),
    (
        "microsoft.network/virtualnetworkgateways",
        "ipConfigurations",
    ),
];

/// Where the user of an address stands.
pub(super) fn placement(
    context: &Context<'_>,
    user: &ResourceId,
    address: &PublicIpAddress<'_>,
) -> Result<Placement, Unknown> {
    let kind = user.resource_type().unwrap_or_default();
    if kind == LoadBalancer::TYPE {
        return load_balancer_network(context, user).map(Placement::Network);
    }
    let resource = found(context, user)?;
    if kind == "microsoft.network/azurefirewalls"
        && let Field::Present(..) = resource.reference("virtualHub")
    {
        return Ok(Placement::Outside("a Virtual WAN hub"));
    }
    if kind == "microsoft.apimanagement/service" {
        return api_management_network(&resource, address);
    }
    let list = SUBNET_LISTS.iter().find(|(listed, _)| *listed == kind);
    let (_, list) =
        list.ok_or_else(|| unresolved(user, "isn't of a type that Palisade follows"))?;
    let network = first_network(&resource.elements(list)?)?;
    let network = network.ok_or_else(|| unresolved(user, "names no subnet"))?;
    Ok(Placement::Network(network))
}

fn found<'e>(context: &Context<'e>, id: &ResourceId) -> Result<Resource<'e>, Unknown> {
    context.estate.find(id).ok_or_else(|| {
        Unknown::because(
            format!(
                "`{}`, which uses the address, is outside the input",
                id.name()
            ),
            format!("az resource show --ids {id}"),
        )
    })
}

fn unresolved(id: &ResourceId, why: &str) -> Unknown {
    Unknown::because(
        format!("the network isn't known: `{}` {why}", id.name()),
        format!("az resource show --ids {id}"),
    )
}

/// The network of the first part that names a subnet.
fn first_network(parts: &[Settings<'_>]) -> Result<Option<ResourceId>, Unknown> {
    for part in parts {
        match part.reference("subnet") {
            Field::Present(subnet, _) => return Ok(subnet.parent()),
            Field::Absent(_) => {}
            Field::Unknown(unknown) => return Err(unknown),
        }
    }
    Ok(None)
}

/// API Management has an address and a subnet for each of its regions.
fn api_management_network(
    service: &Resource<'_>,
    address: &PublicIpAddress<'_>,
) -> Result<Placement, Unknown> {
    let mut regions = vec![**service];
    regions.extend(service.elements("additionalLocations")?);
    let uses = |region: &Settings<'_>| {
        region.reference("publicIpAddressId").present().as_ref() == Some(address.id())
    };
    let region = regions.into_iter().find(uses);
    let region = region.ok_or_else(|| unresolved(service.id(), "doesn't use the address"))?;
    match region.reference("virtualNetworkConfiguration.subnetResourceId") {
        Field::Present(subnet, _) => match subnet.parent() {
            Some(network) => Ok(Placement::Network(network)),
            None => Err(unresolved(service.id(), "names no subnet")),
        },
        Field::Absent(_) => Ok(Placement::Outside("no virtual network")),
        Field::Unknown(unknown) => Err(unknown),
    }
}

/// A load balancer stands where its backends stand, which are all in one network. That of a
/// cluster serves the cluster's nodes, so the cluster tells as well.
fn load_balancer_network(context: &Context<'_>, id: &ResourceId) -> Result<ResourceId, Unknown> {
    let of_backends = match context.estate.find(id).and_then(LoadBalancer::try_of) {
        Some(balancer) => backend_network(context, &balancer),
        None => found(context, id).and(Err(unresolved(id, "isn't a load balancer"))),
    };
    of_backends.or_else(|unknown| cluster_network(context, id).ok_or(unknown))
}

fn backend_network(
    context: &Context<'_>,
    balancer: &LoadBalancer<'_>,
) -> Result<ResourceId, Unknown> {
    let mut unknown = unresolved(balancer.id(), "names no backend in a network");
    for pool in balancer.backend_address_pools()? {
        if let Field::Present(network, _) = pool.reference("virtualNetwork") {
            return Ok(network);
        }
        for member in pool.elements("loadBalancerBackendAddresses")? {
            if let Field::Present(network, _) = member.reference("virtualNetwork") {
                return Ok(network);
            }
        }
        for member in pool.elements("backendIPConfigurations")? {
            match member_network(context, member.reference("id")) {
                Ok(network) => return Ok(network),
                Err(cause) => unknown = cause,
            }
        }
    }
    for rule in balancer.inbound_nat_rules()? {
        match member_network(context, rule.reference("backendIPConfiguration")) {
            Ok(network) => return Ok(network),
            Err(cause) => unknown = cause,
        }
    }
    Err(unknown)
}

/// The network of one backend: an IP configuration of an interface or of a scale set.
fn member_network(
    context: &Context<'_>,
    configuration: Field<'_, ResourceId>,
) -> Result<ResourceId, Unknown> {
    let Field::Present(configuration, _) = configuration else {
        return Err(Unknown::because(
            "a backend of the load balancer has no id",
            "correct the load balancer's body",
        ));
    };
    let owner = whole(configuration);
    let resource = context.estate.find(&owner).ok_or_else(|| {
        Unknown::because(
            format!("the backend `{}` is outside the input", owner.name()),
            format!("az resource show --ids {owner}"),
        )
    })?;
    let interfaces =
        resource.elements("virtualMachineProfile.networkProfile.networkInterfaceConfigurations")?;
    let mut parts = resource.elements("ipConfigurations")?;
    for interface in interfaces {
        parts.extend(interface.elements("ipConfigurations")?);
    }
    first_network(&parts)?.ok_or_else(|| unresolved(&owner, "names no subnet"))
}

/// The network of the cluster in whose node resource group a load balancer is.
fn cluster_network(context: &Context<'_>, balancer: &ResourceId) -> Option<ResourceId> {
    let cluster = context.estate.manager_of(balancer)?;
    let (subnet, _) = cluster.subnet_ids().ok()?.into_iter().next()?;
    subnet.parent()
}
