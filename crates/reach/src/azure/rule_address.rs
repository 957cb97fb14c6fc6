//! What the addresses of a rule stand for at a subnet: prefixes, service tags, the tags that
//! Azure computes, application security groups.

use std::net::IpAddr;

use palisade_estate::azure::{
    EffectiveSecurityGroup, NetworkInterface, NetworkSecurityGroup, Subnet,
};
use palisade_estate::{Coverage, Estate, Field, ResourceId, Settings, Unknown};
use palisade_packet::{AddressSet, Set};

use super::address::{METADATA, PLATFORM, PROBES_V6, addresses, public_addresses};
use super::effective::effective_group;
use super::reading::Reading;
use super::vicinity::{Vicinity, no_tag};
use super::{Bounds, Network, ServiceTags};

/// What the addresses of rules stand for at one place.
pub struct RuleAddresses<'n, 'e> {
    estate: &'e Estate,
    tags: &'n ServiceTags,
    virtual_network: Bounds<AddressSet>,
    subnet: Subnet<'e>,
}

impl<'n, 'e> RuleAddresses<'n, 'e> {
    /// The addresses of rules at a subnet.
    pub fn at(network: &'n Network<'e>, vicinity: &Vicinity<'e>) -> Self {
        Self {
            estate: network.estate(),
            tags: network.service_tags(vicinity.region().as_deref()),
            virtual_network: vicinity.tag.clone(),
            subnet: vicinity.subnet,
        }
    }

    /// What Azure itself says that a group is here.
    pub(super) fn effective(
        &self,
        group: &NetworkSecurityGroup<'_>,
    ) -> Option<EffectiveSecurityGroup<'e>> {
        effective_group(self.estate, group, &self.subnet)
    }

    /// What `VirtualNetwork` stands for.
    pub fn virtual_network(&self) -> &Bounds<AddressSet> {
        &self.virtual_network
    }

    /// What one prefix or tag stands for.
    pub(super) fn of(&self, text: &str, reading: Reading) -> Bounds<AddressSet> {
        if let Some(addresses) = addresses(text) {
            return Bounds::exactly(addresses);
        }
        let virtual_network = match reading {
            Reading::Least => &self.virtual_network.least,
            Reading::Most => &self.virtual_network.most,
        };
        let one = |address: IpAddr| Bounds::exactly(AddressSet::from(address));
        match text.to_ascii_lowercase().as_str() {
            "virtualnetwork" => Bounds::exactly(virtual_network.clone()),
            "internet" => Bounds::exactly(public_addresses().difference(virtual_network)),
            "azureloadbalancer" => one(PLATFORM).union(&one(PROBES_V6)),
            "azureplatformdns" => one(PLATFORM),
            "azureplatformimds" => one(METADATA),
            "azureplatformlkm" => Bounds::unknown(Unknown::because(
                "the addresses of `AzurePlatformLKM` aren't published",
                "az network nic list-effective-nsg for a machine of the subnet",
            )),
            _ => match self.tags.addresses(text) {
                Some(addresses) => Bounds::exactly(addresses),
                None => Bounds::unknown(no_tag(text, self.tags)),
            },
        }
    }

    /// The addresses of the members of an application security group.
    pub(super) fn group(&self, id: &ResourceId) -> Bounds<AddressSet> {
        let mut members = Bounds::exactly(AddressSet::empty());
        for member in self.estate.referrers(id) {
            members = members.union(&match member.resource_type() {
                "microsoft.network/networkinterfaces" => of_interface(&member, id),
                "microsoft.network/privateendpoints" => of_endpoint(&member),
                "microsoft.compute/virtualmachinescalesets" => Bounds::unknown(Unknown::because(
                    format!(
                        "the addresses of the machines of `{}` aren't in the input",
                        member.name()
                    ),
                    "az vmss nic list",
                )),
                _ => continue,
            });
        }
        match self.estate.coverage::<NetworkInterface<'_>>(id) {
            Coverage::Unseen => members.union(&Bounds::unknown(Unknown::because(
                format!("the input doesn't hold the network interfaces in application security group `{}`", id.name()),
                "az network nic list",
            ))),
            Coverage::Complete | Coverage::Assumed => members,
        }
    }
}

fn of_interface(interface: &Settings<'_>, group: &ResourceId) -> Bounds<AddressSet> {
    let configurations = match interface.elements("ipConfigurations") {
        Ok(configurations) => configurations,
        Err(unknown) => return Bounds::unknown(unknown),
    };
    let mut members = Bounds::exactly(AddressSet::empty());
    for configuration in configurations {
        members = members.union(&match is_member(&configuration, group) {
            Ok(true) => address(&configuration, "privateIPAddress"),
            Ok(false) => continue,
            Err(unknown) => Bounds::unknown(unknown),
        });
    }
    members
}

fn is_member(configuration: &Settings<'_>, group: &ResourceId) -> Result<bool, Unknown> {
    let groups = configuration.elements("applicationSecurityGroups")?;
    let mut is_member = false;
    for other in groups {
        is_member |= match other.reference("id") {
            Field::Present(id, _) => id == *group,
            Field::Absent(_) => false,
            Field::Unknown(unknown) => return Err(unknown),
        };
    }
    Ok(is_member)
}

fn of_endpoint(endpoint: &Settings<'_>) -> Bounds<AddressSet> {
    match endpoint.elements("ipConfigurations") {
        Ok(configurations) if !configurations.is_empty() => configurations
            .iter()
            .map(|configuration| address(configuration, "privateIPAddress"))
            .fold(Bounds::exactly(AddressSet::empty()), |all, one| {
                all.union(&one)
            }),
        _ => Bounds::unknown(Unknown::because(
            format!(
                "the address of private endpoint `{}` isn't in the input",
                endpoint.name()
            ),
            "az network nic list",
        )),
    }
}

fn address(settings: &Settings<'_>, path: &str) -> Bounds<AddressSet> {
    match settings.text(path).or_default("") {
        Ok((text, _)) => match text.parse::<IpAddr>() {
            Ok(address) => Bounds::exactly(AddressSet::from(address)),
            Err(_) => Bounds::unknown(Unknown::because(
                format!("`{}` has no known address", settings.name()),
                "az network nic list",
            )),
        },
        Err(unknown) => Bounds::unknown(unknown),
    }
}

/// Whether a text is the tag of a platform service, the only names by which outbound rules match
/// packets to the platform ("Network security groups", Microsoft Learn, 2025-07-15).
pub(super) fn is_platform_tag(text: &str) -> bool {
    let tags = ["AzurePlatformDNS", "AzurePlatformIMDS", "AzurePlatformLKM"];
    tags.iter().any(|tag| tag.eq_ignore_ascii_case(text))
}
