//! Virtual networks and what decides about packets in them.

use palisade_document::Value;

use crate::resource::view;
use crate::{Field, ResourceId, Settings, Unknown};

view! {
    /// A virtual network.
    VirtualNetwork = "microsoft.network/virtualnetworks"
}

view! {
    /// A subnet, from its network's body or exported on its own.
    Subnet = "microsoft.network/virtualnetworks/subnets"
}

view! {
    /// One side of a peering.
    VirtualNetworkPeering = "microsoft.network/virtualnetworks/virtualnetworkpeerings"
}

view! {
    /// A network security group.
    NetworkSecurityGroup = "microsoft.network/networksecuritygroups"
}

view! {
    /// A rule of a network security group.
    SecurityRule = "microsoft.network/networksecuritygroups/securityrules"
}

view! {
    /// An application security group.
    ApplicationSecurityGroup = "microsoft.network/applicationsecuritygroups"
}

view! {
    /// A route table.
    RouteTable = "microsoft.network/routetables"
}

view! {
    /// A route of a route table.
    Route = "microsoft.network/routetables/routes"
}

view! {
    /// A NAT gateway.
    NatGateway = "microsoft.network/natgateways"
}

view! {
    /// A public IP address.
    PublicIpAddress = "microsoft.network/publicipaddresses"
}

view! {
    /// A range of public IP addresses.
    PublicIpPrefix = "microsoft.network/publicipprefixes"
}

view! {
    /// A network interface.
    NetworkInterface = "microsoft.network/networkinterfaces"
}

impl<'e> VirtualNetwork<'e> {
    /// The subnets, ordered by id.
    pub fn subnets(&self) -> Vec<Subnet<'e>> {
        self.estate().children(self.id())
    }

    /// The peerings from this side, ordered by id.
    pub fn peerings(&self) -> Vec<VirtualNetworkPeering<'e>> {
        self.estate().children(self.id())
    }

    /// `addressSpace.addressPrefixes`: the network's own address ranges.
    pub fn address_prefixes(&self) -> Result<Vec<(&'e str, Value<'e>)>, Unknown> {
        self.texts("addressSpace.addressPrefixes")
    }

    /// Whether the network's body lists its peerings, if only to say that there are none.
    pub fn lists_peerings(&self) -> bool {
        matches!(self.property("virtualNetworkPeerings"), Field::Present(..))
    }

    /// `enableDdosProtection`. Protection also needs the plan.
    pub fn ddos_protection_enabled(&self) -> Field<'e, bool> {
        self.flag("enableDdosProtection")
    }

    /// `ddosProtectionPlan.id`.
    pub fn ddos_protection_plan(&self) -> Field<'e, ResourceId> {
        self.reference("ddosProtectionPlan")
    }

    /// `dhcpOptions.dnsServers`: whom machines in the network ask for names, instead of Azure.
    /// Empty when they ask Azure.
    pub fn dns_servers(&self) -> Result<Vec<(&'e str, Value<'e>)>, Unknown> {
        self.texts("dhcpOptions.dnsServers")
    }
}

impl<'e> Subnet<'e> {
    /// The address ranges: `addressPrefixes`, else `addressPrefix`.
    pub fn address_prefixes(&self) -> Result<Vec<&'e str>, Unknown> {
        either(self, "addressPrefixes", "addressPrefix")
    }

    /// `networkSecurityGroup.id`.
    pub fn network_security_group(&self) -> Field<'e, ResourceId> {
        self.reference("networkSecurityGroup")
    }

    /// `routeTable.id`.
    pub fn route_table(&self) -> Field<'e, ResourceId> {
        self.reference("routeTable")
    }

    /// `natGateway.id`.
    pub fn nat_gateway(&self) -> Field<'e, ResourceId> {
        self.reference("natGateway")
    }

    /// `defaultOutboundAccess`: whether nodes without any other way out get one from Azure.
    pub fn default_outbound_access(&self) -> Field<'e, bool> {
        self.flag("defaultOutboundAccess")
    }

    /// Whether Azure reserves the subnet for a service of its own by its name, with rules that
    /// no network security group may or should change.
    pub fn is_reserved(&self) -> bool {
        const RESERVED: [&str; 5] = [
            "GatewaySubnet",
            "AzureFirewallSubnet",
            "AzureFirewallManagementSubnet",
            "AzureBastionSubnet",
            "RouteServerSubnet",
        ];
        self.is_called(&RESERVED)
    }

    /// The services that the subnet is delegated to (`delegations[].serviceName`).
    pub fn delegations(&self) -> Result<Vec<&'e str>, Unknown> {
        let delegations = self.elements("delegations")?;
        Ok(delegations
            .iter()
            .filter_map(|delegation| delegation.text("serviceName").present())
            .collect())
    }

    /// The service endpoints: services whose public addresses the subnet reaches past its routes.
    pub fn service_endpoints(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("serviceEndpoints")
    }

    /// The network.
    pub fn virtual_network(&self) -> Option<VirtualNetwork<'e>> {
        self.parent().and_then(crate::View::try_of)
    }
}

