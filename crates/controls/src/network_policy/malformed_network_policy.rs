use palisade_estate::Unknown;
use palisade_estate::kubernetes::{
    NetworkPolicy, PolicyDefect, PolicyType, is_placeholder, refusals, unknown_members,
};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NP015",
    name: "malformed-network-policy",
    title: "the API server accepts every network policy, and every rule in it can match",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[Framework::Trivy.id("KSV-0038")],
    parameters: &[],
    page: include_str!("malformed_network_policy.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for cluster in context.estate.clusters() {
        for policy in NetworkPolicy::all(&cluster) {
            if let Err(unknown) = judge(&policy, findings) {
                findings.unknown(*policy, unknown);
            }
        }
    }
}

fn judge(policy: &NetworkPolicy<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let (open, defects): (Vec<_>, Vec<_>) = defects(policy)
        .into_iter()
        .partition(|(at, _)| is_placeholder(at.scalar()));
    if let Some((at, _)) = defects.first() {
        let messages: Vec<_> = defects
            .iter()
            .map(|(_, message)| message.as_str())
            .collect();
        let finding = findings.fail(**policy, messages.join("; "));
        finding.at(*at, "");
        for (at, message) in &defects[1..] {
            finding.related(*at, message.as_str());
        }
        return Ok(());
    }
    if let Some((at, _)) = open.first() {
        return Err(Unknown::because(
            format!(
                "`{}` is filled in by a tool that hasn't run yet",
                at.scalar()
            ),
            "the manifest as it is applied, such as the output of helm template",
        ));
    }
    findings.pass(**policy, "its selectors, peers and ports are well formed");
    Ok(())
}

fn defects<'e>(policy: &NetworkPolicy<'e>) -> Vec<PolicyDefect<'e>> {
    let mut defects = refusals(policy);
    for direction in [PolicyType::Ingress, PolicyType::Egress] {
        defects.extend(ignored(policy, direction));
    }
    defects.extend(unknown_members(policy));
    defects
}

/// Rules of a direction that `policyTypes` leaves out are accepted and do nothing.
fn ignored<'e>(policy: &NetworkPolicy<'e>, direction: PolicyType) -> Option<PolicyDefect<'e>> {
    let rules = policy.written_rules(direction);
    let first = rules.first().filter(|_| !policy.isolates(direction))?;
    let message = format!(
        "the {} rules do nothing, because policyTypes doesn't name {}",
        direction.section(),
        direction.as_str()
    );
    Some((first.value(), message))
}
