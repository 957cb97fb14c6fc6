use super::activity_alert::{Watch, watch};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "MON006",
    name: "policy-assignment-change-not-alerted",
    title: "somebody is told when a policy assignment is made, changed or deleted",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("c5447c04-a4d7-4ba8-a263-c9ee321a6858"),
        Framework::CisAzure.id("6.1.2.1"),
        Framework::CisAzure.id("6.1.2.2"),
        Framework::Prowler.id("monitor_alert_create_policy_assignment"),
        Framework::Prowler.id("monitor_alert_delete_policy_assignment"),
        Framework::Kics.id("activity_log_alert_for_create_or_update_*"),
        Framework::Kics.id("activity_log_alert_for_delete_*"),
        Framework::ScoutSuite.id("logging-monitoring-log-alert-not-exist-create-policy-assignment"),
    ],
    parameters: &[],
    page: include_str!("policy_assignment_change_not_alerted.md"),
    check,
};

const WATCH: Watch = Watch {
    name: "policy assignments",
    types: &[
        "microsoft.containerservice/managedclusters",
        "microsoft.network/virtualnetworks",
    ],
    operations: &[
        "Microsoft.Authorization/policyAssignments/write",
        "Microsoft.Authorization/policyAssignments/delete",
    ],
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    watch(context, &WATCH, findings);
}
