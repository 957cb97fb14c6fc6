use palisade_estate::Unknown;
use palisade_estate::azure::{FirewallPolicy, IpGroup};

use crate::usage::user_of;

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

/// Where Azure names what uses it, and what else may name it.
const NAMED_IN: [&str; 2] = ["firewalls", "firewallPolicies"];
const USERS: [&str; 3] = [
    "microsoft.network/azurefirewalls",
    "microsoft.network/firewallpolicies",
    "microsoft.network/firewallpolicies/rulecollectiongroups",
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<IpGroup<'_>>(), |resource, findings| {
        judge(context, resource, findings)
    });
}

fn judge(
    context: &Context<'_>,
    resource: &IpGroup<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    if let Some(user) = user_of(resource, &NAMED_IN, &USERS)? {
        findings
            .pass(**resource, format!("`{}` uses it", user.name))
            .at(user.at, "");
        return Ok(());
    }
    let coverage = context.estate.coverage::<FirewallPolicy<'_>>(resource.id());
    findings
        .missing(
            **resource,
            coverage,
            "no firewall and no firewall policy uses the IP group",
            "az network firewall policy list",
        )
        .help(format!(
            "use it, or az network ip-group delete --ids {}",
            resource.id()
        ));
    Ok(())
}
