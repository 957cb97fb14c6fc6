use palisade_estate::azure::{DiagnosticSetting, PublicIpAddress};
use palisade_estate::{Coverage, Unknown};

use super::protection::protection;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "DD005",
    name: "ddos-telemetry-not-collected",
    title: "what DDoS protection sees and does is kept",
    recommendation: Recommendation::DdosProtection,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("752154a7-1e0f-45c6-a880-ac75a7e4f648"),
        Framework::CisAzure.id("6.1.4"),
    ],
    parameters: &[],
    page: include_str!("ddos_telemetry_not_collected.md"),
    check,
};

const CATEGORIES: [&str; 3] = [
    "DDoSProtectionNotifications",
    "DDoSMitigationFlowLogs",
    "DDoSMitigationReports",
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<PublicIpAddress<'_>>(),
        |address, findings| judge(context, address, findings),
    );
}

fn judge<'e>(
    context: &Context<'e>,
    address: &PublicIpAddress<'e>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    if let Some(reason) = protection(context, address)?.without_telemetry() {
        findings.not_applicable(**address, reason);
        return Ok(());
    }
    let settings = context
        .estate
        .children::<DiagnosticSetting<'_>>(address.id());
    let missing = uncollected(&settings)?;
    if missing.is_empty() {
        let finding = findings.pass(**address, "all three logs of attacks are collected");
        for setting in &settings {
            finding.related(setting.anchor(), "a setting of the address");
        }
        return Ok(());
    }
    let finding = findings.missing(
        **address,
        coverage(context, address, &settings),
        format!("no diagnostic setting collects {}", missing.join(", ")),
        format!(
            "az monitor diagnostic-settings list --resource {}",
            address.id()
        ),
    );
    finding.help(command(address));
    for setting in &settings {
        finding.related(setting.anchor(), "this setting doesn't");
    }
    Ok(())
}

/// Azure lists settings resource by resource, so those of another tell nothing about this one.
fn coverage(
    context: &Context<'_>,
    address: &PublicIpAddress<'_>,
    settings: &[DiagnosticSetting<'_>],
) -> Coverage {
    let coverage = context
        .estate
        .coverage::<DiagnosticSetting<'_>>(address.id());
    match coverage {
        Coverage::Assumed if settings.is_empty() => Coverage::Unseen,
        coverage => coverage,
    }
}

/// The categories that no setting collects.
fn uncollected(settings: &[DiagnosticSetting<'_>]) -> Result<Vec<&'static str>, Unknown> {
    let mut missing = CATEGORIES.to_vec();
    for setting in settings {
        for category in CATEGORIES {
            if setting.collects(category, &["allLogs"])? {
                missing.retain(|other| *other != category);
            }
        }
    }
    let has_audit_group = settings
        .iter()
        .any(|setting| setting.collects("", &["audit"]) == Ok(true));
    if has_audit_group && !missing.is_empty() {
        return Err(Unknown::because(
            "a setting collects the category group audit, and which logs of an address it \
             holds isn't documented",
            "a diagnostic setting with the group allLogs or the categories by name",
        ));
    }
    Ok(missing)
}

fn command(address: &PublicIpAddress<'_>) -> String {
    format!(
        "az monitor diagnostic-settings create --resource {} --name ddos --workspace \
         WORKSPACE_ID --logs '[{{\"categoryGroup\":\"allLogs\",\"enabled\":true}}]'",
        address.id()
    )
}
