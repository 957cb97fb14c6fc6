//! Whether a definition is in force for a cluster: assigned by itself or in an initiative, at a
//! scope that holds the cluster. What assignments do is decided by `palisade-policy`.

use palisade_document::Value;
use palisade_estate::azure::{
    ManagedCluster, PolicyAssignment, PolicyExemption, PolicySetDefinition,
};
use palisade_estate::{Estate, Field, ResourceId, Unknown, View};
use palisade_policy::{Assignments, Effect, Force, Missing, is_enforced};

use super::builtin_initiatives::{BUILT_IN_INITIATIVES, BuiltInInitiative};
use crate::{Confidence, Context, Domain, Findings, Parameter, Weaker};

/// A built-in definition that should be assigned.
pub(super) struct Wanted {
    /// Its id: the name below `policyDefinitions`.
    pub(super) id: &'static str,
    /// Its display name.
    pub(super) name: &'static str,
    /// The parameters without which Azure refuses an assignment, as an argument; may be empty.
    pub(super) parameters: &'static str,
}

/// How much a definition must do to count.
pub(super) static LEAST_EFFECT: Parameter = Parameter {
    name: "least-effect",
    meaning: "what the definition must do with an object that breaks it: report it, or refuse it by an assignment that is enforced",
    domain: Domain::Choice {
        default: "audit",
        choices: &["audit", "deny"],
    },
    weaker: Weaker::Less,
};

/// What is known so far of a cluster and a definition.
#[derive(Default)]
struct Known<'e> {
    /// Assignments that would put the definition in force but for something, with what that is.
    off: Vec<(Value<'e>, String)>,
    exempt: Option<(PolicyAssignment<'e>, PolicyExemption<'e>)>,
    unclear: Option<Unknown>,
}

/// Judges each cluster: is the definition in force for it?
pub(super) fn judge_clusters(context: &Context<'_>, wanted: &Wanted, findings: &mut Findings) {
    findings.each(
        context.estate.all::<ManagedCluster<'_>>(),
        |cluster, findings| judge_cluster(context, cluster, wanted, findings),
    );
}

/// Judges one cluster.
pub(super) fn judge_cluster<'e>(
    context: &Context<'e>,
    cluster: &ManagedCluster<'e>,
    wanted: &Wanted,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let must_deny = context.choice(&LEAST_EFFECT) == "deny";
    let assignments = context.assignments();
    let mut known = Known::default();
    for planned in assignments.of(wanted.id) {
        let Some(assignment) = planned.assignment else {
            continue;
        };
        match assignments.force(planned, cluster) {
            Ok(Force::On(effect)) if !must_deny || denies(&assignment, effect) => {
                let message = format!(
                    "assigned by `{}`, with the effect {effect}",
                    assignment.name()
                );
                findings
                    .pass(**cluster, message)
                    .at(assignment.anchor(), "");
                return Ok(());
            }
            Ok(Force::Exempt(exemption)) => known.exempt = Some((assignment, exemption)),
            Ok(force) => known.off.extend(off(&assignment, force)),
            Err(unknown) => known.unclear = known.unclear.or(Some(unknown)),
        }
    }
    for missing in assignments.missing() {
        if let Err(unknown) = outside(assignments, missing, cluster, wanted, &mut known) {
            known.unclear = known.unclear.or(Some(unknown));
        }
    }
    match known {
        Known {
            unclear: Some(unknown),
            ..
        } => return Err(unknown),
        Known {
            exempt: Some((assignment, exemption)),
            ..
        } => {
            exempt(cluster, &assignment, &exemption, findings)?;
        }
        Known { off, .. } => absent(context, cluster, wanted, &off, findings),
    }
    Ok(())
}

fn denies(assignment: &PolicyAssignment<'_>, effect: Effect) -> bool {
    effect == Effect::Deny && is_enforced(assignment)
}

/// Why an assignment doesn't put the definition in force; nothing if it has nothing to do with
/// the cluster.
fn off<'e>(assignment: &PolicyAssignment<'e>, force: Force<'e>) -> Option<(Value<'e>, String)> {
    let why = match force {
        Force::Disabled => "its effect is Disabled".to_owned(),
        Force::LeftOut => "its notScopes leave the cluster out".to_owned(),
        Force::PassedOver => "its resource selectors don't take the cluster".to_owned(),
        Force::On(Effect::Deny) => "it isn't enforced".to_owned(),
        Force::On(effect) => format!("its effect is {effect}"),
        Force::Elsewhere | Force::Exempt(_) => return None,
    };
    Some((assignment.anchor(), why))
}

