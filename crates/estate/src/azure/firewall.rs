//! Azure Firewall: classic rules, policies, rule collection groups and IP groups.

use crate::resource::view;
use crate::{Field, ResourceId, Settings, Unknown};

view! {
    /// A firewall.
    AzureFirewall = "microsoft.network/azurefirewalls"
}

view! {
    /// A firewall policy.
    FirewallPolicy = "microsoft.network/firewallpolicies"
}

view! {
    /// A group of rule collections of a firewall policy.
    RuleCollectionGroup = "microsoft.network/firewallpolicies/rulecollectiongroups"
}

view! {
    /// A named set of addresses for firewall rules.
    IpGroup = "microsoft.network/ipgroups"
}

impl<'e> AzureFirewall<'e> {
    /// `firewallPolicy.id`; a firewall without one has classic rules.
    pub fn policy(&self) -> Field<'e, ResourceId> {
        self.reference("firewallPolicy")
    }

    /// `threatIntelMode` of a firewall with classic rules: `Alert`, `Deny` or `Off`.
    pub fn threat_intel_mode(&self) -> Field<'e, &'e str> {
        self.text("threatIntelMode")
    }

    /// Whether the firewall stands in a virtual hub and not in a virtual network.
    pub fn is_in_virtual_hub(&self) -> bool {
        let sku = self.text("sku.name").present();
        sku.is_some_and(|name| name.eq_ignore_ascii_case("AZFW_Hub"))
            || matches!(self.property("virtualHub"), Field::Present(..))
    }

    /// The virtual networks that hold its subnets; none for a firewall in a virtual hub.
    pub fn virtual_network_ids(&self) -> Result<Vec<ResourceId>, Unknown> {
        let subnets = self.elements("ipConfigurations")?;
        Ok(subnets
            .iter()
            .filter_map(|configuration| configuration.reference("subnet").present()?.parent())
            .collect())
    }

    /// The public addresses: the ids of public IP addresses in a virtual network.
    pub fn public_ip_address_ids(&self) -> Result<Vec<ResourceId>, Unknown> {
        let mut ids = Vec::new();
        for configuration in self.elements("ipConfigurations")? {
            ids.extend(configuration.reference("publicIPAddress").present());
        }
        let management = self.property("managementIpConfiguration").map(Settings::of);
        ids.extend(
            management
                .present()
                .and_then(|settings| settings.reference("publicIPAddress").present()),
        );
        Ok(ids)
    }

    /// The public addresses that Azure gives a firewall in a virtual hub.
    pub fn hub_public_addresses(&self) -> Result<Vec<&'e str>, Unknown> {
        let addresses = self.elements("hubIPAddresses.publicIPs.addresses")?;
        Ok(addresses
            .iter()
            .filter_map(|entry| entry.text("address").present())
            .collect())
    }

    /// The private addresses of its IP configurations and of its place in a virtual hub: what a
    /// route to the firewall names.
    pub fn private_ip_addresses(&self) -> Result<Vec<&'e str>, Unknown> {
        let mut addresses = Vec::new();
        for configuration in self.elements("ipConfigurations")? {
            addresses.extend(configuration.text("privateIPAddress").present());
        }
        addresses.extend(self.text("hubIPAddresses.privateIPAddress").present());
        Ok(addresses)
    }
}

impl<'e> FirewallPolicy<'e> {
    /// `sku.tier`: `Basic`, `Standard` or `Premium`.
    pub fn tier(&self) -> Field<'e, &'e str> {
        self.text("sku.tier")
    }

    /// `basePolicy.id`: the policy whose rules come first.
    pub fn base_policy(&self) -> Field<'e, ResourceId> {
        self.reference("basePolicy")
    }

    /// `threatIntelMode`: `Alert`, `Deny` or `Off`. The firewall applies the stricter of this
    /// and the base policy's.
    pub fn threat_intel_mode(&self) -> Field<'e, &'e str> {
        self.text("threatIntelMode")
    }

    /// `intrusionDetection.mode`: `Off`, `Alert` or `Deny`. The firewall applies the stricter of
    /// this and the base policy's.
    pub fn intrusion_detection_mode(&self) -> Field<'e, &'e str> {
        self.text("intrusionDetection.mode")
    }

    /// `intrusionDetection.configuration.bypassTrafficSettings`: traffic that intrusion
    /// detection doesn't look at.
    pub fn intrusion_detection_bypasses(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("intrusionDetection.configuration.bypassTrafficSettings")
    }

    /// `dnsSettings.enableProxy`: whether the firewall answers the network's DNS queries.
    pub fn dns_proxy_enabled(&self) -> Field<'e, bool> {
        self.flag("dnsSettings.enableProxy")
    }

    /// The rule collection groups in the input, ordered by id.
    pub fn rule_collection_groups(&self) -> Vec<RuleCollectionGroup<'e>> {
        self.estate().children(self.id())
    }

    /// The ids of the groups that the policy's body names.
    pub fn rule_collection_group_ids(&self) -> Result<Vec<ResourceId>, Unknown> {
        let groups = self.elements("ruleCollectionGroups")?;
        Ok(groups
            .iter()
            .filter_map(|group| ResourceId::parse(group.text("id").present()?))
            .collect())
    }
}

impl<'e> IpGroup<'e> {
    /// `ipAddresses`: addresses, ranges and prefixes.
    pub fn addresses(&self) -> Result<Vec<&'e str>, Unknown> {
        let addresses = self.texts("ipAddresses")?;
        Ok(addresses.into_iter().map(|(text, _)| text).collect())
    }
}

/// A rule of a firewall with the collection it stands in.
#[derive(Clone, Copy)]
pub struct FirewallRule<'e> {
    /// The rule.
    pub rule: Settings<'e>,
    /// The collection.
    pub collection: Settings<'e>,
}

impl<'e> FirewallRule<'e> {
    /// `ruleType` in lower case: `networkrule`, `applicationrule` or `natrule`.
    pub fn rule_type(&self) -> String {
        self.rule
            .text("ruleType")
            .present()
            .unwrap_or_default()
            .to_ascii_lowercase()
    }

    /// Whether the collection's action lets packets pass.
    pub fn allows(&self) -> bool {
        self.collection
            .text("action.type")
            .present()
            .is_some_and(|action| action.eq_ignore_ascii_case("allow"))
    }
}

impl<'e> RuleCollectionGroup<'e> {
    /// The rules of all collections, in the order of the body.
    pub fn rules(&self) -> Result<Vec<FirewallRule<'e>>, Unknown> {
        let mut rules = Vec::new();
        for collection in self.elements("ruleCollections")? {
            rules.extend(
                collection
                    .elements("rules")?
                    .into_iter()
                    .map(|rule| FirewallRule { rule, collection }),
            );
        }
        Ok(rules)
    }
}
