//! Where the packets of a cluster's pods enter Azure's network.

use palisade_document::Origin;
use palisade_estate::azure::{
    ManagedCluster, NetworkSecurityGroup, Subnet, VirtualMachineScaleSet,
};
use palisade_estate::{Field, ResourceId, Settings, Unknown};
use palisade_packet::{AddressSet, Set};

use crate::azure::{Group, Prefixes, Rule};

/// A subnet that packets of pods come out of.
#[derive(Clone)]
pub struct Start<'e> {
    /// The agent pools whose nodes stand there.
    pub pools: Vec<&'e str>,
    /// The subnet.
    pub subnet: Subnet<'e>,
    /// The source addresses that packets have there.
    pub sources: AddressSet,
    /// What gives them these addresses.
    pub rule: Rule,
    /// What the rule does: for people.
    pub effect: &'static str,
    /// The network security group of the node's network interface.
    pub interface: Group<'e>,
}

/// Where packets to addresses outside the cluster's pods start: at each agent pool, since the
/// input doesn't tell on which a pod runs.
///
/// With overlay and kubenet packets have the address of their node ("Azure CNI Overlay", "Use
/// kubenet networking", Microsoft Learn, 2026). With a subnet for pods they have their own or,
/// where the node masquerades them, its address: both are starts.
pub fn starts<'e>(cluster: &ManagedCluster<'e>) -> Result<Vec<Start<'e>>, Unknown> {
    let translation = translation(cluster)?;
    let mut starts: Vec<Start<'e>> = Vec::new();
    for pool in cluster.agent_pools()? {
        let (node, at) = node_subnet(cluster, &pool)?;
        let interface = interface_group(cluster, &pool);
        let mut add = |subnet: Subnet<'e>, rule, effect| {
            let sources = Prefixes::read(subnet.address_prefixes()).addresses().most;
            let known = starts
                .iter_mut()
                .find(|start| start.subnet.id() == subnet.id());
            match known {
                Some(start) => start.pools.push(pool.name()),
                None => starts.push(Start {
                    pools: vec![pool.name()],
                    subnet,
                    sources,
                    rule,
                    effect,
                    interface: interface.clone(),
                }),
            }
        };
        let of_subnet = |at: Origin, subnet: &Subnet<'e>| Rule {
            name: format!("subnet `{}`", subnet.name()),
            resource: Some(cluster.id().clone()),
            origin: Some(at),
        };
        let of_nodes = of_subnet(at, &node);
        match (&translation, subnet(cluster, &pool, "podSubnetID")?) {
            (Some(rule), _) => {
                add(
                    node,
                    rule.clone(),
                    "the node's address takes the place of the pod's",
                );
            }
            (None, Some((pods, at))) => {
                let rule = of_subnet(at, &pods);
                add(
                    pods,
                    rule,
                    "the pod's own address, unless the node masquerades it",
                );
                add(
                    node,
                    of_nodes,
                    "the node's address, if it masquerades the pod's",
                );
            }
            (None, None) => {
                add(node, of_nodes, "an address of the subnet of nodes and pods");
            }
        }
    }
    match starts.is_empty() {
        true => Err(Unknown::because(
            format!("`{}` has no agent pool in the input", cluster.name()),
            "az aks nodepool list",
        )),
        false => Ok(starts),
    }
}

/// Where nodes of a cluster stand, or their pods have their addresses.
#[derive(Clone)]
pub(super) struct NodeSite<'e> {
    /// Their agent pools.
    pub(super) pools: Vec<&'e str>,
    /// Their subnet.
    pub(super) subnet: Subnet<'e>,
    /// The network security group of their network interfaces.
    pub(super) interface: Group<'e>,
}

/// The subnets in which nodes of a cluster stand.
pub(super) fn node_sites<'e>(cluster: &ManagedCluster<'e>) -> Result<Vec<NodeSite<'e>>, Unknown> {
    sites(cluster, |pool| Ok(node_subnet(cluster, pool)?.0))
}

/// The subnets that pods have their addresses of, where the network gives them some.
pub(super) fn pod_sites<'e>(cluster: &ManagedCluster<'e>) -> Result<Vec<NodeSite<'e>>, Unknown> {
    sites(cluster, |pool| {
        let own = subnet(cluster, pool, "podSubnetID")?;
        let nodes = || node_subnet(cluster, pool);
        Ok(own.map_or_else(nodes, Ok)?.0)
    })
}

fn sites<'e>(
    cluster: &ManagedCluster<'e>,
    subnet_of: impl Fn(&Settings<'e>) -> Result<Subnet<'e>, Unknown>,
) -> Result<Vec<NodeSite<'e>>, Unknown> {
    let mut sites: Vec<NodeSite<'e>> = Vec::new();
    for pool in cluster.agent_pools()? {
        let subnet = subnet_of(&pool)?;
        match sites
            .iter_mut()
            .find(|site| site.subnet.id() == subnet.id())
        {
            Some(site) => site.pools.push(pool.name()),
            None => sites.push(NodeSite {
                pools: vec![pool.name()],
                subnet,
                interface: interface_group(cluster, &pool),
            }),
        }
    }
    Ok(sites)
}

