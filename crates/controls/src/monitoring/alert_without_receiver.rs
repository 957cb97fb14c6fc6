use palisade_estate::azure::{ActivityLogAlert, MetricAlert};
use palisade_estate::{Field, Resource, ResourceId, Unknown};

use super::audience::{Audience, audience};
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "MON017",
    name: "alert-without-receiver",
    title: "every alert that is on tells somebody",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("alert_without_receiver.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let estate = context.estate;
    findings.each(estate.all::<ActivityLogAlert<'_>>(), |alert, findings| {
        if is_on(alert, alert.is_enabled(), findings)? {
            judge(
                context,
                alert,
                &alert.action_groups()?,
                "activity-log alert action-group add --action-group",
                findings,
            )?;
        }
        Ok(())
    });
    findings.each(estate.all::<MetricAlert<'_>>(), |alert, findings| {
        if is_on(alert, alert.is_enabled(), findings)? {
            judge(
                context,
                alert,
                &alert.action_groups()?,
                "metrics alert update --add-action",
                findings,
            )?;
        }
        Ok(())
    });
}

fn is_on(
    alert: &Resource<'_>,
    enabled: Field<'_, bool>,
    findings: &mut Findings,
) -> Result<bool, Unknown> {
    let (is_on, at) = enabled.or_default(true)?;
    if !is_on {
        findings
            .not_applicable(*alert, "the alert is disabled")
            .at(at, "");
    }
    Ok(is_on)
}

fn judge<'e>(
    context: &Context<'e>,
    alert: &Resource<'e>,
    groups: &[ResourceId],
    command: &str,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    match audience(context, alert, groups)? {
        Audience::Group(group) => {
            findings
                .pass(*alert, format!("the alert tells `{}`", group.name()))
                .related(group.anchor(), "the action group");
        }
        Audience::Nobody(reason) => {
            let finding = findings.fail(*alert, format!("the alert tells nobody: {reason}"));
            finding.help(remedy(alert.id(), groups, command));
            for group in groups.iter().filter_map(|id| context.estate.find(id)) {
                finding.related(group.anchor(), "the action group");
            }
        }
    }
    Ok(())
}

/// Mends the first action group, or adds one where there is none.
fn remedy(alert: &ResourceId, groups: &[ResourceId], command: &str) -> String {
    let place = |id: &ResourceId| {
        let group = id.resource_group().unwrap_or_default();
        format!("--resource-group {group} --name {}", id.name())
    };
    match groups.first() {
        Some(group) => format!(
            "az monitor action-group update {} --set enabled=true --add-action email NAME ADDRESS",
            place(group)
        ),
        None => format!("az monitor {command} ACTION_GROUP_ID {}", place(alert)),
    }
}
