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
