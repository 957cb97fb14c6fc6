use palisade_estate::azure::{DiagnosticSetting, FlowLog, StorageAccount};
use palisade_estate::{Unknown, View};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "MON022",
    name: "log-storage-public",
    title: "storage accounts that keep logs are not open to the internet",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-2"),
        Framework::Checkov.id("CKV2_AZURE_8"),
        Framework::Prowler.id("monitor_storage_account_with_activity_logs_is_private"),
    ],
    parameters: &[],
    page: include_str!("log_storage_public.md"),
    check,
};

/// What sends logs to a storage account.
const SENDERS: [&str; 2] = [DiagnosticSetting::TYPE, FlowLog::TYPE];

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<StorageAccount<'_>>(), judge);
}

fn judge(account: &StorageAccount<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let senders = account.referrers_among(&SENDERS);
    let Some(sender) = senders.first() else {
        return Ok(());
    };
    let (allows_blobs, blobs) = account.allows_public_blobs().or_default(false)?;
    if allows_blobs {
        findings
            .fail(
                **account,
                "allowBlobPublicAccess is true, so a container of logs may be open to anybody",
            )
            .at(blobs, "")
            .related(sender.anchor(), "sends logs to it")
            .help(format!(
                "az storage account update --ids {} --allow-blob-public-access false",
                account.id()
            ));
        return Ok(());
    }
    let (access, _) = account.public_network_access().or_default("Enabled")?;
    let (action, at) = account.default_action().or_default("Allow")?;
    if access.eq_ignore_ascii_case("Enabled") && !action.eq_ignore_ascii_case("Deny") {
        findings
            .fail(**account, "its endpoint answers to every network")
            .at(at, "")
            .related(sender.anchor(), "sends logs to it")
            .help(format!(
                "az storage account update --ids {} --default-action Deny --bypass AzureServices Logging Metrics",
                account.id()
            ));
        return Ok(());
    }
    findings
        .pass(
            **account,
            "only named networks reach it, and no container can be public",
        )
        .related(sender.anchor(), "sends logs to it");
    Ok(())
}
