use palisade_estate::azure::{ManagedCluster, PolicyEngine};
use palisade_estate::{Cluster, Unknown};

use super::engine::{engine, engine_name, install_command};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NP001",
    name: "network-policy-engine-missing",
    title: "every cluster has an engine that enforces network policies",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-1"),
        Framework::CisAks.id("4.4.1"),
        Framework::CisAks.id("5.4.4"),
        Framework::Psrule.id("Azure.AKS.NetworkPolicy"),
        Framework::Checkov.id("CKV_AZURE_7"),
        Framework::Trivy.id("AZU-0043"),
        Framework::Prowler.id("aks_network_policy_enabled"),
        Framework::Kubescape.id("C-0205"),
        Framework::Kubescape.id("C-0240"),
        Framework::Kics.id("aks_network_policy_misconfigured"),
        Framework::Kics.id("aks_cluster_network_policy_not_configured"),
        Framework::Cnspec.id("aks-network-policy-enabled"),
    ],
    parameters: &[],
    page: include_str!("network_policy_engine_missing.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for cluster in context.estate.clusters() {
        let Ok(managed) = cluster.managed() else {
            continue;
        };
        if let Err(unknown) = judge(&cluster, &managed, findings) {
            findings.unknown(*managed, unknown);
        }
    }
}

fn judge(
    cluster: &Cluster<'_>,
    managed: &ManagedCluster<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    match engine(cluster)? {
        (PolicyEngine::None, at) => {
            let message = if at.scalar().is_empty() {
                "no network policy engine is set, so policies are accepted and never enforced"
            } else {
                "the network policy engine is none, so policies are accepted and never enforced"
            };
            findings
                .fail(**managed, message)
                .at(at, "every pod reaches every other")
                .help(install_command(managed));
        }
        (engine, at) => {
            let message = format!("{} enforces network policies", engine_name(engine));
            findings.pass(**managed, message).at(at, "");
        }
    }
    Ok(())
}
