use super::activity_alert::{Watch, watch};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "MON020",
    name: "security-solution-change-not-alerted",
    title: "somebody is told when a security solution is changed or deleted",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("3b980d31-7904-4bb7-8575-5665739a8052"),
        Framework::CisAzure.id("6.1.2.5"),
        Framework::CisAzure.id("6.1.2.6"),
        Framework::Prowler.id("monitor_alert_create_update_security_solution"),
        Framework::Prowler.id("monitor_alert_delete_security_solution"),
        Framework::Kics.id("activity_log_alert_for_create_or_update_*"),
        Framework::Kics.id("activity_log_alert_for_delete_*"),
        Framework::ScoutSuite.id("logging-monitoring-log-alert-not-exist-security-solution"),
    ],
    parameters: &[],
    page: include_str!("security_solution_change_not_alerted.md"),
    check,
};

const WATCH: Watch = Watch {
    name: "security solutions",
    types: &[
        "microsoft.containerservice/managedclusters",
        "microsoft.security/securitysolutions",
        "microsoft.security/pricings",
    ],
    operations: &[
        "Microsoft.Security/securitySolutions/write",
        "Microsoft.Security/securitySolutions/delete",
    ],
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    watch(context, &WATCH, findings);
}
