use palisade_estate::Unknown;
use palisade_estate::azure::DiagnosticSetting;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "MON019",
    name: "diagnostic-setting-without-destination",
    title: "every diagnostic setting sends what it collects somewhere",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[Framework::Mcsb.id("LT-5"), Framework::CisAzure.id("6.1.4")],
    parameters: &[],
    page: include_str!("diagnostic_setting_without_destination.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<DiagnosticSetting<'_>>(), judge);
}

fn judge(setting: &DiagnosticSetting<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    if setting.has_destination()? {
        findings.pass(**setting, "what it collects goes somewhere");
        return Ok(());
    }
    findings
        .fail(
            **setting,
            "the setting names no workspace, storage account, event hub or partner",
        )
        .help(command(setting));
    Ok(())
}

/// Settings of a subscription's activity log have a command of their own.
fn command(setting: &DiagnosticSetting<'_>) -> String {
    let (parent, name) = (setting.id().parent(), setting.name());
    let parent = parent.as_ref().map_or("RESOURCE", |id| id.as_str());
    match parent.strip_prefix("/subscriptions/") {
        Some(subscription) if !subscription.contains('/') => format!(
            "az monitor diagnostic-settings subscription update --subscription {subscription} --name {name} --workspace WORKSPACE_ID"
        ),
        _ => format!(
            "az monitor diagnostic-settings update --resource {parent} --name {name} --set workspaceId=WORKSPACE_ID"
        ),
    }
}
