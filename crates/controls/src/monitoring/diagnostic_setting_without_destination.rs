use palisade_estate::Unknown;
use palisade_estate::azure::DiagnosticSetting;

use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "MON019",
    name: "diagnostic-setting-without-destination",
    title: "every diagnostic setting sends what it collects somewhere",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[],
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
    let resource = setting.id().parent();
    let resource = resource.as_ref().map_or("RESOURCE", |id| id.as_str());
    findings
        .fail(
            **setting,
            "the setting names no workspace, storage account, event hub or partner",
        )
        .help(format!(
            "az monitor diagnostic-settings update --resource {resource} --name {} --set workspaceId=WORKSPACE_ID",
            setting.name()
        ));
    Ok(())
}
