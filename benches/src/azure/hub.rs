//! The hub: the firewall with its rules, and what all spokes share.

use serde_json::{Value, json};

use super::network::public_address;
use super::{Place, REGIONS, Spoke, part, reference};
use crate::random::Random;

/// A hub network with what it holds.
pub(crate) struct Hub {
    pub(crate) place: Place,
}

/// How many bodies [`Hub::resources`] gives.
pub(crate) const PER_HUB: usize = 24;

const RULE_GROUPS: usize = 6;
const ZONES: [&str; 4] = [
    "privatelink.vaultcore.azure.net",
    "privatelink.azurecr.io",
    "privatelink.database.windows.net",
    "privatelink.blob.core.windows.net",
];

impl Hub {
    pub(crate) fn new(number: usize, random: &mut Random) -> Self {
        let place = Place {
            subscription: format!("0a1b2c3d-0000-4000-9000-{number:012}"),
            group: format!("rg-hub-{number:02}"),
            region: random.pick(&REGIONS),
        };
        Self { place }
    }

    /// The bodies, given the spokes that are peered with the hub.
    pub(crate) fn resources(
        &self,
        spokes: &[Spoke],
        random: &mut Random,
    ) -> Vec<(&'static str, Vec<Value>)> {
        vec![
            ("network", vec![self.network(spokes, random)]),
            ("firewall", self.firewall(random)),
            (
                "rule-collection-groups",
                (0..RULE_GROUPS)
                    .map(|number| self.rule_group(number, random))
                    .collect(),
            ),
            ("private-dns", self.zones(spokes, random)),
            ("monitor", self.monitor(random)),
        ]
    }

    fn id(&self, kind: &str, name: &str) -> String {
        self.place.id(kind, name)
    }

    fn network(&self, spokes: &[Spoke], random: &mut Random) -> Value {
        let id = self.id("Microsoft.Network/virtualNetworks", "vnet-hub");
        let peerings = spokes.iter().map(|spoke| {
            let properties = json!({
                "allowForwardedTraffic": true, "allowGatewayTransit": true, "allowVirtualNetworkAccess": true, "doNotVerifyRemoteGateways": false, "peerCompleteVnets": true,
                "peeringState": "Connected", "peeringSyncLevel": "FullyInSync", "provisioningState": "Succeeded",
                "remoteAddressSpace": { "addressPrefixes": [format!("{}.0/20", spoke.address(0))] }, "remoteVirtualNetwork": reference(spoke.network_id()), "useRemoteGateways": false,
            });
            part(&id, "virtualNetworkPeerings", &format!("peer-{:04}", spoke.number), properties)
        });
        let subnets = [
            "AzureFirewallSubnet",
            "AzureBastionSubnet",
            "GatewaySubnet",
            "snet-dns",
        ];
        let subnets = (0..).zip(subnets).map(|(at, name): (usize, _)| {
            part(&id, "subnets", name, json!({ "addressPrefix": format!("10.0.{at}.0/24"), "delegations": [], "privateEndpointNetworkPolicies": "Disabled", "provisioningState": "Succeeded" }))
        });
        let properties = json!({
            "addressSpace": { "addressPrefixes": ["10.0.0.0/20"] },
            "ddosProtectionPlan": reference(self.id("Microsoft.Network/ddosProtectionPlans", "ddos-plan")),
            "enableDdosProtection": true,
            "provisioningState": "Succeeded",
            "resourceGuid": random.uuid(),
            "subnets": subnets.collect::<Vec<_>>(),
            "virtualNetworkPeerings": peerings.collect::<Vec<_>>(),
        });
        self.place.resource(
            "Microsoft.Network/virtualNetworks",
            "vnet-hub",
            properties,
            random,
        )
    }

    fn firewall(&self, random: &mut Random) -> Vec<Value> {
        let id = self.id("Microsoft.Network/azureFirewalls", "afw-hub");
        let policy = self.id("Microsoft.Network/firewallPolicies", "afwp-hub");
        let groups = (0..RULE_GROUPS)
            .map(|number| reference(format!("{policy}/ruleCollectionGroups/group-{number}")));
        let configuration = json!({
            "privateIPAddress": "10.0.0.4", "privateIPAllocationMethod": "Dynamic", "provisioningState": "Succeeded",
            "publicIPAddress": reference(self.id("Microsoft.Network/publicIPAddresses", "pip-afw")), "subnet": reference(format!("{}/subnets/AzureFirewallSubnet", self.id("Microsoft.Network/virtualNetworks", "vnet-hub"))),
        });
        let firewall = json!({
            "additionalProperties": {}, "applicationRuleCollections": [], "firewallPolicy": reference(&policy), "ipConfigurations": [part(&id, "azureFirewallIpConfigurations", "ipconfig", configuration)],
            "natRuleCollections": [], "networkRuleCollections": [], "provisioningState": "Succeeded", "sku": { "name": "AZFW_VNet", "tier": "Premium" }, "threatIntelMode": "Alert",
        });
        let settings = json!({
            "childPolicies": [], "dnsSettings": { "enableProxy": true, "servers": [] }, "firewalls": [reference(&id)], "insights": { "isEnabled": true, "logAnalyticsResources": { "workspaces": [] }, "retentionDays": 30 },
            "intrusionDetection": { "configuration": { "bypassTrafficSettings": [], "privateRanges": [], "signatureOverrides": [] }, "mode": random.pick(&["Alert", "Deny", "Off"]) },
            "provisioningState": "Succeeded", "ruleCollectionGroups": groups.collect::<Vec<_>>(), "sku": { "tier": "Premium" }, "threatIntelMode": random.pick(&["Alert", "Deny"]),
        });
        vec![
            self.place.resource("Microsoft.Network/azureFirewalls", "afw-hub", firewall, random),
            self.place.resource("Microsoft.Network/firewallPolicies", "afwp-hub", settings, random),
            public_address(&self.place, "pip-afw", &format!("{}/azureFirewallIpConfigurations/ipconfig", self.id("Microsoft.Network/azureFirewalls", "afw-hub")), random),
            self.place.resource("Microsoft.Network/ddosProtectionPlans", "ddos-plan", json!({ "provisioningState": "Succeeded", "resourceGuid": random.uuid(), "virtualNetworks": [] }), random),
        ]
    }

