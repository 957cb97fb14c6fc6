//! Azure Kubernetes Service.

use palisade_document::Value;

use super::Subnet;
use crate::resource::{resolve, view};
use crate::{Field, ResourceId, Settings, Unknown};

view! {
    /// A cluster of Azure Kubernetes Service.
    ManagedCluster = "microsoft.containerservice/managedclusters"
}

view! {
    /// An agent pool exported on its own. Pools also stand in the cluster's body; use
    /// [`ManagedCluster::agent_pools`] for all of them.
    AgentPool = "microsoft.containerservice/managedclusters/agentpools"
}

/// How packets leave the nodes (`networkProfile.outboundType`). An open set: Azure adds types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboundType<'e> {
    /// Through the cluster's public load balancer: what Azure takes when nothing is said.
    LoadBalancer,
    /// By the subnet's own routes, as to a firewall.
    UserDefinedRouting,
    /// Through a NAT gateway that the cluster manages (both generations) or the user's own.
    NatGateway,
    /// Nothing is set up; the cluster is network isolated.
    None,
    /// Outbound traffic is blocked by rules of the managed network (preview).
    Block,
    /// A type that this version of Palisade doesn't know.
    Other(&'e str),
}

/// The engine that enforces network policies (`networkProfile.networkPolicy`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyEngine<'e> {
    /// No engine: NetworkPolicy objects are accepted and not enforced.
    None,
    /// Azure Network Policy Manager.
    Azure,
    /// Calico.
    Calico,
    /// Azure CNI powered by Cilium.
    Cilium,
    /// An engine that this version of Palisade doesn't know.
    Other(&'e str),
}

impl<'e> ManagedCluster<'e> {
    /// `networkProfile.networkPlugin`: `azure`, `kubenet` or `none`.
    pub fn network_plugin(&self) -> Field<'e, &'e str> {
        self.text("networkProfile.networkPlugin")
    }

    /// `networkProfile.networkPluginMode`: `overlay` where pods have addresses of their own.
    pub fn network_plugin_mode(&self) -> Field<'e, &'e str> {
        self.text("networkProfile.networkPluginMode")
    }

    /// `networkProfile.networkDataplane`: `azure` or `cilium`.
    pub fn network_dataplane(&self) -> Field<'e, &'e str> {
        self.text("networkProfile.networkDataplane")
    }

    /// `networkProfile.podLinkLocalAccess`: `IMDS` where pods with a network of their own may ask
    /// the instance metadata service, which is the default; `None` where they can't.
    pub fn pod_link_local_access(&self) -> Field<'e, &'e str> {
        self.text("networkProfile.podLinkLocalAccess")
    }

    /// The engine that enforces network policies. Absent and `none` both mean that none does,
    /// except with the Cilium data plane, whose engine is Cilium.
    pub fn policy_engine(&self) -> Field<'e, PolicyEngine<'e>> {
        let named = self.text("networkProfile.networkPolicy");
        let dataplane = self.network_dataplane();
        if let (Field::Absent(_), Field::Present(plane, at)) = (&named, &dataplane)
            && plane.eq_ignore_ascii_case("cilium")
        {
            return Field::Present(PolicyEngine::Cilium, *at);
        }
        named.map(|name| match name.to_ascii_lowercase().as_str() {
            "none" => PolicyEngine::None,
            "azure" => PolicyEngine::Azure,
            "calico" => PolicyEngine::Calico,
            "cilium" => PolicyEngine::Cilium,
            _ => PolicyEngine::Other(name),
        })
    }

    /// Whether this is AKS Automatic (`sku.name`), which comes with Cilium.
    pub fn is_automatic(&self) -> bool {
        let sku = self.text("sku.name").present();
        sku.is_some_and(|name| name.eq_ignore_ascii_case("Automatic"))
    }

