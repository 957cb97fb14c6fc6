use palisade_estate::azure::NetworkSecurityGroup;

use super::resource_log::{Log, report};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "MON013",
    name: "network-security-group-events-not-collected",
    title: "the events and rule counters of every network security group are kept",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("LT-4"),
        Framework::CisAzure.id("6.1.4"),
        Framework::Azqr.id("d2976d3e-294b-4b49-a1f0-c42566a3758f"),
    ],
    parameters: &[],
    page: include_str!("network_security_group_events_not_collected.md"),
    check,
};

const LOGS: [Log; 2] = [
    Log {
        name: "event",
        categories: &["NetworkSecurityGroupEvent"],
        groups: &[],
    },
    Log {
        name: "rule counter",
        categories: &["NetworkSecurityGroupRuleCounter"],
        groups: &[],
    },
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    for group in context.estate.all::<NetworkSecurityGroup<'_>>() {
        if let Some(cluster) = context.estate.manager_of(group.id()) {
            let message = format!("AKS manages the group for `{}`", cluster.name());
            findings.not_applicable(*group, message);
            continue;
        }
        for log in &LOGS {
            report(context, &group, log, findings);
        }
    }
}
