use palisade_estate::azure::AzureFirewall;

use super::resource_log::{Log, report};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "MON011",
    name: "firewall-log-not-collected",
    title: "the logs of every Azure Firewall are kept",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[Framework::Mcsb.id("LT-4"), Framework::CisAzure.id("6.1.4")],
    parameters: &[],
    page: include_str!("firewall_log_not_collected.md"),
    check,
};

/// The categories of structured logs, each with the older category that holds the same events:
/// the older network rule log also holds translations, threat intelligence and intrusion
/// detection.
const LOGS: [Log; 4] = [
    Log {
        name: "application rule",
        categories: &["AzureFirewallApplicationRule", "AZFWApplicationRule"],
        groups: &[],
    },
    Log {
        name: "network rule",
        categories: &["AzureFirewallNetworkRule", "AZFWNetworkRule"],
        groups: &[],
    },
    Log {
        name: "NAT rule",
        categories: &["AzureFirewallNetworkRule", "AZFWNatRule"],
        groups: &[],
    },
    Log {
        name: "threat intelligence",
        categories: &["AzureFirewallNetworkRule", "AZFWThreatIntel"],
        groups: &[],
    },
];

/// Only the tier Premium detects intrusions.
const INTRUSIONS: Log = Log {
    name: "intrusion detection",
    categories: &["AzureFirewallNetworkRule", "AZFWIdpsSignature"],
    groups: &[],
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<AzureFirewall<'_>>(),
        |firewall, findings| {
            for log in &LOGS {
                report(context, firewall, log, findings);
            }
            let (tier, _) = firewall.text("sku.tier").or_default("Standard")?;
            if tier.eq_ignore_ascii_case("premium") {
                report(context, firewall, &INTRUSIONS, findings);
            }
            Ok(())
        },
    );
}
