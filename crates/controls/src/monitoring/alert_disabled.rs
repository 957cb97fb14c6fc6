use palisade_estate::azure::{ActivityLogAlert, MetricAlert};
use palisade_estate::{Field, Resource, Unknown};

use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "MON018",
    name: "alert-disabled",
    title: "alerts that exist are on",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("alert_disabled.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let estate = context.estate;
    findings.each(estate.all::<ActivityLogAlert<'_>>(), |alert, findings| {
        judge(alert, alert.is_enabled(), "activity-log alert", findings)
    });
    findings.each(estate.all::<MetricAlert<'_>>(), |alert, findings| {
        judge(alert, alert.is_enabled(), "metrics alert", findings)
    });
}

fn judge(
    alert: &Resource<'_>,
    enabled: Field<'_, bool>,
    command: &str,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let (is_on, at) = enabled.or_default(true)?;
    if is_on {
        findings.pass(*alert, "the alert is on").at(at, "");
        return Ok(());
    }
    let group = alert.id().resource_group().unwrap_or_default();
    findings
        .fail(*alert, "enabled is false: the alert never fires")
        .at(at, "")
        .help(format!(
            "az monitor {command} update --resource-group {group} --name {} --enabled true",
            alert.name()
        ));
    Ok(())
}