    /// `networkProfile.advancedNetworking.enabled`: Advanced Container Networking Services as a
    /// whole, off unless said.
    pub fn advanced_networking_enabled(&self) -> Field<'e, bool> {
        self.flag("networkProfile.advancedNetworking.enabled")
    }

    /// `networkProfile.advancedNetworking.security.enabled`.
    pub fn advanced_networking_security_enabled(&self) -> Field<'e, bool> {
        self.flag("networkProfile.advancedNetworking.security.enabled")
    }

    /// `networkProfile.advancedNetworking.security.advancedNetworkPolicies`: `None`, `FQDN` or
    /// `L7`, which includes `FQDN`. `FQDN` unless said where the security services are on.
    pub fn advanced_network_policies(&self) -> Field<'e, &'e str> {
        self.text("networkProfile.advancedNetworking.security.advancedNetworkPolicies")
    }

    /// `networkProfile.advancedNetworking.security.transitEncryption.type`: `WireGuard`, `mTLS`
    /// or `None`.
    pub fn transit_encryption(&self) -> Field<'e, &'e str> {
        self.text("networkProfile.advancedNetworking.security.transitEncryption.type")
    }

    /// Whether a pool has Windows nodes (`osType`, Linux unless said).
    pub fn has_windows_nodes(&self) -> Result<bool, Unknown> {
        for pool in self.agent_pools()? {
            let (system, _) = pool.text("osType").or_default("Linux")?;
            if system.eq_ignore_ascii_case("Windows") {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// How many nodes the pools can come to: the autoscaler's maximum where it is on, else the
    /// count.
    pub fn largest_node_count(&self) -> Result<i64, Unknown> {
        let mut nodes = 0;
        for pool in self.agent_pools()? {
            let (scales, _) = pool.flag("enableAutoScaling").or_default(false)?;
            let path = if scales { "maxCount" } else { "count" };
            nodes += pool.number(path).or_default(0)?.0;
        }
        Ok(nodes)
    }

    /// `networkProfile.outboundType`.
    pub fn outbound_type(&self) -> Field<'e, OutboundType<'e>> {
        self.text("networkProfile.outboundType").map(|name| {
            match name.to_ascii_lowercase().as_str() {
                "loadbalancer" => OutboundType::LoadBalancer,
                "userdefinedrouting" => OutboundType::UserDefinedRouting,
                "managednatgateway" | "managednatgatewayv2" | "userassignednatgateway" => {
                    OutboundType::NatGateway
                }
                "none" => OutboundType::None,
                "block" => OutboundType::Block,
                _ => OutboundType::Other(name),
            }
        })
    }

    /// `apiServerAccessProfile.enablePrivateCluster`.
    pub fn is_private(&self) -> Field<'e, bool> {
        self.flag("apiServerAccessProfile.enablePrivateCluster")
    }

    /// `apiServerAccessProfile.authorizedIPRanges`, which guard the public endpoint only.
    pub fn authorized_ip_ranges(&self) -> Field<'e, Vec<Settings<'e>>> {
        self.list("apiServerAccessProfile.authorizedIPRanges")
    }

    /// `apiServerAccessProfile.enableVnetIntegration`.
    pub fn has_vnet_integration(&self) -> Field<'e, bool> {
        self.flag("apiServerAccessProfile.enableVnetIntegration")
    }

    /// `apiServerAccessProfile.disableRunCommand`.
    pub fn run_command_disabled(&self) -> Field<'e, bool> {
        self.flag("apiServerAccessProfile.disableRunCommand")
    }

    /// `apiServerAccessProfile.privateDNSZone`: `system`, `none` or a zone's id.
    pub fn private_dns_zone(&self) -> Field<'e, &'e str> {
        self.text("apiServerAccessProfile.privateDNSZone")
    }

    /// `apiServerAccessProfile.enablePrivateClusterPublicFQDN`: whether a private cluster also
    /// has a name in public DNS, which AKS takes as true when nothing is given.
    pub fn public_name_enabled(&self) -> Field<'e, bool> {
        self.flag("apiServerAccessProfile.enablePrivateClusterPublicFQDN")
    }

    /// `apiServerAccessProfile.subnetId`: where the API server stands with VNet integration in a
    /// network of the user's own.
    pub fn api_server_subnet(&self) -> Field<'e, ResourceId> {
        self.reference("apiServerAccessProfile.subnetId")
    }

    /// `publicNetworkAccess`: `Enabled`, `Disabled` or `SecuredByPerimeter`. What AKS makes of
    /// it isn't documented.
    pub fn public_network_access(&self) -> Field<'e, &'e str> {
        self.text("publicNetworkAccess")
    }

    /// `disableLocalAccounts`.
    pub fn local_accounts_disabled(&self) -> Field<'e, bool> {
        self.flag("disableLocalAccounts")
    }

    /// `aadProfile`: how the cluster signs users in with Microsoft Entra ID.
    pub fn entra_profile(&self) -> Field<'e, Settings<'e>> {
        self.property("aadProfile").map(Settings::of)
    }

    /// `nodeResourceGroup`: the group in which AKS keeps nodes, load balancer and addresses.
    pub fn node_resource_group(&self) -> Field<'e, &'e str> {
        self.text("nodeResourceGroup")
    }

    /// The settings of an add-on; its name matches in any letter case, as Azure's answers vary.
    pub fn addon(&self, name: &str) -> Field<'e, Settings<'e>> {
        self.property(&format!("addonProfiles.{name}"))
            .map(Settings::of)
    }

    /// `hostedSystemProfile.enabled`: whether Azure runs the system nodes itself, so that the
    /// cluster needs no agent pool.
    pub fn has_hosted_system_nodes(&self) -> Field<'e, bool> {
        self.flag("hostedSystemProfile.enabled")
    }

    /// The agent pools: those in the cluster's body, else those exported on their own.
    pub fn agent_pools(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        match self.list("agentPoolProfiles") {
            Field::Present(pools, _) => Ok(pools),
            Field::Absent(_) => Ok(self
                .estate()
                .children::<AgentPool<'e>>(self.id())
                .iter()
                .map(|pool| ***pool)
                .collect()),
            Field::Unknown(unknown) => Err(unknown),
        }
    }

    /// The ids of the subnets of nodes and pods, with the place that names each, without
    /// repetition. Empty for a cluster in a network that AKS manages.
    pub fn subnet_ids(&self) -> Result<Vec<(ResourceId, Value<'e>)>, Unknown> {
        let mut ids: Vec<(ResourceId, Value<'e>)> = Vec::new();
        for pool in self.agent_pools()? {
            for path in ["vnetSubnetID", "podSubnetID"] {
                match pool.reference(path) {
                    Field::Present(id, at) if ids.iter().all(|(known, _)| *known != id) => {
                        ids.push((id, at))
                    }
                    Field::Unknown(unknown) => return Err(unknown),
                    _ => {}
                }
            }
        }
        Ok(ids)
    }

    /// The subnets of nodes and pods; one outside the input is unknown.
    pub fn subnets(&self) -> Result<Vec<Result<Subnet<'e>, Unknown>>, Unknown> {
        let ids = self.subnet_ids()?;
        Ok(resolve(
            self.estate(),
            ids.into_iter().map(|(id, at)| Field::Present(id, at)),
        ))
    }
}
