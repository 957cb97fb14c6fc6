//! Virtual networks, security groups, route tables and public addresses.

use serde_json::{Value, json};

use super::{Place, Spoke, part, reference};
use crate::random::Random;

/// The subnets of a spoke, in the order of their addresses.
const SUBNETS: [&str; 7] = [
    "snet-nodes",
    "snet-gateway",
    "snet-apim",
    "snet-private-link",
    "snet-ingress",
    "snet-build",
    "snet-data",
];

/// The public addresses of a spoke, by what they are for.
const ADDRESSES: [&str; 4] = ["outbound", "ingress", "gateway", "apim"];

impl Spoke {
    /// The network, a security group for each subnet, and two route tables.
    pub(super) fn network(&self, random: &mut Random) -> Vec<Value> {
        let mut group = vec![self.virtual_network(random)];
        group.extend(SUBNETS.map(|subnet| self.security_group(subnet, random)));
        group.extend(["rt-nodes", "rt-services"].map(|table| self.route_table(table, random)));
        group
    }

    fn virtual_network(&self, random: &mut Random) -> Value {
        let id = self.network_id();
        let subnets: Vec<_> = SUBNETS
            .iter()
            .enumerate()
            .map(|(at, name)| self.subnet(at, name, random))
            .collect();
        let hub = self.hub.id("Microsoft.Network/virtualNetworks", "vnet-hub");
        let peering = json!({
            "allowForwardedTraffic": true,
            "allowGatewayTransit": false,
            "allowVirtualNetworkAccess": true,
            "doNotVerifyRemoteGateways": false,
            "peerCompleteVnets": true,
            "peeringState": "Connected",
            "peeringSyncLevel": "FullyInSync",
            "provisioningState": "Succeeded",
            "remoteAddressSpace": { "addressPrefixes": ["10.0.0.0/20"] },
            "remoteVirtualNetwork": reference(hub),
            "useRemoteGateways": random.percent(50),
        });
        let properties = json!({
            "addressSpace": { "addressPrefixes": [format!("{}.0/20", self.address(0))] },
            "dhcpOptions": { "dnsServers": ["10.0.1.4"] },
            "enableDdosProtection": random.percent(50),
            "privateEndpointVNetPolicies": "Disabled",
            "provisioningState": "Succeeded",
            "resourceGuid": random.uuid(),
            "subnets": subnets,
            "virtualNetworkPeerings": [part(&id, "virtualNetworkPeerings", "peer-hub", peering)],
        });
        let name = id.rsplit('/').next().unwrap_or_default();
        self.place.resource(
            "Microsoft.Network/virtualNetworks",
            name,
            properties,
            random,
        )
    }

    fn subnet(&self, at: usize, name: &str, random: &mut Random) -> Value {
        let table = if at == 0 { "rt-nodes" } else { "rt-services" };
        let mut properties = json!({
            "addressPrefix": format!("{}.0/24", self.address(at)),
            "defaultOutboundAccess": random.percent(30),
            "delegations": [],
            "networkSecurityGroup": reference(self.security_group_id(name)),
            "privateEndpointNetworkPolicies": "Disabled",
            "privateLinkServiceNetworkPolicies": "Enabled",
            "provisioningState": "Succeeded",
            "serviceEndpoints": [{ "locations": [self.place.region], "provisioningState": "Succeeded", "service": "Microsoft.Storage" }],
        });
        if random.percent(80) {
            properties["routeTable"] = reference(self.route_table_id(table));
        }
        if at == 0 {
            properties["ipConfigurations"] = self.node_addresses().into();
        }
        part(&self.network_id(), "subnets", name, properties)
    }

    pub(super) fn security_group_id(&self, subnet: &str) -> String {
        self.place.id(
            "Microsoft.Network/networkSecurityGroups",
            &format!("nsg-{subnet}"),
        )
    }

    fn security_group(&self, subnet: &str, random: &mut Random) -> Value {
        let id = self.security_group_id(subnet);
        let rules: Vec<_> = (0..random.between(6, 30))
            .map(|number| security_rule(&id, number, random))
            .collect();
        let properties = json!({
            "defaultSecurityRules": default_rules(&id),
            "flushConnection": false,
            "provisioningState": "Succeeded",
            "resourceGuid": random.uuid(),
            "securityRules": rules,
            "subnets": [reference(self.subnet_id(subnet))],
        });
        self.place.resource(
            "Microsoft.Network/networkSecurityGroups",
            &format!("nsg-{subnet}"),
            properties,
            random,
        )
    }

    fn route_table_id(&self, name: &str) -> String {
        self.place.id(
            "Microsoft.Network/routeTables",
            &format!("{name}-{:04}", self.number),
        )
    }

    fn route_table(&self, name: &str, random: &mut Random) -> Value {
        let id = self.route_table_id(name);
        let (hop, address) = random.pick(&[
            ("VirtualAppliance", "10.0.0.4"),
            ("VirtualAppliance", "10.0.0.4"),
            ("Internet", ""),
        ]);
        let mut routes = vec![route(&id, "default", "0.0.0.0/0", hop, address)];
        routes.extend((0..random.between(8, 40)).map(|number| {
            route(
                &id,
                &format!("to-spoke-{number:03}"),
                &format!("10.{}.0.0/16", 16 + number),
                "VirtualAppliance",
                "10.0.0.4",
            )
        }));
        let properties = json!({
            "disableBgpRoutePropagation": random.percent(70),
            "provisioningState": "Succeeded",
            "resourceGuid": random.uuid(),
            "routes": routes,
            "subnets": [reference(self.subnet_id("snet-nodes"))],
        });
        self.place.resource(
            "Microsoft.Network/routeTables",
            id.rsplit('/').next().unwrap_or_default(),
            properties,
            random,
        )
    }

