use palisade_estate::azure::ManagedCluster;
use palisade_estate::{Field, Unknown};

use super::switch::switch;
use crate::azure_cli;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PC007",
    name: "local-accounts-enabled",
    title: "the API server knows no accounts of its own",
    recommendation: Recommendation::PrivateCluster,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("IM-1"),
        Framework::CisAks.id("5.5.1"),
        Framework::Psrule.id("Azure.AKS.LocalAccounts"),
        Framework::Checkov.id("CKV_AZURE_141"),
        Framework::Prowler.id("aks_cluster_local_accounts_disabled"),
    ],
    parameters: &[],
    page: include_str!("local_accounts_enabled.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ManagedCluster<'_>>(), judge);
}

fn judge(cluster: &ManagedCluster<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let disabled = switch(
        cluster,
        "disableLocalAccounts",
        cluster.local_accounts_disabled(),
        false,
    )?;
    if disabled.is_on {
        findings.pass(**cluster, disabled.words).at(disabled.at, "");
        return Ok(());
    }
    let message = format!(
        "{}: az aks get-credentials --admin gives out a certificate of cluster-admin",
        disabled.words
    );
    findings
        .fail(**cluster, message)
        .at(disabled.at, "")
        .help(help(cluster));
    Ok(())
}

/// Without Entra ID nobody could sign in any more.
fn help(cluster: &ManagedCluster<'_>) -> String {
    let options = match cluster.entra_profile() {
        Field::Present(..) => "--disable-local-accounts",
        _ => "--enable-aad --aad-admin-group-object-ids GROUP_ID --disable-local-accounts",
    };
    azure_cli::update(cluster.id(), options)
}
