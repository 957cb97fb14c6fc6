//! Whether a plan of Microsoft Defender for Cloud is on where it should be.

use std::collections::BTreeMap;

use palisade_estate::azure::DefenderPlan;
use palisade_estate::{Field, Resource, ResourceId};

use crate::{Context, Findings, Subject};

/// Judges each subscription that holds a resource of one of the types.
pub(crate) fn judge_subscriptions(
    context: &Context<'_>,
    plan: &str,
    types: &[&str],
    findings: &mut Findings,
) {
    for (subscription, holder) in holders(context, types) {
        let subject = Subject::scope(context.estate, &subscription).part(plan);
        judge(context, plan, &subscription, subject, findings)
            .related(holder.anchor(), "in this subscription");
    }
}

fn judge<'f>(
    context: &Context<'_>,
    plan: &str,
    subscription: &ResourceId,
    subject: Subject,
    findings: &'f mut Findings,
) -> &'f mut crate::Finding {
    let help = format!("az security pricing create --name {plan} --tier Standard");
    let mut plans = context.estate.all::<DefenderPlan<'_>>();
    let found = plans.find(|found| found.id().is_within(subscription) && found.is_called(&[plan]));
    let Some(found) = found else {
        let coverage = context.estate.coverage::<DefenderPlan<'_>>(subscription);
        let message = format!("the plan `{plan}` is off");
        return findings
            .missing(subject, coverage, message, "az security pricing list")
            .help(help);
    };
    match found.pricing_tier() {
        Field::Present(tier, at) if tier.eq_ignore_ascii_case("Standard") => {
            let message = format!("the plan `{plan}` is on");
            findings.pass(subject, message).at(at, "")
        }
        Field::Present(tier, at) => {
            let message = format!("the plan `{plan}` is of the tier {tier}, which is off");
            findings.fail(subject, message).at(at, "").help(help)
        }
        Field::Absent(at) => {
            let message = format!("the plan `{plan}` names no tier, which is off");
            findings.fail(subject, message).at(at, "").help(help)
        }
        Field::Unknown(unknown) => findings.unknown(subject, unknown),
    }
}

/// The subscriptions with a resource of one of the types, each with the first such resource.
fn holders<'e>(context: &Context<'e>, types: &[&str]) -> BTreeMap<ResourceId, Resource<'e>> {
    let mut found = BTreeMap::new();
    let all = context.estate.resources();
    for holder in all.filter(|resource| types.contains(&resource.resource_type())) {
        if let Some(subscription) = holder.id().subscription_scope() {
            found.entry(subscription).or_insert(holder);
        }
    }
    found
}
