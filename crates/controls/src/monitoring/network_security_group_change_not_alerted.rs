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
