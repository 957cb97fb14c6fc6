//! What Azure itself says acts at a network interface: `az network nic list-effective-nsg` and
//! `az network nic show-effective-route-table`. Such an answer is of the time when it was asked.

use super::{NetworkInterface, NetworkSecurityGroup, Subnet};
use crate::resource::view;
use crate::{Field, ResourceId, Settings, Unknown};

view! {
    /// A network security group as it acts at an interface or a subnet: its rules with their tags
    /// resolved to prefixes.
    EffectiveSecurityGroup = "microsoft.network/effectivenetworksecuritygroups"
}

view! {
    /// The routes that act at an interface. Azure's answer doesn't say at which, so the file does:
    /// it has the name of the interface, or those of network and subnet with a dot between.
    EffectiveRouteTable = "microsoft.network/effectiveroutetables"
}

impl<'e> EffectiveSecurityGroup<'e> {
    /// `networkSecurityGroup.id`.
    pub fn network_security_group(&self) -> Field<'e, ResourceId> {
        self.reference("networkSecurityGroup")
    }

    /// `effectiveSecurityRules`.
    pub fn rules(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("effectiveSecurityRules")
    }

    /// The subnets at which it acts: the one that it belongs to, or those of its interface, which
    /// must be in the input.
    pub fn subnet_ids(&self) -> Vec<ResourceId> {
        let association = self.property("association").map(Settings::of).present();
        let at = |path| association.and_then(|association| association.reference(path).present());
        if let Some(subnet) = at("subnet") {
            return vec![subnet];
        }
        let interface = at("networkInterface");
        let interface =
            interface.and_then(|id| self.estate().require::<NetworkInterface<'_>>(&id).ok());
        interface.iter().flat_map(subnets_of).collect()
    }

    /// Whether this is what a group is at a subnet.
    pub fn is_of(&self, group: &NetworkSecurityGroup<'_>, subnet: &Subnet<'_>) -> bool {
        let is_own = self.network_security_group().present().as_ref() == Some(group.id());
        is_own && self.subnet_ids().contains(subnet.id())
    }
}

impl<'e> EffectiveRouteTable<'e> {
    /// The routes (`value`).
    pub fn routes(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("value")
    }

    /// Whether these are the routes of a subnet, by the name of the file.
    pub fn is_of(&self, subnet: &Subnet<'_>) -> bool {
        let network = subnet.id().parent();
        let network = network.as_ref().map_or("", ResourceId::name);
        if self.is_named(&format!("{network}.{}", subnet.name())) {
            return true;
        }
        let mut interfaces = self.estate().all::<NetworkInterface<'_>>();
        interfaces.any(|interface| {
            self.is_named(interface.name()) && subnets_of(&interface).contains(subnet.id())
        })
    }

    /// Whether the file has a name, and nothing behind it but endings.
    fn is_named(&self, name: &str) -> bool {
        let file = self.name().rsplit([':', '\\']).next().unwrap_or_default();
        let start = file.get(..name.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(name))
            && file[name.len()..].starts_with('.')
    }
}

fn subnets_of(interface: &NetworkInterface<'_>) -> Vec<ResourceId> {
    let configurations = interface.ip_configurations().unwrap_or_default();
    let subnets = configurations.iter();
    subnets
        .filter_map(|one| one.reference("subnet").present())
        .collect()
}
