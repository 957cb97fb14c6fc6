use super::activity_alert::{Watch, watch};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "MON004",
    name: "network-security-group-change-not-alerted",
    title: "somebody is told when a network security group or its rules change",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("b954148f-4c11-4c38-8221-be76711e194a"),
        Framework::CisAzure.id("6.1.2.3"),
        Framework::CisAzure.id("6.1.2.4"),
        Framework::Azqr.id("8bb4a57b-55e4-d24e-9c19-2679d8bc779f"),
        Framework::Prowler.id("monitor_alert_create_update_nsg"),
        Framework::Prowler.id("monitor_alert_delete_nsg"),
        Framework::Kics.id("activity_log_alert_for_create_or_update_*"),
        Framework::Kics.id("activity_log_alert_for_delete_*"),
        Framework::ScoutSuite.id("logging-monitoring-log-alert-not-exist-nsg"),
        Framework::Cnspec.id("ensure-activity-log-alert-exists-for-create-update-delete-nsg"),
    ],
    parameters: &[],
    page: include_str!("network_security_group_change_not_alerted.md"),
    check,
};

const WATCH: Watch = Watch {
    name: "network security groups",
    types: &[
        "microsoft.network/networksecuritygroups",
        "microsoft.network/virtualnetworks",
        "microsoft.containerservice/managedclusters",
    ],
    operations: &[
        "Microsoft.Network/networkSecurityGroups/write",
        "Microsoft.Network/networkSecurityGroups/delete",
        "Microsoft.Network/networkSecurityGroups/securityRules/write",
        "Microsoft.Network/networkSecurityGroups/securityRules/delete",
    ],
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    watch(context, &WATCH, findings);
}