    fn rule_group(&self, number: usize, random: &mut Random) -> Value {
        let policy = self.id("Microsoft.Network/firewallPolicies", "afwp-hub");
        let collections: Vec<_> = (0..12).map(|at| rule_collection(at, random)).collect();
        part(
            &policy,
            "ruleCollectionGroups",
            &format!("group-{number}"),
            json!({ "priority": 200 + 100 * number, "provisioningState": "Succeeded", "ruleCollections": collections, "size": "1.2 MB" }),
        )
    }

    fn zones(&self, spokes: &[Spoke], random: &mut Random) -> Vec<Value> {
        let zone = |name: &str, random: &mut Random| {
            self.place.resource("Microsoft.Network/privateDnsZones", name, json!({ "maxNumberOfRecordSets": 25000, "maxNumberOfVirtualNetworkLinks": 1000, "numberOfRecordSets": 40, "numberOfVirtualNetworkLinks": spokes.len(), "provisioningState": "Succeeded" }), random)
        };
        let link = |name: &str, network: String| {
            part(
                &self.id("Microsoft.Network/privateDnsZones", name),
                "virtualNetworkLinks",
                "link",
                json!({ "provisioningState": "Succeeded", "registrationEnabled": false, "virtualNetwork": reference(network), "virtualNetworkLinkState": "Completed" }),
            )
        };
        let network = spokes.first().map(Spoke::network_id).unwrap_or_default();
        ZONES
            .iter()
            .flat_map(|name| [zone(name, random), link(name, network.clone())])
            .collect()
    }

    fn monitor(&self, random: &mut Random) -> Vec<Value> {
        let receivers = json!([{ "emailAddress": "oncall@brackwater.example", "name": "on call", "status": "Enabled", "useCommonAlertSchema": true }]);
        let storage = json!({ "accessTier": "Hot", "allowBlobPublicAccess": false, "minimumTlsVersion": "TLS1_2", "networkAcls": { "bypass": "AzureServices", "defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": [] }, "provisioningState": "Succeeded", "supportsHttpsTrafficOnly": true });
        let workspace = json!({ "customerId": random.uuid(), "features": { "enableLogAccessUsingOnlyResourcePermissions": true }, "provisioningState": "Succeeded", "publicNetworkAccessForIngestion": "Enabled", "retentionInDays": random.pick(&[30, 90, 180]), "sku": { "name": "PerGB2018" } });
        vec![
            self.place.resource("Microsoft.OperationalInsights/workspaces", "log-platform", workspace, random),
            self.place.resource("Microsoft.Insights/actionGroups", "ag-platform", json!({ "armRoleReceivers": [], "emailReceivers": receivers, "enabled": true, "groupShortName": "platform", "smsReceivers": [], "webhookReceivers": [] }), random),
            self.place.resource("Microsoft.Storage/storageAccounts", "stplatformflows", storage, random),
            self.place.resource("Microsoft.Network/networkWatchers", &format!("NetworkWatcher_{}", self.place.region), json!({ "provisioningState": "Succeeded", "runningOperationIds": [] }), random),
            self.place.resource("Microsoft.Network/bastionHosts", "bas-hub", json!({ "disableCopyPaste": false, "enableTunneling": true, "ipConfigurations": [], "provisioningState": "Succeeded", "scaleUnits": 2 }), random),
        ]
    }
}

fn rule_collection(at: usize, random: &mut Random) -> Value {
    let is_application = random.percent(60);
    let rule = |number: usize| {
        let sources = json!([format!("10.{}.0.0/16", 16 + number), "10.200.0.0/16"]);
        if is_application {
            json!({ "fqdnTags": [], "httpHeadersToInsert": [], "name": format!("app-{number:02}"), "protocols": [{ "port": 443, "protocolType": "Https" }], "ruleType": "ApplicationRule", "sourceAddresses": sources, "sourceIpGroups": [], "targetFqdns": [format!("supplier-{number:02}.brackwater.example"), "*.packages.brackwater.example"], "targetUrls": [], "terminateTLS": false, "webCategories": [] })
        } else {
            json!({ "destinationAddresses": [format!("AzureCloud.{}", REGIONS[number % REGIONS.len()])], "destinationFqdns": [], "destinationIpGroups": [], "destinationPorts": ["443", "9000"], "ipProtocols": ["TCP"], "name": format!("net-{number:02}"), "ruleType": "NetworkRule", "sourceAddresses": sources, "sourceIpGroups": [] })
        }
    };
    json!({ "action": { "type": "Allow" }, "name": format!("collection-{at:02}"), "priority": 100 + 10 * at, "ruleCollectionType": "FirewallPolicyFilterRuleCollection", "rules": (0..24).map(rule).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hub_has_as_many_bodies_as_promised() {
        let random = &mut Random::new(1);
        let count: usize = Hub::new(0, random)
            .resources(&[], random)
            .iter()
            .map(|(_, group)| group.len())
            .sum();
        assert_eq!(count, PER_HUB);
    }
}
