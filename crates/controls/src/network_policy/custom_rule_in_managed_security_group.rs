use palisade_estate::Unknown;
use palisade_estate::azure::{ManagedCluster, NetworkSecurityGroup, SecurityRule};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NP027",
    name: "custom-rule-in-managed-security-group",
    title: "the security group that AKS manages has no rules of others",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Info,
    confidence: Confidence::High,
    equivalents: &[Framework::Psrule.id("Azure.NSG.AKSRules")],
    parameters: &[],
    page: include_str!("custom_rule_in_managed_security_group.md"),
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
    let Some(cluster) = manager(context, group) else {
        return Ok(());
    };
    super::exposed_ports::require_all_rules(context, group)?;
    let rules = context.estate.children::<SecurityRule<'_>>(group.id());
    let Some(own) = rules.iter().find(|rule| !is_written_by_aks(rule.name())) else {
        let message = format!("all of its rules are those of `{}`", cluster.name());
        findings.pass(**group, message);
        return Ok(());
    };
    let message = format!(
        "somebody added the rule `{}` to the group that AKS manages",
        own.name()
    );
    findings
        .fail(**group, message)
        .at(own.anchor(), "")
        .help("put the rule into a security group of your own on the subnet");
    Ok(())
}

/// The cluster whose node resource group holds the group.
fn manager<'e>(
    context: &Context<'e>,
    group: &NetworkSecurityGroup<'_>,
) -> Option<ManagedCluster<'e>> {
    let name = group.name().to_ascii_lowercase();
    let is_named_so = name.starts_with("aks-agentpool-") && name.ends_with("-nsg");
    context
        .estate
        .manager_of(group.id())
        .filter(|_| is_named_so)
}

/// AKS names its rules `k8s-azure-lb_…` or after the Service's uid and port.
fn is_written_by_aks(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let uid = name.len() > 33
        && name.starts_with('a')
        && name[1..33].bytes().all(|byte| byte.is_ascii_hexdigit());
    name.starts_with("k8s-azure-lb") || uid
}