    pub(super) fn public_address_id(&self, purpose: &str) -> String {
        self.place.id(
            "Microsoft.Network/publicIPAddresses",
            &format!("pip-{purpose}-{:04}", self.number),
        )
    }

    pub(super) fn public_addresses(&self, random: &mut Random) -> Vec<Value> {
        let group = self.place.node_group(&self.cluster_name());
        let user = |purpose| match purpose {
            "gateway" => format!("{}/frontendIPConfigurations/public", self.gateway_id()),
            _ => format!(
                "{}/frontendIPConfigurations/{purpose}",
                group.id("Microsoft.Network/loadBalancers", "kubernetes")
            ),
        };
        let address = |purpose| {
            public_address(
                &self.place,
                &format!("pip-{purpose}-{:04}", self.number),
                &user(purpose),
                random,
            )
        };
        ADDRESSES.map(address).into()
    }
}

pub(super) fn public_address(place: &Place, name: &str, user: &str, random: &mut Random) -> Value {
    let properties = json!({
        "ddosSettings": { "protectionMode": random.pick(&["VirtualNetworkInherited", "VirtualNetworkInherited", "Enabled", "Disabled"]) },
        "dnsSettings": { "domainNameLabel": name, "fqdn": format!("{name}.{}.cloudapp.azure.com", place.region) },
        "idleTimeoutInMinutes": 4,
        "ipAddress": format!("198.51.100.{}", random.between(1, 255)),
        "ipConfiguration": reference(user),
        "ipTags": [],
        "provisioningState": "Succeeded",
        "publicIPAddressVersion": "IPv4",
        "publicIPAllocationMethod": "Static",
        "resourceGuid": random.uuid(),
    });
    let mut body = place.resource(
        "Microsoft.Network/publicIPAddresses",
        name,
        properties,
        random,
    );
    body["sku"] = json!({ "name": "Standard", "tier": "Regional" });
    body["zones"] = json!(["1", "2", "3"]);
    body
}

fn security_rule(group: &str, number: usize, random: &mut Random) -> Value {
    let is_inbound = random.percent(70);
    let properties = json!({
        "access": random.pick(&["Allow", "Allow", "Deny"]),
        "description": format!("Change {} of the network team", random.between(10_000, 99_999)),
        "destinationAddressPrefix": if is_inbound { "VirtualNetwork" } else { "AzureCloud" },
        "destinationAddressPrefixes": [],
        "destinationPortRange": "",
        "destinationPortRanges": [random.pick(&["443", "80", "22", "3389", "8443"]), "30000-32767"],
        "direction": if is_inbound { "Inbound" } else { "Outbound" },
        "priority": 100 + 10 * number,
        "protocol": random.pick(&["Tcp", "Tcp", "Udp", "*"]),
        "provisioningState": "Succeeded",
        "sourceAddressPrefix": random.pick(&["AzureFrontDoor.Backend", "10.0.0.0/8", "VirtualNetwork", "*", "Internet"]),
        "sourceAddressPrefixes": [],
        "sourcePortRange": "*",
        "sourcePortRanges": [],
    });
    part(
        group,
        "securityRules",
        &format!("rule-{number:03}"),
        properties,
    )
}

fn default_rules(group: &str) -> Vec<Value> {
    let rule = |(name, direction, priority, access, source, destination)| {
        let properties = json!({
            "access": access, "description": "", "destinationAddressPrefix": destination, "destinationAddressPrefixes": [],
            "destinationPortRange": "*", "destinationPortRanges": [], "direction": direction, "priority": priority, "protocol": "*",
            "provisioningState": "Succeeded", "sourceAddressPrefix": source, "sourceAddressPrefixes": [], "sourcePortRange": "*", "sourcePortRanges": [],
        });
        part(group, "defaultSecurityRules", name, properties)
    };
    [
        (
            "AllowVnetInBound",
            "Inbound",
            65000,
            "Allow",
            "VirtualNetwork",
            "VirtualNetwork",
        ),
        (
            "AllowAzureLoadBalancerInBound",
            "Inbound",
            65001,
            "Allow",
            "AzureLoadBalancer",
            "*",
        ),
        ("DenyAllInBound", "Inbound", 65500, "Deny", "*", "*"),
        (
            "AllowVnetOutBound",
            "Outbound",
            65000,
            "Allow",
            "VirtualNetwork",
            "VirtualNetwork",
        ),
        (
            "AllowInternetOutBound",
            "Outbound",
            65001,
            "Allow",
            "*",
            "Internet",
        ),
        ("DenyAllOutBound", "Outbound", 65500, "Deny", "*", "*"),
    ]
    .map(rule)
    .into()
}

fn route(table: &str, name: &str, prefix: &str, hop: &str, address: &str) -> Value {
    let properties = json!({
        "addressPrefix": prefix, "hasBgpOverride": false, "nextHopIpAddress": address, "nextHopType": hop, "provisioningState": "Succeeded",
    });
    part(table, "routes", name, properties)
}
