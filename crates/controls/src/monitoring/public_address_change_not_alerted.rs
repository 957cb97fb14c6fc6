use super::activity_alert::{Watch, watch};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "MON005",
    name: "public-address-change-not-alerted",
    title: "somebody is told when a public IP address appears, changes or goes",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::CisAzure.id("6.1.2.9"),
        Framework::CisAzure.id("6.1.2.10"),
        Framework::Prowler.id("monitor_alert_create_update_public_ip_address_rule"),
        Framework::Prowler.id("monitor_alert_delete_public_ip_address_rule"),
        Framework::Kics.id("activity_log_alert_for_create_or_update_*"),
        Framework::Kics.id("activity_log_alert_for_delete_*"),
    ],
    parameters: &[],
    page: include_str!("public_address_change_not_alerted.md"),
    check,
};

const WATCH: Watch = Watch {
    name: "public IP addresses",
    types: &[
        "microsoft.network/publicipaddresses",
        "microsoft.network/virtualnetworks",
        "microsoft.containerservice/managedclusters",
    ],
    operations: &[
        "Microsoft.Network/publicIPAddresses/write",
        "Microsoft.Network/publicIPAddresses/delete",
    ],
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    watch(context, &WATCH, findings);
}
