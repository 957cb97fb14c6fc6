use palisade_estate::Unknown;
use palisade_estate::azure::ManagedCluster;

use crate::azure_cli;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "MON023",
    name: "metrics-not-collected",
    title: "the metrics of a cluster are collected",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Azqr.id("dcaf8128-94bd-4d53-9235-3a0371df6b74"),
        Framework::Prowler.id("aks_cluster_azure_monitor_enabled"),
    ],
    parameters: &[],
    page: include_str!("metrics_not_collected.md"),
    check,
};

const SETTING: &str = "azureMonitorProfile.metrics.enabled";

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ManagedCluster<'_>>(), judge);
}

fn judge(cluster: &ManagedCluster<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let (is_on, at) = cluster.flag(SETTING).or_default(false)?;
    if is_on {
        findings
            .pass(**cluster, "azureMonitorProfile.metrics is on")
            .at(at, "");
        return Ok(());
    }
    findings
        .fail(
            **cluster,
            "azureMonitorProfile.metrics.enabled isn't true, so the managed Prometheus collects nothing",
        )
        .help(azure_cli::update(
            cluster.id(),
            "--enable-azure-monitor-metrics",
        ));
    Ok(())
}
