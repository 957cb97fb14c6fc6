use palisade_estate::azure::DiagnosticSetting;
use palisade_estate::{Resource, ResourceId, Unknown};

use super::activity_alert::subscriptions;
use super::resource_log::{Collection, Log, collection, settings};
use crate::{
    Confidence, Context, Control, Finding, Findings, Framework, Recommendation, Severity, Subject,
};

pub(super) static CONTROL: Control = Control {
    code: "MON003",
    name: "activity-log-not-exported",
    title: "every subscription with clusters or networks exports its activity log",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("LT-3"),
        Framework::CisAzure.id("6.1.1.1"),
        Framework::CisAzure.id("6.1.1.2"),
        Framework::Prowler.id("monitor_diagnostic_settings_exists"),
        Framework::Prowler.id("monitor_diagnostic_setting_with_appropriate_categories"),
        Framework::ScoutSuite.id("logging-monitoring-diagnostic-setting-does-not-exist"),
        Framework::Cnspec.id("diagnostic-settings-*"),
    ],
    parameters: &[],
    page: include_str!("activity_log_not_exported.md"),
    check,
};

/// What makes a subscription worth watching.
const HOLDERS: [&str; 2] = [
    "microsoft.containerservice/managedclusters",
    "microsoft.network/virtualnetworks",
];

/// What tells of changes and attacks. The other categories are about health and cost.
const CATEGORIES: [&[&str]; 4] = [&["Administrative"], &["Security"], &["Alert"], &["Policy"]];

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (subscription, holder) in subscriptions(context, &HOLDERS) {
        judge(context, &subscription, &holder, findings);
    }
}

fn judge(
    context: &Context<'_>,
    subscription: &ResourceId,
    holder: &Resource<'_>,
    findings: &mut Findings,
) {
    let (mut exporters, mut missing, mut unclear) = (Vec::new(), Vec::new(), None);
    for categories in CATEGORIES {
        let log = Log {
            name: "activity",
            categories,
            groups: &[],
        };
        match collection(context, subscription, &log) {
            Collection::By(setting) => exporters.push(setting.anchor()),
            Collection::Unclear(unknown) => unclear = unclear.or(Some(unknown)),
            Collection::Nowhere => missing.extend(categories),
        }
    }
    let subject = Subject::scope(context.estate, subscription);
    if !missing.is_empty() {
        lacks(context, subject, subscription, &missing, findings)
            .at(holder.anchor(), "in this subscription");
    } else if let Some(unknown) = unclear {
        let unknown = Unknown::because(unknown.cause, listing(subscription));
        findings
            .unknown(subject, unknown)
            .at(holder.anchor(), "in this subscription");
    } else if let Some(exporter) = exporters.first() {
        findings
            .pass(
                subject,
                "Administrative, Security, Alert and Policy are exported",
            )
            .at(*exporter, "");
    }
}

fn lacks<'f>(
    context: &Context<'_>,
    subject: Subject,
    subscription: &ResourceId,
    missing: &[&str],
    findings: &'f mut Findings,
) -> &'f mut Finding {
    let message = format!(
        "no diagnostic setting of the subscription exports {}",
        missing.join(", ")
    );
    let entries: Vec<_> = missing
        .iter()
        .map(|category| format!("{{\"category\":\"{category}\",\"enabled\":true}}"))
        .collect();
    let finding = findings.missing(
        subject,
        context
            .estate
            .coverage::<DiagnosticSetting<'_>>(subscription),
        message,
        listing(subscription),
    );
    finding.help(format!(
        "az monitor diagnostic-settings subscription create --subscription {} --name activity --location westeurope --workspace WORKSPACE_ID --logs '[{}]'",
        subscription.name(),
        entries.join(",")
    ));
    for setting in settings(context, subscription) {
        finding.related(setting.anchor(), "this setting doesn't");
    }
    finding
}

fn listing(subscription: &ResourceId) -> String {
    format!(
        "az monitor diagnostic-settings subscription list --subscription {}",
        subscription.name()
    )
}
