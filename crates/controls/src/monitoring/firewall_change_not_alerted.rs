use super::activity_alert::{Watch, watch};
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "MON008",
    name: "firewall-change-not-alerted",
    title: "somebody is told when a firewall or its policy changes",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("firewall_change_not_alerted.md"),
    check,
};

/// A policy is often kept in another subscription than the firewalls that follow it.
const WATCHES: [Watch; 2] = [
    Watch {
        name: "firewalls",
        types: &["microsoft.network/azurefirewalls"],
        operations: &[
            "Microsoft.Network/azureFirewalls/write",
            "Microsoft.Network/azureFirewalls/delete",
        ],
    },
    Watch {
        name: "firewall policies",
        types: &["microsoft.network/firewallpolicies"],
        operations: &[
            "Microsoft.Network/firewallPolicies/write",
            "Microsoft.Network/firewallPolicies/ruleCollectionGroups/write",
            "Microsoft.Network/firewallPolicies/ruleCollectionGroups/delete",
        ],
    },
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    for part in &WATCHES {
        watch(context, part, findings);
    }
}