impl<'e> VirtualNetworkPeering<'e> {
    /// `remoteVirtualNetwork.id`: the network on the other side.
    pub fn remote_virtual_network(&self) -> Field<'e, ResourceId> {
        self.reference("remoteVirtualNetwork")
    }

    /// Whether packets pass: `peeringState` is `Connected`. A body without the state, such as a
    /// template's, is taken at its word.
    pub fn is_connected(&self) -> Result<bool, Unknown> {
        let (state, _) = self.text("peeringState").or_default("Connected")?;
        Ok(state.eq_ignore_ascii_case("connected"))
    }

    /// `peeringState`: `Connected`, `Initiated` or `Disconnected`. A template doesn't say it.
    pub fn state(&self) -> Field<'e, &'e str> {
        self.text("peeringState")
    }

    /// `allowVirtualNetworkAccess`: whether the tag `VirtualNetwork` takes in the other side.
    pub fn allows_access(&self) -> Field<'e, bool> {
        self.flag("allowVirtualNetworkAccess")
    }

    /// `allowForwardedTraffic`: whether packets from the other side that didn't begin there are
    /// taken, such as those that an appliance there passes on. Off unless said.
    pub fn allows_forwarded_traffic(&self) -> Field<'e, bool> {
        self.flag("allowForwardedTraffic")
    }

    /// The ranges of the other side that the peering connects: `remoteAddressSpace` as it was
    /// last synchronised, else `remoteVirtualNetworkAddressSpace`. Empty where the body has
    /// neither, as a template's.
    pub fn remote_address_prefixes(&self) -> Result<Vec<(&'e str, Value<'e>)>, Unknown> {
        let synchronised = self.texts("remoteAddressSpace.addressPrefixes")?;
        match synchronised.is_empty() {
            true => self.texts("remoteVirtualNetworkAddressSpace.addressPrefixes"),
            false => Ok(synchronised),
        }
    }

    /// `peerCompleteVnets`: whether the networks are peered as a whole, as they are unless said,
    /// and not some of their subnets.
    pub fn peers_whole_networks(&self) -> Field<'e, bool> {
        self.flag("peerCompleteVnets")
    }

    /// `localSubnetNames`: the subnets of this side that a peering of subnets connects.
    pub fn local_subnet_names(&self) -> Result<Vec<(&'e str, Value<'e>)>, Unknown> {
        self.texts("localSubnetNames")
    }

    /// `remoteSubnetNames`: the subnets of the other side that a peering of subnets connects.
    pub fn remote_subnet_names(&self) -> Result<Vec<(&'e str, Value<'e>)>, Unknown> {
        self.texts("remoteSubnetNames")
    }

    /// `useRemoteGateways`: whether this network learns routes from the gateway or route server
    /// of the other side. Connections to a virtual hub have it too.
    pub fn uses_remote_gateways(&self) -> Field<'e, bool> {
        self.flag("useRemoteGateways")
    }
}

/// Which way a rule looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Into the subnet or interface.
    Inbound,
    /// Out of it.
    Outbound,
}

