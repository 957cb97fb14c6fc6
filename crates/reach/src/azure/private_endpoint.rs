//! Private endpoints: addresses of services inside a network.

use std::net::IpAddr;

use palisade_estate::azure::{NetworkInterface, PrivateEndpoint, Subnet};
use palisade_estate::{Field, Resource, ResourceId, Settings, Unknown};

use super::Vicinity;

/// A private endpoint that a subnet reaches.
#[derive(Clone)]
pub struct Endpoint<'e> {
    /// The private endpoint.
    pub resource: PrivateEndpoint<'e>,
    /// The subnet it stands in.
    pub subnet: Result<Subnet<'e>, Unknown>,
    /// Its addresses.
    pub addresses: Result<Vec<IpAddr>, Unknown>,
}

/// The private endpoints in a subnet's network and in the networks it is peered with.
pub fn endpoints<'e>(vicinity: &Vicinity<'e>) -> Vec<Endpoint<'e>> {
    let estate = vicinity.subnet.estate();
    let all = estate.all::<PrivateEndpoint<'e>>();
    all.filter_map(|resource| {
        let subnet = resource.reference("subnet");
        if let Field::Present(id, _) = &subnet
            && !is_near(vicinity, id)
        {
            return None;
        }
        let subnet = match subnet {
            Field::Present(id, _) => estate.require(&id),
            Field::Absent(_) => return None,
            Field::Unknown(unknown) => Err(unknown),
        };
        Some(Endpoint {
            subnet,
            addresses: addresses(&resource),
            resource,
        })
    })
    .collect()
}

fn is_near(vicinity: &Vicinity<'_>, subnet: &ResourceId) -> bool {
    let home = vicinity.subnet.id().parent();
    let network = subnet.parent();
    let peers = vicinity.peers.as_deref().unwrap_or_default();
    let is_peer = |peer: &super::Peer<'_>| match (&peer.remote, &network) {
        (Field::Present(remote, _), Some(network)) => remote == network,
        _ => false,
    };
    network == home || peers.iter().any(is_peer)
}

/// The addresses that the endpoint, its network interfaces or its DNS records say.
fn addresses(endpoint: &Resource<'_>) -> Result<Vec<IpAddr>, Unknown> {
    let mut found = configured(endpoint, "ipConfigurations")?;
    for interface in endpoint.elements("networkInterfaces")? {
        if let Field::Present(id, _) = interface.reference("id")
            && let Ok(interface) = endpoint.estate().require::<NetworkInterface<'_>>(&id)
        {
            found.extend(configured(&interface, "ipConfigurations")?);
        }
    }
    for record in endpoint.elements("customDnsConfigs")? {
        let texts = record.texts("ipAddresses")?;
        found.extend(
            texts
                .iter()
                .filter_map(|(text, _)| text.parse::<IpAddr>().ok()),
        );
    }
    found.sort_unstable();
    found.dedup();
    match found.is_empty() {
        true => Err(Unknown::because(
            format!(
                "the address of private endpoint `{}` isn't in the input",
                endpoint.name()
            ),
            "az network nic list",
        )),
        false => Ok(found),
    }
}

fn configured(settings: &Settings<'_>, path: &str) -> Result<Vec<IpAddr>, Unknown> {
    let configurations = settings.elements(path)?;
    let mut found = Vec::new();
    for configuration in configurations {
        let (text, _) = configuration.text("privateIPAddress").or_default("")?;
        found.extend(text.parse::<IpAddr>());
    }
    Ok(found)
}

impl Endpoint<'_> {
    /// Whether routes of the client's subnet act on the endpoint's address: its subnet's
    /// `privateEndpointNetworkPolicies` is `Enabled` or `RouteTableEnabled`. Off unless said.
    pub fn heeds_routes(&self) -> Result<bool, Unknown> {
        self.heeds("RouteTableEnabled")
    }

    /// Whether network security groups act on the endpoint.
    pub fn heeds_security_groups(&self) -> Result<bool, Unknown> {
        self.heeds("NetworkSecurityGroupEnabled")
    }

    fn heeds(&self, policy: &str) -> Result<bool, Unknown> {
        let subnet = self.subnet.as_ref().map_err(Clone::clone)?;
        let policies = subnet.text("privateEndpointNetworkPolicies");
        let (policies, _) = policies.or_default("Disabled")?;
        Ok(policies.eq_ignore_ascii_case("Enabled")
            || policies.eq_ignore_ascii_case("true")
            || policies.eq_ignore_ascii_case(policy))
    }
}
