use palisade_estate::azure::{FirewallPolicy, IpGroup};

use crate::usage::Usage;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "FW016",
    name: "orphan-ip-group",
    title: "every IP group is in use",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[Framework::Azqr.id("6d7e8f9a-0b1c-2d3e-4f5a-6b7c8d9e0f1a")],
    parameters: &[],
    page: include_str!("orphan_ip_group.md"),
    check,
};

const USAGE: Usage = Usage {
    named_in: &["firewalls", "firewallPolicies"],
    users: &[
        "microsoft.network/azurefirewalls",
        "microsoft.network/firewallpolicies",
        "microsoft.network/firewallpolicies/rulecollectiongroups",
    ],
    called: "it",
    unused: "no firewall and no firewall policy uses the IP group",
    supply: "az network firewall policy list",
    mend: "use it, or az network ip-group delete --ids",
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<IpGroup<'_>>(), |resource, findings| {
        USAGE.judge::<FirewallPolicy<'_>>(resource, findings)
    });
}
