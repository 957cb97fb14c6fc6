//! What enforces network policies, and how it departs from the others.

use palisade_estate::azure::{ManagedCluster, PolicyEngine};
use palisade_estate::{Cluster, Field, Unknown};

/// The DaemonSets of engines that people install themselves where AKS manages none.
const AGENTS: [&str; 4] = ["calico-node", "cilium", "antrea-agent", "kube-router"];

/// The engine that runs in a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EngineKind {
    /// None: policies are accepted and not enforced.
    None,
    /// One that does what the Kubernetes documentation says, and enforces AdminNetworkPolicy and
    /// ClusterNetworkPolicy as well. Stands for an engine that isn't known.
    Conformant,
    /// Azure Network Policy Manager.
    AzureNpm,
    /// Calico.
    Calico,
    /// Azure CNI powered by Cilium.
    Cilium,
}

/// An engine with the options that change its verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Engine {
    /// Which it is.
    pub kind: EngineKind,
    /// Whether Advanced Container Networking Services let Cilium decide by name
    /// (`advancedNetworkPolicies` `FQDN` or `L7`).
    pub names: bool,
    /// Whether they let it decide by what a connection carries (`L7`).
    pub layer7: bool,
}

impl Engine {
    /// An engine with every option that it has.
    pub fn new(kind: EngineKind) -> Self {
        let is_cilium = kind == EngineKind::Cilium;
        Self {
            kind,
            names: is_cilium,
            layer7: is_cilium,
        }
    }

    /// The engine of a managed cluster (`networkProfile`: `networkPolicy`, `networkDataplane`,
    /// `advancedNetworking`); unknown where the cluster or the setting isn't in the input.
    pub fn of(cluster: &Cluster<'_>) -> Result<Self, Unknown> {
        let managed = cluster.managed()?;
        let (engine, _) = managed.policy_engine().or_default(PolicyEngine::None)?;
        let kind = match engine {
            PolicyEngine::None if managed.is_automatic() => EngineKind::Cilium,
            PolicyEngine::None => {
                require_no_unmanaged(cluster, &managed)?;
                EngineKind::None
            }
            PolicyEngine::Azure => EngineKind::AzureNpm,
            PolicyEngine::Calico => EngineKind::Calico,
            PolicyEngine::Cilium => EngineKind::Cilium,
            PolicyEngine::Other(name) => {
                return Err(Unknown::because(
                    format!("the network policy engine `{name}` isn't one that Palisade knows"),
                    "name an engine that behaves like it",
                ));
            }
        };
        let policies = match managed.advanced_network_policies() {
            Field::Present(policies, _) => policies,
            Field::Absent(_)
                if managed.advanced_networking_security_enabled().present() == Some(true) =>
            {
                "FQDN"
            }
            Field::Absent(_) => "None",
            Field::Unknown(unknown) => return Err(unknown),
        };
        let is = |name: &str| policies.eq_ignore_ascii_case(name);
        Ok(Self {
            names: kind == EngineKind::Cilium && (is("FQDN") || is("L7")),
            layer7: kind == EngineKind::Cilium && is("L7"),
            ..Self::new(kind)
        })
    }

    /// Whether an address range also covers pods and nodes whose addresses lie in it. Kubernetes
    /// leaves it open and means ranges for addresses outside the cluster; Cilium never lets them
    /// (AKS documentation of Azure CNI powered by Cilium), Azure NPM and Calico match by address.
    pub fn ranges_cover_pods(&self) -> bool {
        matches!(self.kind, EngineKind::AzureNpm | EngineKind::Calico)
    }
}

impl EngineKind {
    /// What to call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Conformant => "conformant",
            Self::AzureNpm => "azure",
            Self::Calico => "calico",
            Self::Cilium => "cilium",
        }
    }

    /// The engine of a name, as `networkPolicy` of AKS calls them, and `conformant`.
    pub fn named(name: &str) -> Option<Self> {
        let all = [
            Self::None,
            Self::Conformant,
            Self::AzureNpm,
            Self::Calico,
            Self::Cilium,
        ];
        all.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Requires that nothing else enforces policies where AKS manages no engine.
///
/// # Errors
///
/// Unknown where people may run an engine of their own: with no network plugin, with the data
/// plane `cilium`, or where a DaemonSet is called like the agent of an engine.
pub fn require_no_unmanaged(
    cluster: &Cluster<'_>,
    managed: &ManagedCluster<'_>,
) -> Result<(), Unknown> {
    let because = |cause: String| {
        Err(Unknown::because(
            cause,
            "a waiver that names the engine you run yourself",
        ))
    };
    let (plugin, _) = managed.network_plugin().or_default("")?;
    if plugin.eq_ignore_ascii_case("none") {
        return because(
            "the network plugin is none, so whether policies are enforced depends on your own"
                .to_owned(),
        );
    }
    let (dataplane, _) = managed.network_dataplane().or_default("")?;
    if dataplane.eq_ignore_ascii_case("cilium") {
        return because(
            "the network policy is none beside the data plane cilium, which may enforce policies all the same"
                .to_owned(),
        );
    }
    let agent = cluster
        .objects_of("apps", "DaemonSet")
        .find(|object| AGENTS.contains(&object.name().as_str()));
    match agent {
        None => Ok(()),
        Some(agent) => because(format!(
            "AKS manages no network policy engine, but the DaemonSet `{}` may be one of your own",
            agent.name()
        )),
    }
}
