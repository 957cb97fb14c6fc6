//! Which engine enforces the network policies of a cluster, and which policies it enforces.

use palisade_document::Value;
use palisade_estate::azure::{ManagedCluster, PolicyEngine};
use palisade_estate::kubernetes::PolicyDialect;
use palisade_estate::{Cluster, Field, Unknown};
use palisade_reach::kubernetes::require_no_unmanaged;

use crate::azure_cli;

/// The engine with the place that tells. Unknown where the Azure side isn't in the input, or
/// where an engine that AKS doesn't manage may do the work.
pub(super) fn engine<'e>(cluster: &Cluster<'e>) -> Result<(PolicyEngine<'e>, Value<'e>), Unknown> {
    let managed = cluster.managed()?;
    let field = managed.policy_engine();
    let is_given = matches!(field, Field::Present(..));
    let (engine, at) = field.or_default(PolicyEngine::None)?;
    match engine {
        PolicyEngine::Other(name) => Err(Unknown::because(
            format!("the network policy engine {name} is newer than this version of Palisade"),
            "a newer version of Palisade",
        )),
        PolicyEngine::None if !is_given && managed.is_automatic() => Ok((PolicyEngine::Cilium, at)),
        PolicyEngine::None => {
            require_no_unmanaged(cluster, &managed)?;
            Ok((PolicyEngine::None, at))
        }
        known => Ok((known, at)),
    }
}

/// Whether an engine enforces policies of a dialect. Nothing where that depends on the version
/// of the engine that AKS ships.
pub(super) fn enforces(engine: PolicyEngine<'_>, dialect: PolicyDialect) -> Option<bool> {
    match dialect {
        PolicyDialect::CalicoStaged => Some(false),
        _ if engine == PolicyEngine::None => Some(false),
        PolicyDialect::Kubernetes => Some(true),
        PolicyDialect::Cilium => Some(engine == PolicyEngine::Cilium),
        PolicyDialect::Calico => Some(engine == PolicyEngine::Calico),
        PolicyDialect::ClusterScoped => None,
    }
}

/// What to call an engine in a sentence.
pub(super) fn engine_name(engine: PolicyEngine<'_>) -> &str {
    match engine {
        PolicyEngine::None => "none",
        PolicyEngine::Azure => "Azure NPM",
        PolicyEngine::Calico => "Calico",
        PolicyEngine::Cilium => "Cilium",
        PolicyEngine::Other(name) => name,
    }
}

/// The command that gives a cluster an engine: Cilium, which needs Azure CNI and knows no Windows
/// nodes, else Calico.
pub(super) fn install_command(cluster: &ManagedCluster<'_>) -> String {
    let is_kubenet = cluster
        .network_plugin()
        .present()
        .is_some_and(|plugin| plugin.eq_ignore_ascii_case("kubenet"));
    let engine = if is_kubenet || cluster.has_windows_nodes() == Ok(true) {
        "--network-policy calico"
    } else {
        "--network-dataplane cilium"
    };
    azure_cli::update(cluster.id(), engine)
}
