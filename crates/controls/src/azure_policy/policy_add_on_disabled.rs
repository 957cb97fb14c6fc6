use palisade_estate::azure::ManagedCluster;
use palisade_estate::{Field, Unknown};

use crate::azure_cli;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "AP001",
    name: "policy-add-on-disabled",
    title: "the Azure Policy add-on runs in the cluster",
    recommendation: Recommendation::AzurePolicy,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("a8eff44f-8c92-45c3-a3fb-9880802d67a7"),
        Framework::AzurePolicy.id("0a15ec92-a229-4763-bb14-0ea34a568f8d"),
        Framework::Mcsb.id("PV-2"),
        Framework::Psrule.id("Azure.AKS.AzurePolicyAddOn"),
        Framework::Checkov.id("CKV_AZURE_116"),
        Framework::Trivy.id("AZU-0066"),
        Framework::Kics.id("aks_azure_policies_addon_disabled"),
        Framework::Cnspec.id("aks-azure-policy-addon-enabled"),
    ],
    parameters: &[],
    page: include_str!("policy_add_on_disabled.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ManagedCluster<'_>>(), judge);
}

fn judge(cluster: &ManagedCluster<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let help = azure_cli::enable_addon(cluster.id(), "azure-policy");
    let addon = match cluster.addon("azurepolicy") {
        Field::Present(addon, _) => addon,
        Field::Absent(_) => {
            findings
                .fail(**cluster, "the cluster has no Azure Policy add-on")
                .help(help);
            return Ok(());
        }
        Field::Unknown(unknown) => return Err(unknown),
    };
    let (is_enabled, at) = addon.flag("enabled").or_default(false)?;
    if is_enabled {
        findings
            .pass(**cluster, "the Azure Policy add-on is enabled")
            .at(at, "");
    } else {
        findings
            .fail(**cluster, "the Azure Policy add-on is switched off")
            .at(at, "no policy reaches the cluster's objects")
            .help(help);
    }
    Ok(())
}