/// The addresses of the subnets in which nodes of a cluster stand.
pub(crate) fn node_addresses(cluster: &ManagedCluster<'_>) -> Result<AddressSet, Unknown> {
    let mut all = AddressSet::empty();
    for site in node_sites(cluster)? {
        let addresses = Prefixes::read(site.subnet.address_prefixes()).addresses();
        if let Some(cause) = addresses.causes.into_iter().next() {
            return Err(cause);
        }
        all = all.union(&addresses.least);
    }
    match all.is_empty() {
        true => Err(Unknown::because(
            format!("`{}` has no agent pool in the input", cluster.name()),
            "az aks nodepool list",
        )),
        false => Ok(all),
    }
}

fn node_subnet<'e>(
    cluster: &ManagedCluster<'e>,
    pool: &Settings<'e>,
) -> Result<(Subnet<'e>, Origin), Unknown> {
    subnet(cluster, pool, "vnetSubnetID")?.ok_or_else(|| {
        Unknown::because(
            format!("`{}` is in a network that AKS manages", cluster.name()),
            "az network vnet list for its node resource group",
        )
    })
}

/// The setting by which nodes translate everything outside the pods' range, if one does.
pub(super) fn translation(cluster: &ManagedCluster<'_>) -> Result<Option<Rule>, Unknown> {
    let rule = |name: &str, at: Origin| Rule {
        name: name.to_owned(),
        resource: Some(cluster.id().clone()),
        origin: Some(at),
    };
    match cluster.network_plugin_mode() {
        Field::Present(mode, at) if mode.eq_ignore_ascii_case("overlay") => {
            return Ok(Some(rule("networkPluginMode overlay", at.origin())));
        }
        Field::Unknown(unknown) => return Err(unknown),
        _ => {}
    }
    match cluster.network_plugin() {
        Field::Present(plugin, at) if plugin.eq_ignore_ascii_case("kubenet") => {
            Ok(Some(rule("networkPlugin kubenet", at.origin())))
        }
        Field::Present(plugin, _) if plugin.eq_ignore_ascii_case("azure") => Ok(None),
        Field::Present(plugin, _) => Err(Unknown::because(
            format!("which source addresses network plugin `{plugin}` gives isn't known"),
            "ask about the node's address",
        )),
        Field::Absent(_) => Err(Unknown::because(
            "the cluster doesn't say its network plugin",
            "az aks show",
        )),
        Field::Unknown(unknown) => Err(unknown),
    }
}

fn subnet<'e>(
    cluster: &ManagedCluster<'e>,
    pool: &Settings<'e>,
    path: &str,
) -> Result<Option<(Subnet<'e>, Origin)>, Unknown> {
    match pool.reference(path) {
        Field::Present(id, at) => {
            let subnet = cluster.estate().require(&id)?;
            Ok(Some((subnet, at.origin())))
        }
        Field::Absent(_) => Ok(None),
        Field::Unknown(unknown) => Err(unknown),
    }
}

/// The network security group of the nodes' network interfaces: the one that their scale set
/// names, else the one that AKS keeps in the node resource group.
fn interface_group<'e>(cluster: &ManagedCluster<'e>, pool: &Settings<'e>) -> Group<'e> {
    let estate = cluster.estate();
    let group = cluster.node_resource_group().present();
    let is_of_nodes = |id: &ResourceId| {
        let own = group
            .is_some_and(|group| Some(group.to_ascii_lowercase().as_str()) == id.resource_group());
        own && id.subscription() == cluster.id().subscription()
    };
    let mut scale_sets = estate
        .all::<VirtualMachineScaleSet<'e>>()
        .filter(|set| is_of_nodes(set.id()))
        .filter(|set| is_pool_of(set, pool.name()));
    if let Some(set) = scale_sets.next() {
        let path = "virtualMachineProfile.networkProfile.networkInterfaceConfigurations";
        let interfaces = set.elements(path).unwrap_or_default();
        if let Some(interface) = interfaces.first() {
            return Group::named(estate, interface.reference("networkSecurityGroup"));
        }
    }
    let mut groups = estate
        .all::<NetworkSecurityGroup<'e>>()
        .filter(|group| is_of_nodes(group.id()));
    match groups.next() {
        Some(group) => Group::Present(group),
        None => Group::Unknown(
            None,
            Unknown::because(
                format!(
                    "the network security group of the nodes of `{}` isn't in the input",
                    cluster.name()
                ),
                match group {
                    Some(group) => format!("az network nsg list --resource-group {group}"),
                    None => "az network nsg list for the node resource group".to_owned(),
                },
            ),
        ),
    }
}

fn is_pool_of(set: &VirtualMachineScaleSet<'_>, pool: &str) -> bool {
    let tag = set.tag("aks-managed-poolName").and_then(|tag| tag.as_str());
    tag.map_or_else(
        || set.name().starts_with(&format!("aks-{pool}-")),
        |name| name.eq_ignore_ascii_case(pool),
    )
}
