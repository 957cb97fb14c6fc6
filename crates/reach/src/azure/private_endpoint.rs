//! Private endpoints: addresses of services inside a network.

use std::net::IpAddr;

use ipnet::IpNet;
use palisade_estate::azure::{NetworkInterface, PrivateEndpoint, Subnet};
use palisade_estate::{Field, Resource, ResourceId, Settings, Unknown};
use palisade_packet::{AddressSet, Set};

use super::peering::network_of;
use super::{Bounds, Prefixes, Vicinity};

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

    /// The address of a private endpoint, unless a route of the client's subnet takes its place: one
    /// at least as long as the prefix of the endpoint's network, where the endpoint's subnet heeds
    /// routes ("Manage network policies for private endpoints", Microsoft Learn, 2023-07-26).
    pub(super) fn reached(&self, address: IpAddr, vicinity: &Vicinity<'_>) -> Bounds<AddressSet> {
        let alone = AddressSet::from(address);
        let heeds = self.heeds_routes();
        if heeds == Ok(false) {
            return Bounds::exactly(alone);
        }
        let perhaps =
            |cause: Unknown| Bounds::between(AddressSet::empty(), alone.clone(), vec![cause]);
        let routes = match &vicinity.user_routes {
            Ok(routes) => routes,
            Err(unknown) => return perhaps(unknown.clone()),
        };
        let least = match self.least_length(address) {
            Ok(least) => least,
            Err(unknown) => return perhaps(unknown),
        };
        let replaces = |prefix: &IpNet| prefix.contains(&address) && prefix.prefix_len() >= least;
        for route in routes {
            match &route.prefixes {
                Ok(prefixes) if !prefixes.iter().any(replaces) => {}
                Ok(_) => {
                    return match heeds {
                        Ok(_) => Bounds::exactly(AddressSet::empty()),
                        Err(unknown) => perhaps(unknown),
                    };
                }
                Err(unknown) => return perhaps(unknown.clone()),
            }
        }
        Bounds::exactly(alone)
    }

    /// The length of the prefix of the endpoint's network that its address lies in.
    fn least_length(&self, address: IpAddr) -> Result<u8, Unknown> {
        let subnet = self.subnet.as_ref().map_err(Clone::clone)?;
        let network = network_of(subnet)?;
        let prefixes = network.address_prefixes()?;
        let prefixes = Prefixes::read(Ok(prefixes.into_iter().map(|(text, _)| text)));
        let around = prefixes
            .certain
            .iter()
            .filter(|prefix| prefix.contains(&address));
        around.map(IpNet::prefix_len).max().ok_or_else(|| {
            Unknown::because(
                format!(
                    "the address of `{}` lies outside its network",
                    self.resource.name()
                ),
                "correct the address",
            )
        })
    }
}