/// The definition is assigned, and somebody who may has taken the cluster out; whether the
/// exemption ends and says why is asked of the exemption.
fn exempt(
    cluster: &ManagedCluster<'_>,
    assignment: &PolicyAssignment<'_>,
    exemption: &PolicyExemption<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let (category, _) = exemption.category().or_default("Waiver")?;
    let message = format!(
        "assigned by `{}`, from which `{}` exempts the cluster ({category})",
        assignment.name(),
        exemption.name()
    );
    findings
        .not_applicable(**cluster, message)
        .at(exemption.anchor(), "")
        .related(assignment.anchor(), "the assignment");
    Ok(())
}

fn absent(
    context: &Context<'_>,
    cluster: &ManagedCluster<'_>,
    wanted: &Wanted,
    off: &[(Value<'_>, String)],
    findings: &mut Findings,
) {
    let id = cluster.id();
    let message = format!(
        "no assignment in the subscription puts `{}` in force for the cluster",
        wanted.name
    );
    let supply = format!("az policy assignment list --scope {id} --disable-scope-strict-match");
    let finding = findings.missing(
        **cluster,
        context.estate.coverage::<PolicyAssignment<'_>>(id),
        message,
        supply,
    );
    // A management group above the subscription may still assign it.
    finding.confidence(Confidence::Medium).help(format!(
        "az policy assignment create --name {} --policy {} --scope {}{}",
        &wanted.id[..8],
        wanted.id,
        id.subscription_scope().as_ref().unwrap_or(id),
        wanted.parameters
    ));
    for (at, why) in off {
        finding.related(*at, why.as_str());
    }
}

/// What an assignment may do whose definition or initiative is outside the input.
fn outside<'e>(
    assignments: &Assignments<'e>,
    missing: &Missing<'e>,
    cluster: &ManagedCluster<'e>,
    wanted: &Wanted,
    known: &mut Known<'e>,
) -> Result<(), Unknown> {
    let Some(assignment) = &missing.assignment else {
        return Ok(());
    };
    let id = ResourceId::parse(&missing.id);
    let is_definition = id
        .as_ref()
        .is_some_and(|id| id.resource_type().as_deref() != Some(PolicySetDefinition::TYPE));
    let built_in = id.as_ref().and_then(built_in_initiative);
    let member = built_in.map(|own| own.members.iter().find(|(id, _)| *id == wanted.id));
    // A definition of Microsoft's is known to be another one.
    let is_other = is_definition && id.as_ref().is_some_and(|id| id.parent().is_none());
    if is_other || member == Some(None) || !assignments.covers(assignment, cluster.id())? {
        return Ok(());
    }
    if is_definition {
        let why = format!("what `{}` tests isn't in the input", missing.id);
        known.off.push((assignment.anchor(), why));
        return Ok(());
    }
    let (Some(initiative), Some(Some((_, parameter)))) = (built_in, member) else {
        return Err(missing.why.clone());
    };
    let effect = parameter.map(|parameter| assignment.parameter(parameter));
    if let Some(Field::Present(effect, _)) = effect
        && effect.scalar().eq_ignore_ascii_case("disabled")
        && assignment.overrides()?.is_empty()
    {
        known.off.extend(off(assignment, Force::Disabled));
        return Ok(());
    }
    Err(presumed(assignment, initiative))
}

/// Microsoft changes its initiatives, and keeps others under the same id in other clouds.
fn presumed(assignment: &PolicyAssignment<'_>, initiative: &BuiltInInitiative) -> Unknown {
    Unknown::because(
        format!(
            "`{}` assigns an initiative of Microsoft's that is outside the input; as published in 2026 it holds the definition",
            assignment.name()
        ),
        format!("az policy set-definition show --name {}", initiative.id),
    )
}

fn built_in_initiative(id: &ResourceId) -> Option<&'static BuiltInInitiative> {
    BUILT_IN_INITIATIVES
        .iter()
        .find(|initiative| is_builtin_initiative(id, initiative.id))
}

/// The initiative with an id, or what to supply.
pub(super) fn require_initiative<'e>(
    estate: &'e Estate,
    id: &ResourceId,
) -> Result<PolicySetDefinition<'e>, Unknown> {
    estate.require::<PolicySetDefinition<'e>>(id).map_err(|_| {
        let place = id.subscription().map(|id| format!(" --subscription {id}"));
        Unknown::because(
            format!(
                "what the initiative `{}` holds isn't in the input",
                id.name()
            ),
            format!(
                "az policy set-definition show --name {}{}",
                id.name(),
                place.unwrap_or_default()
            ),
        )
    })
}

/// Whether an id is that of a built-in definition.
pub(super) fn is_builtin_definition(id: &ResourceId, guid: &str) -> bool {
    is_builtin(id, "policydefinitions", guid)
}

/// Whether an id is that of a built-in initiative.
pub(super) fn is_builtin_initiative(id: &ResourceId, guid: &str) -> bool {
    is_builtin(id, "policysetdefinitions", guid)
}

fn is_builtin(id: &ResourceId, collection: &str, guid: &str) -> bool {
    id.key() == format!("/providers/microsoft.authorization/{collection}/{guid}")
}
