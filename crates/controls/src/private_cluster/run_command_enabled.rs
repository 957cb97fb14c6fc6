use palisade_estate::Unknown;
use palisade_estate::azure::ManagedCluster;

use super::switch::switch;
use crate::azure_cli;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PC005",
    name: "run-command-enabled",
    title: "nobody reaches the API server through Azure Resource Manager",
    recommendation: Recommendation::PrivateCluster,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("89f2d532-c53c-4f8f-9afa-4927b1114a0d"),
        Framework::Mcsb.id("PA-7"),
        Framework::CisAks.id("5.4.1"),
        Framework::Cnspec.id("aks-run-command-disabled"),
    ],
    parameters: &[],
    page: include_str!("run_command_enabled.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ManagedCluster<'_>>(), judge);
}

fn judge(cluster: &ManagedCluster<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let disabled = switch(
        cluster,
        "disableRunCommand",
        cluster.run_command_disabled(),
        false,
    )?;
    if disabled.is_on {
        findings.pass(**cluster, disabled.words).at(disabled.at, "");
        return Ok(());
    }
    let message = format!(
        "{}: az aks command invoke runs commands in the cluster from anywhere",
        disabled.words
    );
    findings
        .fail(**cluster, message)
        .at(disabled.at, "this way in passes no network of yours")
        .help(azure_cli::update(cluster.id(), "--disable-run-command"));
    Ok(())
}
