//! Whether a definition is assigned to a cluster: by itself or in an initiative, at a scope that
//! holds the cluster, and in force.

use palisade_document::Value;
use palisade_estate::azure::{ManagedCluster, PolicyAssignment, PolicySetDefinition};
use palisade_estate::{Estate, Field, ResourceId, Settings, Unknown, View};

use super::builtin_initiatives::{BUILT_IN_INITIATIVES, BuiltInInitiative};
use crate::{Confidence, Context, Findings};

/// A built-in definition that should be assigned.
pub(super) struct Wanted {
    /// Its id: the name below `policyDefinitions`.
    pub(super) id: &'static str,
    /// Its display name.
    pub(super) name: &'static str,
    /// The parameters without which Azure refuses an assignment, as an argument; may be empty.
    pub(super) parameters: &'static str,
}

/// What an assignment does for a cluster.
enum Part {
    /// It puts the definition in force.
    InForce,
    /// It has nothing to do with the definition or the cluster.
    None,
    /// It would, but for something in the assignment itself.
    Off(&'static str),
}

/// Judges each cluster: is the definition assigned to it?
pub(super) fn judge_clusters(context: &Context<'_>, wanted: &Wanted, findings: &mut Findings) {
    findings.each(
        context.estate.all::<ManagedCluster<'_>>(),
        |cluster, findings| judge_cluster(context, cluster, wanted, findings),
    );
}

/// Judges one cluster.
pub(super) fn judge_cluster(
    context: &Context<'_>,
    cluster: &ManagedCluster<'_>,
    wanted: &Wanted,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let (mut unclear, mut off) = (None, Vec::new());
    for assignment in context.estate.all::<PolicyAssignment<'_>>() {
        match part(&assignment, cluster, wanted) {
            Ok(Part::InForce) => {
                let message = format!("assigned by `{}`", assignment.name());
                findings
                    .pass(**cluster, message)
                    .at(assignment.anchor(), "");
                return Ok(());
            }
            Ok(Part::None) => {}
            Ok(Part::Off(why)) => off.push((assignment.anchor(), why)),
            Err(unknown) => unclear = unclear.or(Some(unknown)),
        }
    }
    match unclear {
        Some(unknown) => Err(unknown),
        None => {
            missing(context, cluster, wanted, &off, findings);
            Ok(())
        }
    }
}

fn missing(
    context: &Context<'_>,
    cluster: &ManagedCluster<'_>,
    wanted: &Wanted,
    off: &[(Value<'_>, &'static str)],
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
        finding.related(*at, *why);
    }
}

fn part(
    assignment: &PolicyAssignment<'_>,
    cluster: &ManagedCluster<'_>,
    wanted: &Wanted,
) -> Result<Part, Unknown> {
    let scope = assignment.scope();
    let is_above_subscriptions = scope
        .as_ref()
        .is_none_or(|scope| scope.subscription().is_none());
    if !is_above_subscriptions && !scope.is_some_and(|scope| cluster.id().is_within(&scope)) {
        return Ok(Part::None);
    }
    let Some(held) = held(assignment, wanted)? else {
        return Ok(Part::None);
    };
    for (excluded, _) in assignment.excluded_scopes()? {
        if ResourceId::parse(excluded).is_some_and(|scope| cluster.id().is_within(&scope)) {
            return Ok(Part::Off("its notScopes leave the cluster out"));
        }
    }
    if !assignment.overrides()?.is_empty() || !assignment.resource_selectors()?.is_empty() {
        return Err(Unknown::because(
            format!(
                "`{}` has overrides or resource selectors, which aren't judged",
                assignment.name()
            ),
            "an assignment without them, or a waiver that names this one",
        ));
    }
    if held.effect.eq_ignore_ascii_case("disabled") {
        return Ok(Part::Off("its effect is Disabled"));
    }
    if is_above_subscriptions {
        return Err(Unknown::because(
            format!(
                "`{}` belongs to a management group, and whether the subscription is below it isn't in the input",
                assignment.name()
            ),
            "a waiver that names the assignment, if the subscription is below its management group",
        ));
    }
    match held.presumed_in {
        Some(initiative) => Err(presumed(assignment, initiative)),
        None => Ok(Part::InForce),
    }
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

/// How an assignment holds a definition.
struct Held<'e> {
    /// The effect that it gives it.
    effect: &'e str,
    /// The initiative of Microsoft's that should hold it, if that isn't in the input.
    presumed_in: Option<&'static BuiltInInitiative>,
}

