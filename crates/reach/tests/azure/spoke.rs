//! An estate to walk: a cluster in a spoke of a hub.

use std::net::IpAddr;

use palisade_estate::Estate;
use palisade_estate::azure::ManagedCluster;
use palisade_packet::{AddressSet, PacketSet, PortSet, Product, Set, Traffic, Transport};
use palisade_reach::azure::{Network, Outcome};
use palisade_reach::path::{Asked, Trace, leave, starts, verdict};
use serde_json::{Value, json};

use crate::estate::{estate, id, resource, tags};

/// An overlay cluster in a spoke, peered with a hub; `change` breaks or mends something.
pub(crate) fn spoke(change: impl FnOnce(&mut Spoke)) -> Estate {
    let mut spoke = Spoke::default();
    change(&mut spoke);
    estate(&spoke.written())
}

pub(crate) struct Spoke {
    pub(crate) outbound: &'static str,
    /// `networkPlugin`, `networkPluginMode` and the range of the pods.
    pub(crate) plugin: (&'static str, Option<&'static str>, Option<&'static str>),
    pub(crate) routes: Vec<Value>,
    pub(crate) node_rules: Vec<Value>,
    pub(crate) data_rules: Vec<Value>,
    pub(crate) data_routes: Vec<Value>,
    pub(crate) firewall_routes: Vec<Value>,
    /// Whether the spoke takes in packets that were forwarded to it.
    pub(crate) takes_forwarded: bool,
    pub(crate) dns_servers: Vec<&'static str>,
    pub(crate) others: Vec<Value>,
}

pub(crate) fn rule(name: &str, priority: u16, direction: &str, access: &str, to: &str) -> Value {
    json!({"name": name, "properties": {
        "priority": priority, "direction": direction, "access": access, "protocol": "*",
        "sourceAddressPrefix": "*", "sourcePortRange": "*",
        "destinationAddressPrefix": to, "destinationPortRange": "*"}})
}

pub(crate) fn to_appliance(name: &str, prefix: &str) -> Value {
    json!({"name": name, "properties": {"addressPrefix": prefix,
        "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.9.0.4"}})
}

fn network(name: &str, prefix: &str, subnets: &Value, peer: &str, takes_forwarded: bool) -> Value {
    resource(
        "virtualNetworks",
        name,
        json!({
        "addressSpace": {"addressPrefixes": [prefix]}, "subnets": subnets,
        "virtualNetworkPeerings": [{"name": "p", "id": id(&format!("virtualNetworks/{name}/virtualNetworkPeerings/p")),
            "properties": {"peeringState": "Connected", "allowVirtualNetworkAccess": true,
                           "allowForwardedTraffic": takes_forwarded,
                           "remoteVirtualNetwork": {"id": id(&format!("virtualNetworks/{peer}"))}}}]}),
    )
}

impl Default for Spoke {
    fn default() -> Self {
        Self {
            outbound: "loadBalancer",
            plugin: ("azure", Some("overlay"), Some("192.168.0.0/16")),
            routes: Vec::new(),
            node_rules: Vec::new(),
            data_rules: Vec::new(),
            data_routes: Vec::new(),
            firewall_routes: Vec::new(),
            takes_forwarded: true,
            dns_servers: Vec::new(),
            others: Vec::new(),
        }
    }
}

impl Spoke {
    pub(crate) fn written(self) -> Vec<Value> {
        let group = |name: &str, rules: &[Value]| {
            resource(
                "networkSecurityGroups",
                name,
                json!({"securityRules": rules}),
            )
        };
        let table =
            |name: &str, routes: &[Value]| resource("routeTables", name, json!({"routes": routes}));
        let subnet = |network: &str, name: &str, prefix: &str, table: &str| {
            json!({
            "id": id(&format!("virtualNetworks/{network}/subnets/{name}")), "name": name, "properties": {
                "addressPrefix": prefix, "routeTable": {"id": id(&format!("routeTables/{table}"))},
                "networkSecurityGroup": {"id": id(&format!("networkSecurityGroups/{name}"))}}})
        };
        let of_firewall = json!({
            "id": id("virtualNetworks/hub/subnets/AzureFirewallSubnet"),
            "name": "AzureFirewallSubnet", "properties": {"addressPrefix": "10.9.0.0/26",
                "routeTable": {"id": id("routeTables/firewall")}}});
        let (plugin, mode, range) = self.plugin;
        let profile = json!({"networkPlugin": plugin, "networkPluginMode": mode,
            "podCidr": range, "outboundType": self.outbound});
        let mut resources = vec![
            json!({"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c",
                   "name": "c", "type": "Microsoft.ContainerService/managedClusters", "location": "westus",
                   "properties": {"nodeResourceGroup": "mc",
                       "networkProfile": profile,
                       "agentPoolProfiles": [{"name": "system", "vnetSubnetID": id("virtualNetworks/spoke/subnets/nodes")}]}}),
            network(
                "spoke",
                "10.1.0.0/16",
                &json!([subnet("spoke", "nodes", "10.1.0.0/24", "nodes")]),
                "hub",
                self.takes_forwarded,
            ),
            network(
                "hub",
                "10.9.0.0/16",
                &json!([subnet("hub", "data", "10.9.5.0/24", "data"), of_firewall]),
                "spoke",
                true,
            ),
            group("nodes", &self.node_rules),
            group("data", &self.data_rules),
            table("nodes", &self.routes),
            table("data", &self.data_routes),
            table("firewall", &self.firewall_routes),
            resource(
                "networkInterfaces",
                "db",
                json!({"ipConfigurations": [{"name": "c", "properties": {
                "privateIPAddress": "10.9.5.7", "subnet": {"id": id("virtualNetworks/hub/subnets/data")}}}]}),
            ),
            json!({"id": "/subscriptions/s/resourceGroups/mc/providers/Microsoft.Network/networkSecurityGroups/aks-agentpool-nsg",
                   "name": "aks-agentpool-nsg", "type": "Microsoft.Network/networkSecurityGroups",
                   "location": "westus", "properties": {"securityRules": []}}),
        ];
        resources[1]["properties"]["dhcpOptions"] = json!({"dnsServers": self.dns_servers});
        resources.extend(self.others);
        resources
    }
}

pub(crate) fn walk(estate: &Estate, to: &str, asked: &Asked) -> Vec<Trace> {
    let network = Network::new(estate, tags());
    let cluster = estate.all::<ManagedCluster<'_>>().next().unwrap();
    let starts = starts(&cluster).unwrap();
    assert_eq!(starts.len(), 1);
    let https = Traffic::to_ports(Transport::Tcp, PortSet::one(443));
    let to = AddressSet::from(to.parse::<IpAddr>().unwrap());
    let packets: PacketSet = Product::of(AddressSet::full(), Product::of(to, https));
    leave(&network, &cluster, &starts[0], asked, &packets)
}

/// The places by which a single trace went, and its end.
pub(crate) fn told(estate: &Estate, to: &str) -> Vec<String> {
    told_of(&walk(estate, to, &Asked::default()))
}

pub(crate) fn told_of(traces: &[Trace]) -> Vec<String> {
    assert_eq!(traces.len(), 1, "{traces:?}");
    let mut told: Vec<_> = traces[0]
        .hops
        .iter()
        .map(|hop| format!("{}: {}: {}", hop.kind.as_str(), hop.rule.name, hop.effect))
        .collect();
    told.push(match verdict(traces).unwrap() {
        Outcome::Allowed => "allowed".to_owned(),
        Outcome::Denied => "denied".to_owned(),
        Outcome::Uncertain(causes) => format!("uncertain: {}", causes[0].cause),
    });
    told
}

pub(crate) const SOURCE: &str =
    "source address: networkPluginMode overlay: the node's address takes the place of the pod's";
