use super::activity_alert::{Watch, watch};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "MON021",
    name: "sql-firewall-change-not-alerted",
    title: "somebody is told when a firewall rule of a SQL server changes",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("b954148f-4c11-4c38-8221-be76711e194a"),
        Framework::CisAzure.id("6.1.2.7"),
        Framework::CisAzure.id("6.1.2.8"),
        Framework::Prowler.id("monitor_alert_create_update_sqlserver_fr"),
        Framework::Prowler.id("monitor_alert_delete_sqlserver_fr"),
        Framework::Kics.id("activity_log_alert_for_create_or_update_*"),
        Framework::Kics.id("activity_log_alert_for_delete_*"),
    ],
    parameters: &[],
    page: include_str!("sql_firewall_change_not_alerted.md"),
    check,
};

const WATCH: Watch = Watch {
    name: "SQL firewall rules",
    types: &["microsoft.sql/servers"],
    operations: &[
        "Microsoft.Sql/servers/firewallRules/write",
        "Microsoft.Sql/servers/firewallRules/delete",
    ],
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    watch(context, &WATCH, findings);
}