impl<'e> NetworkSecurityGroup<'e> {
    /// The custom rules of a direction in the order of evaluation: ascending priority.
    /// Unknown when a rule's direction or priority is.
    pub fn rules(&self, direction: Direction) -> Result<Vec<SecurityRule<'e>>, Unknown> {
        let mut rules = Vec::new();
        for rule in self.estate().children::<SecurityRule<'e>>(self.id()) {
            if rule.direction()? == direction {
                rules.push((rule.priority()?, rule));
            }
        }
        if self.is_listing() {
            self.property("securityRules").or_default(self.value())?;
        }
        rules.sort_by_key(|(priority, _)| *priority);
        Ok(rules.into_iter().map(|(_, rule)| rule).collect())
    }

    /// A rule that Azure adds to every group, as the body lists it.
    pub fn default_rule(&self, name: &str) -> Option<Settings<'e>> {
        let rules = self.elements("defaultSecurityRules").ok()?;
        rules.into_iter().find(|rule| rule.is_named(name))
    }

    /// Whether the group's body lists its rules, if only to say that there are none. Rules that
    /// are resources of their own may exist beside a body without the list.
    pub fn lists_rules(&self) -> bool {
        matches!(self.property("securityRules"), Field::Present(..))
    }
}

impl<'e> SecurityRule<'e> {
    /// The source ports and ranges.
    pub fn source_ports(&self) -> Result<Vec<&'e str>, Unknown> {
        either(self, "sourcePortRanges", "sourcePortRange")
    }

    /// The application security groups of the source.
    pub fn source_groups(&self) -> Result<Vec<ResourceId>, Unknown> {
        self.groups("sourceApplicationSecurityGroups")
    }

    /// The application security groups of the destination.
    pub fn destination_groups(&self) -> Result<Vec<ResourceId>, Unknown> {
        self.groups("destinationApplicationSecurityGroups")
    }

    fn groups(&self, path: &str) -> Result<Vec<ResourceId>, Unknown> {
        let groups = self.elements(path)?;
        Ok(groups
            .iter()
            .filter_map(|group| ResourceId::parse(group.text("id").present()?))
            .collect())
    }

    /// `direction`.
    pub fn direction(&self) -> Result<Direction, Unknown> {
        match self.text("direction") {
            Field::Present(text, _) if text.eq_ignore_ascii_case("inbound") => {
                Ok(Direction::Inbound)
            }
            Field::Present(text, _) if text.eq_ignore_ascii_case("outbound") => {
                Ok(Direction::Outbound)
            }
            Field::Unknown(unknown) => Err(unknown),
            _ => Err(Unknown::because(
                "the rule names no direction",
                "correct the rule",
            )),
        }
    }

    /// `priority`, 100 to 4096 for custom rules; the lowest number decides first.
    pub fn priority(&self) -> Result<i64, Unknown> {
        match self.number("priority") {
            Field::Present(number, _) => Ok(number),
            Field::Unknown(unknown) => Err(unknown),
            Field::Absent(_) => Err(Unknown::because(
                "the rule has no priority",
                "correct the rule",
            )),
        }
    }

    /// Whether the rule lets packets pass.
    pub fn allows(&self) -> Result<bool, Unknown> {
        match self.text("access") {
            Field::Present(text, _) => Ok(text.eq_ignore_ascii_case("allow")),
            Field::Unknown(unknown) => Err(unknown),
            Field::Absent(_) => Err(Unknown::because(
                "the rule names no access",
                "correct the rule",
            )),
        }
    }

    /// `protocol`: `Tcp`, `Udp`, `Icmp`, `Esp`, `Ah` or `*`.
    pub fn protocol(&self) -> Field<'e, &'e str> {
        self.text("protocol")
    }

    /// The source prefixes and tags: the plural setting, else the single one.
    pub fn sources(&self) -> Result<Vec<&'e str>, Unknown> {
        either(self, "sourceAddressPrefixes", "sourceAddressPrefix")
    }

    /// The destination prefixes and tags.
    pub fn destinations(&self) -> Result<Vec<&'e str>, Unknown> {
        either(
            self,
            "destinationAddressPrefixes",
            "destinationAddressPrefix",
        )
    }

    /// The destination ports and ranges.
    pub fn destination_ports(&self) -> Result<Vec<&'e str>, Unknown> {
        either(self, "destinationPortRanges", "destinationPortRange")
    }

    /// Whether a source or destination is given by application security groups.
    pub fn uses_application_security_groups(&self) -> bool {
        [
            "sourceApplicationSecurityGroups",
            "destinationApplicationSecurityGroups",
        ]
        .iter()
        .any(|path| matches!(self.list(path), Field::Present(..)))
    }
}

