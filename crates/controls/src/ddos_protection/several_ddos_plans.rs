use palisade_estate::azure::DdosProtectionPlan;
use palisade_estate::{Coverage, Unknown};

use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "DD008",
    name: "several-ddos-plans",
    title: "one DDoS protection plan serves the whole tenant",
    recommendation: Recommendation::DdosProtection,
    severity: Severity::Info,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("several_ddos_plans.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let plans: Vec<_> = context.estate.all::<DdosProtectionPlan<'_>>().collect();
    findings.each(plans.iter().copied(), |plan, findings| {
        let is_other = |other: &DdosProtectionPlan<'_>| other.id() != plan.id();
        let others: Vec<_> = plans.iter().copied().filter(is_other).collect();
        if others.is_empty() {
            return only_plan(context, plan, findings);
        }
        one_of_several(plan, &others, findings);
        Ok(())
    });
}

/// Plans of different subscriptions may belong to different tenants.
fn one_of_several(
    plan: &DdosProtectionPlan<'_>,
    others: &[DdosProtectionPlan<'_>],
    findings: &mut Findings,
) {
    let names: Vec<_> = others
        .iter()
        .map(|other| format!("`{}`", other.name()))
        .collect();
    let message = format!(
        "the input holds {} as well, and each costs its own fee",
        names.join(", ")
    );
    let finding = findings.fail(**plan, message);
    finding.help(format!(
        "az network vnet update --ids NETWORK_ID --ddos-protection-plan PLAN_ID for each network, \
         then az network ddos-protection delete --ids {}",
        plan.id()
    ));
    let is_elsewhere =
        |other: &DdosProtectionPlan<'_>| other.id().subscription() != plan.id().subscription();
    if others.iter().any(is_elsewhere) {
        finding.confidence(Confidence::Medium);
    }
    for other in others {
        finding.related(other.anchor(), "another plan");
    }
}

/// Only a whole input can show that there is no second plan.
fn only_plan(
    context: &Context<'_>,
    plan: &DdosProtectionPlan<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let scopes = context.estate.subscriptions();
    let is_whole =
        |scope| context.estate.coverage::<DdosProtectionPlan<'_>>(scope) == Coverage::Complete;
    if !scopes.iter().all(is_whole) {
        return Err(Unknown::because(
            "the input shows no other plan, but may not hold all of the tenant's",
            "az network ddos-protection list, for each subscription",
        ));
    }
    findings
        .pass(**plan, "the subscriptions in the input have no other plan")
        .confidence(Confidence::Medium);
    Ok(())
}
