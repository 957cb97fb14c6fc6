use std::collections::BTreeMap;

use palisade_estate::azure::{ManagedCluster, PolicyAssignment};
use palisade_estate::{Field, ResourceId, Unknown};
use palisade_policy::is_enforced;

use super::assigned_definition::is_builtin_initiative;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity, Subject};

pub(super) static CONTROL: Control = Control {
    code: "AP015",
    name: "security-benchmark-unassigned",
    title: "the Microsoft cloud security benchmark is assigned to every subscription with clusters",
    recommendation: Recommendation::AzurePolicy,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("PV-2"),
        Framework::CisAzure.id("8.1.11"),
        Framework::Prowler.id("policy_ensure_asc_enforcement_enabled"),
    ],
    parameters: &[],
    page: include_str!("security_benchmark_unassigned.md"),
    check,
};

/// The benchmark, and its second version in preview.
const INITIATIVES: [&str; 2] = [
    "1f3afdf9-d0c9-4c3d-847f-89da613e70a8",
    "e3ec7e09-768c-4b64-882c-fcada3772047",
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (subscription, cluster) in subscriptions(context) {
        let subject = Subject::scope(context.estate, &subscription).part("security benchmark");
        match assigned(context, &subscription) {
            Ok(Some(assignment)) => {
                let message = format!("assigned by `{}`", assignment.name());
                findings.pass(subject, message).at(assignment.anchor(), "");
            }
            Ok(None) => {
                let coverage = context
                    .estate
                    .coverage::<PolicyAssignment<'_>>(&subscription);
                findings
                    .missing(
                        subject,
                        coverage,
                        "no enforced assignment of the benchmark",
                        "az policy assignment list --disable-scope-strict-match",
                    )
                    .related(cluster.anchor(), "in this subscription")
                    .help(format!(
                        "az policy assignment create --name SecurityCenterBuiltIn --scope {subscription} --policy-set-definition {}",
                        INITIATIVES[0]
                    ));
            }
            Err(unknown) => {
                findings.unknown(subject, unknown);
            }
        }
    }
}

/// The subscriptions with clusters, each with the first of them.
fn subscriptions<'e>(context: &Context<'e>) -> BTreeMap<ResourceId, ManagedCluster<'e>> {
    let mut found = BTreeMap::new();
    for cluster in context.estate.all::<ManagedCluster<'_>>() {
        if let Some(subscription) = cluster.id().subscription_scope() {
            found.entry(subscription).or_insert(cluster);
        }
    }
    found
}

/// An assignment of the benchmark that holds the subscription and is enforced.
fn assigned<'e>(
    context: &Context<'e>,
    subscription: &ResourceId,
) -> Result<Option<PolicyAssignment<'e>>, Unknown> {
    let mut unclear = None;
    for assignment in context.estate.all::<PolicyAssignment<'_>>() {
        match covers(context, &assignment, subscription) {
            Ok(true) => return Ok(Some(assignment)),
            Ok(false) => {}
            Err(unknown) => unclear = unclear.or(Some(unknown)),
        }
    }
    unclear.map_or(Ok(None), Err)
}

fn covers<'e>(
    context: &Context<'e>,
    assignment: &PolicyAssignment<'e>,
    subscription: &ResourceId,
) -> Result<bool, Unknown> {
    let definition = match assignment.definition() {
        Field::Present(definition, _) => definition,
        Field::Absent(_) => return Ok(false),
        Field::Unknown(unknown) => return Err(unknown),
    };
    let is_benchmark = INITIATIVES
        .iter()
        .any(|id| is_builtin_initiative(&definition, id));
    // One that is for some types or regions only isn't for the subscription.
    Ok(is_benchmark
        && is_enforced(assignment)
        && context.assignments().covers(assignment, subscription)?
        && assignment.resource_selectors()?.is_empty())
}
