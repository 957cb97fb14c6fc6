//! Where the packets of a cluster leave it, and what its workloads plainly use.

use std::net::IpAddr;

use palisade_estate::azure::{AzureFirewall, ManagedCluster, Subnet};
use palisade_estate::kubernetes::pod_templates;
use palisade_estate::{Cluster, Field, Unknown};
use palisade_packet::{AddressSet, PacketSet, Product, Set, Traffic};

use super::answer::internet;
use crate::azure::{Leads, Network, Prefixes, Routed, Vicinity, route};

/// A subnet of nodes or of pods.
#[derive(Clone)]
pub struct Site<'e> {
    /// The subnet.
    pub subnet: Subnet<'e>,
    /// Its addresses of IPv4, the only ones that an Azure Firewall knows.
    pub sources: AddressSet,
    /// The firewall that its routes to the internet lead to, or why there is none to be asked.
    pub firewall: Result<AzureFirewall<'e>, Unknown>,
}

/// The subnets of a cluster. What leaves a cluster has an address of a node, or of a pod whose
/// addresses are those of a subnet.
pub fn sites<'e>(
    network: &Network<'e>,
    cluster: &ManagedCluster<'e>,
) -> Result<Vec<Site<'e>>, Unknown> {
    let mut found = Vec::new();
    for subnet in cluster.subnets()? {
        let subnet = subnet?;
        let prefixes = Prefixes::read(subnet.address_prefixes()).addresses();
        if let Some(cause) = prefixes.causes.into_iter().next() {
            return Err(cause);
        }
        found.push(Site {
            sources: prefixes.least.intersection(&AddressSet::all_v4()),
            firewall: firewall(network, &subnet),
            subnet,
        });
    }
    match found.is_empty() {
        true => Err(Unknown::because(
            format!(
                "`{}` is in a network that AKS manages, whose routes lead to no firewall",
                cluster.name()
            ),
            "give the node pools a subnet of your own",
        )),
        false => Ok(found),
    }
}

/// The firewall that routes to the internet lead to, for certain or perhaps: what reaches it is
/// asked of it.
fn firewall<'e>(network: &Network<'e>, subnet: &Subnet<'e>) -> Result<AzureFirewall<'e>, Unknown> {
    let vicinity = Vicinity::of(network, *subnet);
    let there = Product::of(internet(), Traffic::full());
    let packets: PacketSet = Product::of(AddressSet::full(), there);
    let mut other = None;
    for part in route(network, &vicinity, &packets) {
        let leads = match part.outcome {
            Routed::To(leads) => vec![leads],
            Routed::Uncertain { leads, causes } => {
                other = other.or_else(|| causes.into_iter().next());
                leads
            }
        };
        let mut appliances = leads.iter().filter_map(|leads| match leads {
            Leads::Appliance(address) => Some(*address),
            _ => None,
        });
        let Some(address) = appliances.next() else {
            continue;
        };
        let mut firewalls = network.estate().all::<AzureFirewall<'e>>();
        let at_address = firewalls
            .find(|firewall| has_address(firewall, address) && is_connected(firewall, &vicinity));
        match at_address {
            Some(firewall) => return Ok(firewall),
            None => {
                other = Some(Unknown::because(
                    format!(
                        "no Azure Firewall of the input in the network of subnet `{}` or a peered one has the address {address}",
                        subnet.name()
                    ),
                    "az network firewall list",
                ));
            }
        }
    }
    Err(other.unwrap_or_else(|| {
        Unknown::because(
            format!("no route of subnet `{}` leads to a firewall", subnet.name()),
            "give the subnet a route 0.0.0.0/0 to the firewall",
        )
    }))
}

fn has_address(firewall: &AzureFirewall<'_>, address: IpAddr) -> bool {
    let own = firewall.private_ip_addresses().unwrap_or_default();
    own.iter().any(|text| text.parse() == Ok(address))
}

/// Private addresses repeat in an estate. A firewall of a virtual hub is taken to be the subnet's.
fn is_connected(firewall: &AzureFirewall<'_>, vicinity: &Vicinity<'_>) -> bool {
    let Ok(home) = &vicinity.network else {
        return false;
    };
    let peers = vicinity.peers.as_deref().unwrap_or_default().iter();
    let remotes = peers.filter_map(|peer| match &peer.remote {
        Field::Present(remote, _) => Some(remote),
        _ => None,
    });
    let connected: Vec<_> = remotes.chain([home.id()]).collect();
    let networks = firewall.virtual_network_ids().unwrap_or_default();
    firewall.is_in_virtual_hub() || networks.iter().any(|network| connected.contains(&network))
}

/// The servers of the registries that the images of a cluster's workloads are pulled from. A
/// registry of Azure hands out its layers by a name of its region, too ("Dedicated data
/// endpoints", Microsoft Learn).
pub fn registries(cluster: &Cluster<'_>, region: &str) -> Vec<String> {
    let mut servers: Vec<String> = Vec::new();
    let mut add = |server: String| {
        if !servers.contains(&server) {
            servers.push(server);
        }
    };
    for template in pod_templates(cluster) {
        for container in template.containers() {
            let Some(image) = container.get("image").and_then(|image| image.as_str()) else {
                continue;
            };
            let Some(server) = registry(image) else {
                continue;
            };
            if let Some(name) = server.strip_suffix(".azurecr.io") {
                add(format!("{name}.{region}.data.azurecr.io"));
            }
            add(server);
        }
    }
    servers
}

/// The server of an image's name; nothing where it names none.
fn registry(image: &str) -> Option<String> {
    let Some((first, _)) = image.split_once('/') else {
        return Some("registry-1.docker.io".to_owned());
    };
    let host = first
        .split(':')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    match host.as_str() {
        "" | "localhost" => None,
        "docker.io" => Some("registry-1.docker.io".to_owned()),
        host if host.contains('.') || first.contains(':') => Some(host.to_owned()),
        _ => Some("registry-1.docker.io".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::registry;

    #[test]
    fn an_image_names_its_registry_or_means_docker_hub() {
        let of = |image| registry(image).unwrap_or_default();
        assert_eq!(of("acr.azurecr.io/shop/api:1"), "acr.azurecr.io");
        assert_eq!(of("Registry.example:5000/a"), "registry.example");
        assert_eq!(of("registry:5000/a"), "registry");
        assert_eq!(of("nginx"), "registry-1.docker.io");
        assert_eq!(of("library/nginx@sha256:00"), "registry-1.docker.io");
        assert_eq!(registry("localhost/a"), None);
    }
}
