//! The features of a cluster by which its endpoints are listed, and how its settings show them.

use palisade_document::Origin;
use palisade_estate::azure::ManagedCluster;
use palisade_estate::{Coverage, Field, Settings, Unknown};

/// What a cluster may have that needs endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Feature {
    /// What every cluster has.
    Base,
    /// Updates of the nodes' operating system from the sources of its maker.
    OsUpdates,
    /// Nodes with graphics processors.
    GpuNodes,
    /// Nodes with Windows.
    WindowsNodes,
    /// Microsoft Entra Workload ID.
    WorkloadIdentity,
    /// Microsoft Defender for Containers.
    Defender,
    /// The provider of Azure Key Vault for the secrets store driver.
    KeyVaultProvider,
    /// Azure Monitor: Container insights, managed Prometheus, Application Insights.
    Monitor,
    /// The Azure Policy add-on.
    Policy,
    /// Cost analysis.
    CostAnalysis,
    /// Cluster extensions.
    Extensions,
}

/// Whether a cluster has a feature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It has: the setting that says so; nothing if the user does.
    Has(Option<Origin>),
    /// It hasn't.
    HasNot,
    /// The input doesn't tell.
    Unknown(Unknown),
}

impl Feature {
    /// All of them, in the order of the document.
    pub const ALL: [Self; 11] = [
        Self::Base,
        Self::OsUpdates,
        Self::GpuNodes,
        Self::WindowsNodes,
        Self::WorkloadIdentity,
        Self::Defender,
        Self::KeyVaultProvider,
        Self::Monitor,
        Self::Policy,
        Self::CostAnalysis,
        Self::Extensions,
    ];

    /// A short name of letters and hyphens.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::OsUpdates => "os-updates",
            Self::GpuNodes => "gpu-nodes",
            Self::WindowsNodes => "windows-nodes",
            Self::WorkloadIdentity => "workload-identity",
            Self::Defender => "defender",
            Self::KeyVaultProvider => "key-vault-provider",
            Self::Monitor => "monitor",
            Self::Policy => "policy",
            Self::CostAnalysis => "cost-analysis",
            Self::Extensions => "extensions",
        }
    }

    /// The feature of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|feature| feature.as_str() == name)
    }

    /// Whether a cluster has it, by its settings.
    pub fn presence(self, cluster: &ManagedCluster<'_>) -> Presence {
        match self {
            Self::Base => Presence::Has(Some(cluster.anchor().origin())),
            Self::OsUpdates => Presence::HasNot,
            Self::GpuNodes => of_pools(cluster, "vmSize", has_graphics_processors),
            Self::WindowsNodes => of_pools(cluster, "osType", |system| {
                system.eq_ignore_ascii_case("Windows")
            }),
            Self::WorkloadIdentity => any(cluster, &["securityProfile.workloadIdentity.enabled"]),
            Self::Defender => any(
                cluster,
                &[
                    "securityProfile.defender.securityMonitoring.enabled",
                    // Until the API of 2022-06-01.
                    "securityProfile.azureDefender.enabled",
                ],
            ),
            Self::KeyVaultProvider => any(
                cluster,
                &["addonProfiles.azureKeyvaultSecretsProvider.enabled"],
            ),
            Self::Monitor => any(
                cluster,
                &[
                    "addonProfiles.omsagent.enabled",
                    "azureMonitorProfile.metrics.enabled",
                    "azureMonitorProfile.containerInsights.enabled",
                    "azureMonitorProfile.appMonitoring.autoInstrumentation.enabled",
                ],
            ),
            Self::Policy => any(cluster, &["addonProfiles.azurepolicy.enabled"]),
            Self::CostAnalysis => any(cluster, &["metricsProfile.costAnalysis.enabled"]),
            Self::Extensions => extensions(cluster),
        }
    }
}

/// Whether one of some settings is on; all are off unless said.
fn any(cluster: &ManagedCluster<'_>, paths: &[&str]) -> Presence {
    let mut unknown = None;
    for path in paths {
        match cluster.flag(path) {
            Field::Present(true, at) => return Presence::Has(Some(at.origin())),
            Field::Present(false, _) | Field::Absent(_) => {}
            Field::Unknown(cause) => unknown = unknown.or(Some(cause)),
        }
    }
    unknown.map_or(Presence::HasNot, Presence::Unknown)
}

fn of_pools(cluster: &ManagedCluster<'_>, path: &str, is_it: impl Fn(&str) -> bool) -> Presence {
    let pools: Vec<Settings<'_>> = match cluster.agent_pools() {
        Ok(pools) => pools,
        Err(unknown) => return Presence::Unknown(unknown),
    };
    let mut unknown = None;
    for pool in pools {
        match pool.text(path) {
            Field::Present(text, at) if is_it(text) => return Presence::Has(Some(at.origin())),
            Field::Present(..) | Field::Absent(_) => {}
            Field::Unknown(cause) => unknown = unknown.or(Some(cause)),
        }
    }
    unknown.map_or(Presence::HasNot, Presence::Unknown)
}

/// The sizes of the N series but for NP, whose processors are programmable gate arrays ("Sizes for
/// virtual machines in Azure", Microsoft Learn).
fn has_graphics_processors(size: &str) -> bool {
    let size = size.to_ascii_lowercase();
    let series = size.strip_prefix("standard_").unwrap_or(&size);
    ["nc", "nd", "ng", "nv"]
        .iter()
        .any(|known| series.starts_with(known))
}

/// Extensions are resources of their own, listed cluster by cluster.
fn extensions(cluster: &ManagedCluster<'_>) -> Presence {
    const TYPE: &str = "microsoft.kubernetesconfiguration/extensions";
    let estate = cluster.estate();
    let mut all = estate.of_type(TYPE);
    if let Some(extension) = all.find(|extension| extension.id().is_within(cluster.id())) {
        return Presence::Has(Some(extension.anchor().origin()));
    }
    match estate.coverage_of(TYPE, cluster.id()) {
        Coverage::Complete => Presence::HasNot,
        Coverage::Assumed | Coverage::Unseen => Presence::Unknown(Unknown::because(
            format!(
                "whether `{}` has extensions isn't in the input",
                cluster.name()
            ),
            format!(
                "az k8s-extension list --cluster-type managedClusters --cluster-name {}",
                cluster.name()
            ),
        )),
    }
}
