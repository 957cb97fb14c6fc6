use palisade_document::Value;
use palisade_estate::azure::ManagedCluster;
use palisade_estate::{Field, ResourceId, Settings, Unknown};

use crate::azure_cli;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "MON002",
    name: "container-insights-off",
    title: "Container Insights collects what pods write and what happens to them",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("LT-5"),
        Framework::Psrule.id("Azure.AKS.ContainerInsights"),
        Framework::Checkov.id("CKV_AZURE_4"),
        Framework::Trivy.id("AZU-0040"),
        Framework::Azqr.id("dcaf8128-94bd-4d53-9235-3a0371df6b74"),
        Framework::Kics.id("aks_logging_azure_monitoring_disabled"),
        Framework::Cnspec.id("aks-container-insights-enabled"),
    ],
    parameters: &[],
    page: include_str!("container_insights_off.md"),
    check,
};

/// Where a cluster switches Container Insights on, each with the setting that names the
/// workspace: the add-on, and the profile that newer versions of the API have beside it.
const SWITCHES: [(&str, &str); 3] = [
    (
        "addonProfiles.omsagent",
        "config.logAnalyticsWorkspaceResourceID",
    ),
    (
        "azureMonitorProfile.containerInsights",
        "logAnalyticsWorkspaceResourceId",
    ),
    (
        "azureMonitorProfile.logs.containerInsights",
        "logAnalyticsWorkspaceResourceId",
    ),
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ManagedCluster<'_>>(), judge);
}

fn judge(cluster: &ManagedCluster<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let mut shortfall = None;
    for (path, workspace) in SWITCHES {
        let Some(switch) = present(cluster.property(path))? else {
            continue;
        };
        let switch = Settings::of(switch);
        let (is_on, at) = switch.flag("enabled").or_default(false)?;
        if !is_on {
            shortfall = shortfall.or(Some((format!("{path}.enabled is false"), at)));
            continue;
        }
        match switch.text(workspace) {
            Field::Present(id, at) => {
                let name = id.rsplit('/').next().unwrap_or(id);
                findings
                    .pass(
                        **cluster,
                        format!("{path} is on with the workspace `{name}`"),
                    )
                    .at(at, "");
                return Ok(());
            }
            Field::Absent(at) => shortfall = Some((format!("{path} names no workspace"), at)),
            Field::Unknown(unknown) => return Err(unknown),
        }
    }
    let (cause, at) = shortfall.unwrap_or_else(|| (NOTHING.to_owned(), cluster.anchor()));
    findings
        .fail(**cluster, format!("Container Insights is off: {cause}"))
        .at(at, "")
        .help(command(cluster.id()));
    Ok(())
}

const NOTHING: &str =
    "neither the add-on omsagent nor azureMonitorProfile.containerInsights is set";

fn present<'e>(field: Field<'e, Value<'e>>) -> Result<Option<Value<'e>>, Unknown> {
    match field {
        Field::Present(value, _) => Ok(Some(value)),
        Field::Absent(_) => Ok(None),
        Field::Unknown(unknown) => Err(unknown),
    }
}

fn command(id: &ResourceId) -> String {
    let command = azure_cli::enable_addon(id, "monitoring");
    format!("{command} --workspace-resource-id WORKSPACE_ID")
}
