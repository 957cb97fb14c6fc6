use palisade_estate::Unknown;
use palisade_estate::azure::{NetworkSecurityGroup, SecurityRule};

use super::exposed_ports::require_all_rules;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NP024",
    name: "network-security-group-without-rules",
    title: "a network security group has rules of its own",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-1"),
        Framework::Azqr.id("8291c1fa-650c-b44b-b008-4deb7465919d"),
    ],
    parameters: &[],
    page: include_str!("network_security_group_without_rules.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<NetworkSecurityGroup<'_>>(),
        |group, findings| judge(context, group, findings),
    );
}

fn judge(
    context: &Context<'_>,
    group: &NetworkSecurityGroup<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    if let Some(cluster) = context.estate.manager_of(group.id()) {
        let message = format!(
            "AKS writes the rules of this group, for `{}`",
            cluster.name()
        );
        findings.not_applicable(**group, message);
        return Ok(());
    }
    // What can't be known before deployment may hold rules or none.
    group.elements("securityRules")?;
    let count = context
        .estate
        .children::<SecurityRule<'_>>(group.id())
        .len();
    if count > 0 {
        let rules = if count == 1 { "rule" } else { "rules" };
        findings.pass(**group, format!("the group has {count} {rules} of its own"));
        return Ok(());
    }
    require_all_rules(context, group)?;
    let message =
        "the group has only the default rules, which let the whole network in and everything out";
    findings.fail(**group, message).help(format!(
        "az network nsg rule create --resource-group {} --nsg-name {} --name deny-in --priority 4000 --direction Inbound --access Deny --source-address-prefixes '*' --destination-port-ranges '*'",
        group.id().resource_group().unwrap_or("GROUP"),
        group.name()
    ));
    Ok(())
}
