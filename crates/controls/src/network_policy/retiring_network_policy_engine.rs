use jiff::civil::{Date, date};
use palisade_estate::azure::{ManagedCluster, PolicyEngine};
use palisade_estate::{Cluster, Unknown};

use super::engine::{engine, engine_name, install_command};
use crate::azure_cli;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NP002",
    name: "retiring-network-policy-engine",
    title: "the network policy engine is one that Microsoft goes on supporting",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[Framework::CisAks.id("4.4.1")],
    parameters: &[],
    page: include_str!("retiring_network_policy_engine.md"),
    check,
};

/// When support for Azure Network Policy Manager ends on nodes of either system.
const LINUX_END: Date = date(2028, 9, 30);
const WINDOWS_END: Date = date(2026, 9, 30);

fn check(context: &Context<'_>, findings: &mut Findings) {
    for cluster in context.estate.clusters() {
        let Ok(managed) = cluster.managed() else {
            continue;
        };
        if let Err(unknown) = judge(context, &cluster, &managed, findings) {
            findings.unknown(*managed, unknown);
        }
    }
}

fn judge(
    context: &Context<'_>,
    cluster: &Cluster<'_>,
    managed: &ManagedCluster<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    match engine(cluster)? {
        (PolicyEngine::None, _) => {
            findings.not_applicable(**managed, "the cluster has no network policy engine");
        }
        (PolicyEngine::Azure, at) => {
            let has_windows = managed.has_windows_nodes()?;
            let (system, end) = if has_windows {
                ("Windows", WINDOWS_END)
            } else {
                ("Linux", LINUX_END)
            };
            let is_over = context.today > end;
            let verb = if is_over { "ended" } else { "ends" };
            let message = format!(
                "the network policy engine is azure, whose support on {system} nodes {verb} on {end}"
            );
            let finding = findings.fail(**managed, message);
            finding
                .at(at, "Azure Network Policy Manager")
                .help(replace_command(managed, has_windows));
            if is_over {
                finding.severity(Severity::High);
            }
        }
        (engine, at) => {
            let message = format!("the network policy engine is {}", engine_name(engine));
            findings.pass(**managed, message).at(at, "");
        }
    }
    Ok(())
}

/// Azure Network Policy Manager has to go before Calico comes; Cilium takes its place by itself.
fn replace_command(managed: &ManagedCluster<'_>, has_windows: bool) -> String {
    let install = install_command(managed);
    if !has_windows {
        return install;
    }
    let remove = azure_cli::update(managed.id(), "--network-policy none");
    format!("{remove} && {install}")
}