/// How the assignment holds the definition; nothing if it doesn't.
fn held<'e>(
    assignment: &PolicyAssignment<'e>,
    wanted: &Wanted,
) -> Result<Option<Held<'e>>, Unknown> {
    let definition = match assignment.definition() {
        Field::Present(id, _) => id,
        Field::Absent(_) => return Ok(None),
        Field::Unknown(unknown) => return Err(unknown),
    };
    let mut presumed_in = None;
    let effect = if is_builtin_definition(&definition, wanted.id) {
        Some(given(assignment.parameter("effect"))?.unwrap_or(DEFAULT_EFFECT))
    } else {
        match initiative(assignment.estate(), &definition)? {
            Initiative::None => None,
            Initiative::Read(initiative) => effect_in(assignment, &initiative, wanted)?,
            Initiative::BuiltIn(initiative) => {
                presumed_in = Some(initiative);
                presumed_effect(assignment, initiative, wanted)?
            }
        }
    };
    Ok(effect.map(|effect| Held {
        effect,
        presumed_in,
    }))
}

/// None of the wanted definitions is disabled unless somebody says so.
const DEFAULT_EFFECT: &str = "the default";

/// The effect in an initiative of the input, which may hold a definition more than once.
fn effect_in<'e>(
    assignment: &PolicyAssignment<'e>,
    initiative: &PolicySetDefinition<'e>,
    wanted: &Wanted,
) -> Result<Option<&'e str>, Unknown> {
    let mut found = None;
    for member in initiative.members()? {
        let is_wanted = match member.reference("policyDefinitionId") {
            Field::Present(id, _) => is_builtin_definition(&id, wanted.id),
            Field::Absent(_) => false,
            Field::Unknown(unknown) => return Err(unknown),
        };
        if is_wanted {
            let effect = member_effect(assignment, initiative, &member)?;
            if !effect.eq_ignore_ascii_case("disabled") {
                return Ok(Some(effect));
            }
            found = Some(effect);
        }
    }
    Ok(found)
}

fn presumed_effect<'e>(
    assignment: &PolicyAssignment<'e>,
    initiative: &BuiltInInitiative,
    wanted: &Wanted,
) -> Result<Option<&'e str>, Unknown> {
    let member = initiative.members.iter().find(|(id, _)| *id == wanted.id);
    let Some((_, parameter)) = member else {
        return Ok(None);
    };
    let effect = match parameter {
        Some(parameter) => given(assignment.parameter(parameter))?,
        None => None,
    };
    Ok(Some(effect.unwrap_or(DEFAULT_EFFECT)))
}

/// The effect that an initiative gives a member: a word, or a parameter of the initiative.
fn member_effect<'e>(
    assignment: &PolicyAssignment<'e>,
    initiative: &PolicySetDefinition<'e>,
    member: &Settings<'e>,
) -> Result<&'e str, Unknown> {
    let Some(effect) = given(member.property("parameters.effect.value"))? else {
        return Ok(DEFAULT_EFFECT);
    };
    let Some(expression) = effect.strip_prefix('[') else {
        return Ok(effect);
    };
    let parameter = expression
        .strip_prefix("parameters('")
        .and_then(|rest| rest.strip_suffix("')]"));
    let value = match parameter {
        Some(parameter) => match given(assignment.parameter(parameter))? {
            Some(value) => Some(value),
            None => given(initiative.parameter_default(parameter))?,
        },
        None => None,
    };
    value.ok_or_else(|| {
        Unknown::because(
            format!(
                "the effect {effect} in `{}` isn't given by the assignment",
                initiative.name()
            ),
            format!("az policy set-definition show --name {}", initiative.name()),
        )
    })
}

fn given<'e>(field: Field<'e, Value<'e>>) -> Result<Option<&'e str>, Unknown> {
    match field {
        Field::Present(value, _) => Ok(Some(value.scalar())),
        Field::Absent(_) => Ok(None),
        Field::Unknown(unknown) => Err(unknown),
    }
}

/// What is known of the initiative that an assignment names.
enum Initiative<'e> {
    /// It names a definition, not an initiative.
    None,
    /// The input holds it.
    Read(PolicySetDefinition<'e>),
    /// It is one of Microsoft's.
    BuiltIn(&'static BuiltInInitiative),
}

/// Finds the initiative with an id, or tells what to supply.
fn initiative<'e>(estate: &'e Estate, id: &ResourceId) -> Result<Initiative<'e>, Unknown> {
    if id.resource_type().as_deref() != Some(PolicySetDefinition::TYPE) {
        return Ok(Initiative::None);
    }
    let built_in = BUILT_IN_INITIATIVES
        .iter()
        .find(|initiative| is_builtin(id, "policysetdefinitions", initiative.id));
    match (require_initiative(estate, id), built_in) {
        (Ok(initiative), _) => Ok(Initiative::Read(initiative)),
        (Err(_), Some(built_in)) => Ok(Initiative::BuiltIn(built_in)),
        (Err(unknown), None) => Err(unknown),
    }
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

fn is_builtin(id: &ResourceId, collection: &str, guid: &str) -> bool {
    id.key() == format!("/providers/microsoft.authorization/{collection}/{guid}")
}
