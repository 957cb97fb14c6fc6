//! Private endpoints and the policies assigned to a spoke.

use serde_json::{Value, json};

use super::{Spoke, reference};
use crate::random::Random;

const LINKS: [(&str, &str, &str); 3] = [
    ("vault", "Microsoft.KeyVault/vaults", "kv-spoke"),
    (
        "registry",
        "Microsoft.ContainerRegistry/registries",
        "crspoke",
    ),
    ("sqlServer", "Microsoft.Sql/servers", "sql-spoke"),
];

/// Built-in definitions about AKS: the id and what it asks for.
const DEFINITIONS: [(&str, &str); 3] = [
    (
        "040732e8-d947-40b8-95d6-854c95024bf8",
        "Azure Kubernetes Service Private Clusters should be enabled",
    ),
    (
        "0a15ec92-a229-4763-bb14-0ea34a568f8d",
        "Azure Policy Add-on for Kubernetes service (AKS) should be installed and enabled",
    ),
    (
        "0e246bcf-5f6f-4f87-bc6f-775d4712c7ea",
        "Authorized IP ranges should be defined on Kubernetes Services",
    ),
];

impl Spoke {
    /// An endpoint and an interface for each linked service.
    pub(super) fn private_link(&self, random: &mut Random) -> Vec<Value> {
        LINKS
            .iter()
            .enumerate()
            .flat_map(|(at, link)| {
                [
                    self.endpoint(link, random),
                    self.interface(at, link, random),
                ]
            })
            .collect()
    }

    fn endpoint(&self, &(group, kind, name): &(&str, &str, &str), random: &mut Random) -> Value {
        let service = self.place.id(kind, &format!("{name}{:04}", self.number));
        let properties = json!({
            "customDnsConfigs": [],
            "customNetworkInterfaceName": "",
            "ipConfigurations": [],
            "manualPrivateLinkServiceConnections": [],
            "networkInterfaces": [reference(self.place.id("Microsoft.Network/networkInterfaces", &format!("nic-pe-{group}")))],
            "privateLinkServiceConnections": [{
                "name": group,
                "properties": { "groupIds": [group], "privateLinkServiceConnectionState": { "actionsRequired": "None", "description": "Auto-Approved", "status": "Approved" }, "privateLinkServiceId": service, "provisioningState": "Succeeded" },
            }],
            "provisioningState": "Succeeded",
            "resourceGuid": random.uuid(),
            "subnet": reference(self.subnet_id("snet-private-link")),
        });
        self.place.resource(
            "Microsoft.Network/privateEndpoints",
            &format!("pe-{group}"),
            properties,
            random,
        )
    }

    fn interface(
        &self,
        at: usize,
        &(group, ..): &(&str, &str, &str),
        random: &mut Random,
    ) -> Value {
        let properties = json!({
            "allowPort25Out": false,
            "auxiliaryMode": "None",
            "disableTcpStateTracking": false,
            "dnsSettings": { "appliedDnsServers": [], "dnsServers": [], "internalDomainNameSuffix": format!("{}.ax.internal.cloudapp.net", random.hex(26)) },
            "enableAcceleratedNetworking": false,
            "enableIPForwarding": false,
            "ipConfigurations": [{ "name": "privateEndpointIpConfig", "properties": { "primary": true, "privateIPAddress": format!("{}.{}", self.address(3), 4 + at), "privateIPAddressVersion": "IPv4", "privateIPAllocationMethod": "Dynamic", "subnet": reference(self.subnet_id("snet-private-link")) } }],
            "macAddress": "",
            "nicType": "Standard",
            "privateEndpoint": reference(self.place.id("Microsoft.Network/privateEndpoints", &format!("pe-{group}"))),
            "provisioningState": "Succeeded",
            "tapConfigurations": [],
        });
        self.place.resource(
            "Microsoft.Network/networkInterfaces",
            &format!("nic-pe-{group}"),
            properties,
            random,
        )
    }

    /// One assignment a definition, at the resource group.
    pub(super) fn policy_assignments(&self, random: &mut Random) -> Vec<Value> {
        let scope = format!(
            "/subscriptions/{}/resourceGroups/{}",
            self.place.subscription, self.place.group
        );
        let assignment = |(definition, title)| {
            let properties = json!({
                "definitionVersion": "1.*.*",
                "description": format!("{title}. Assigned by the platform team; exemptions go through its board."),
                "displayName": title,
                "enforcementMode": random.pick(&["Default", "Default", "DoNotEnforce"]),
                "metadata": { "assignedBy": "Platform", "createdBy": random.uuid(), "createdOn": random.time(), "parameterScopes": {}, "updatedBy": null, "updatedOn": null },
                "nonComplianceMessages": [{ "message": "Ask the platform team for a compliant module." }],
                "notScopes": [],
                "parameters": { "effect": { "value": random.pick(&["Audit", "Deny", "Disabled"]) } },
                "policyDefinitionId": format!("/providers/Microsoft.Authorization/policyDefinitions/{definition}"),
                "scope": scope,
            });
            self.place.resource(
                "Microsoft.Authorization/policyAssignments",
                &random.hex(24),
                properties,
                random,
            )
        };
        DEFINITIONS.map(assignment).into()
    }
}