impl<'e> RouteTable<'e> {
    /// The routes, ordered by id.
    pub fn routes(&self) -> Result<Vec<Route<'e>>, Unknown> {
        if self.is_listing() {
            self.property("routes").or_default(self.value())?;
        }
        Ok(self.estate().children(self.id()))
    }

    /// The user-defined route for all of IPv4, if there is one.
    pub fn default_route(&self) -> Result<Option<Route<'e>>, Unknown> {
        let is_default = |route: &Route<'e>| route.address_prefix().present() == Some("0.0.0.0/0");
        Ok(self.routes()?.into_iter().find(is_default))
    }

    /// `disableBgpRoutePropagation`: whether routes learned from a gateway stay out.
    pub fn bgp_propagation_disabled(&self) -> Field<'e, bool> {
        self.flag("disableBgpRoutePropagation")
    }
}

/// Where a route leads (`nextHopType`). An open set: Azure adds types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextHop<'e> {
    /// To the private address of an appliance or a firewall.
    VirtualAppliance,
    /// To the network's gateway.
    VirtualNetworkGateway,
    /// To its destination within the network.
    VnetLocal,
    /// Straight to the internet.
    Internet,
    /// Nowhere: the packet is dropped.
    None,
    /// A type that this version of Palisade doesn't know.
    Other(&'e str),
}

impl<'e> Route<'e> {
    /// `nextHopType`, read.
    pub fn next_hop(&self) -> Field<'e, NextHop<'e>> {
        self.next_hop_type()
            .map(|name| match name.to_ascii_lowercase().as_str() {
                "virtualappliance" => NextHop::VirtualAppliance,
                "virtualnetworkgateway" => NextHop::VirtualNetworkGateway,
                "vnetlocal" => NextHop::VnetLocal,
                "internet" => NextHop::Internet,
                "none" => NextHop::None,
                _ => NextHop::Other(name),
            })
    }

    /// `addressPrefix`: a range or a service tag.
    pub fn address_prefix(&self) -> Field<'e, &'e str> {
        self.text("addressPrefix")
    }

    /// `nextHopType`.
    pub fn next_hop_type(&self) -> Field<'e, &'e str> {
        self.text("nextHopType")
    }

    /// `nextHopIpAddress`.
    pub fn next_hop_ip_address(&self) -> Field<'e, &'e str> {
        self.text("nextHopIpAddress")
    }
}

impl<'e> PublicIpAddress<'e> {
    /// `ddosSettings.protectionMode`.
    pub fn ddos_protection_mode(&self) -> Field<'e, &'e str> {
        self.text("ddosSettings.protectionMode")
    }

    /// `ipConfiguration.id`: the part of another resource that uses the address.
    pub fn ip_configuration(&self) -> Field<'e, ResourceId> {
        self.reference("ipConfiguration")
    }

    /// `natGateway.id`: the NAT gateway that uses the address.
    pub fn nat_gateway(&self) -> Field<'e, ResourceId> {
        self.reference("natGateway")
    }

    /// `sku.name`: `Basic`, `Standard` or `StandardV2`.
    pub fn sku(&self) -> Field<'e, &'e str> {
        self.text("sku.name")
    }
}

impl<'e> NetworkInterface<'e> {
    /// The IP configurations.
    pub fn ip_configurations(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("ipConfigurations")
    }
}

/// The plural of a setting if it holds anything, else the single one: exports carry the unused
/// twin as `[]` or `""`.
fn either<'e>(
    settings: &Settings<'e>,
    plural: &str,
    single: &str,
) -> Result<Vec<&'e str>, Unknown> {
    let many = settings.texts(plural)?;
    if !many.is_empty() {
        return Ok(many.into_iter().map(|(text, _)| text).collect());
    }
    match settings.text(single) {
        Field::Present(text, _) => Ok(vec![text]),
        Field::Absent(_) => Ok(Vec::new()),
        Field::Unknown(unknown) => Err(unknown),
    }
}
