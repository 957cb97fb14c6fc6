//! Assignments: what puts a definition or an initiative in force at a scope.

use palisade_document::Kind;
use palisade_estate::azure::PolicyAssignment;
use palisade_estate::{Field, ResourceId, Unknown};

use crate::effect::Effect;
use crate::parameter::Arguments;
use crate::scope::Hierarchy;
use crate::selector::{self, Selected};
use crate::value;

/// What an assignment has to do with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// It is for the resource; the effect is that of an override, if there is one.
    Covers(Option<Effect>),
    /// Its scope holds the resource, but its `notScopes` leave it out.
    LeavesOut,
    /// Its scope holds the resource, but its resource selectors don't take it.
    PassesOver,
    /// Its scope doesn't hold the resource.
    Elsewhere,
}

/// Whether Azure acts on what an assignment finds, or only reports it. Azure PowerShell writes
/// numbers.
pub fn is_enforced(assignment: &PolicyAssignment<'_>) -> bool {
    let mode = assignment.enforcement_mode().present().unwrap_or_default();
    !mode.eq_ignore_ascii_case("DoNotEnforce") && mode != "1"
}

/// The scope that an assignment is for.
pub(crate) fn scope(assignment: &PolicyAssignment<'_>) -> Option<ResourceId> {
    match assignment.text("scope") {
        Field::Present(scope, _) => ResourceId::parse(scope),
        _ => None,
    }
    .or_else(|| assignment.scope())
}

/// What an assignment has to do with what has an id. What is certain to keep it away counts
/// before what isn't known.
pub(crate) fn reach(
    assignment: &PolicyAssignment<'_>,
    id: &ResourceId,
    what: &Selected<'_>,
    hierarchy: &Hierarchy,
) -> Result<Reach, Unknown> {
    let place = place(assignment, id, hierarchy);
    if let Ok(away @ (Reach::Elsewhere | Reach::LeavesOut)) = place {
        return Ok(away);
    }
    let selectors = assignment.resource_selectors();
    let is_taken = selectors.and_then(|groups| selector::takes(&groups, what));
    if is_taken == Ok(false) {
        return Ok(Reach::PassesOver);
    }
    place?;
    is_taken?;
    effect_override(assignment, what).map(Reach::Covers)
}

/// Where something lies as an assignment sees it, whatever its selectors and overrides say.
pub(crate) fn place(
    assignment: &PolicyAssignment<'_>,
    id: &ResourceId,
    hierarchy: &Hierarchy,
) -> Result<Reach, Unknown> {
    let Some(scope) = scope(assignment) else {
        return Err(Unknown::because(
            format!(
                "the scope of the assignment `{}` isn't known",
                assignment.name()
            ),
            "the assignment's id",
        ));
    };
    if !hierarchy.holds(&scope, id)? {
        return Ok(Reach::Elsewhere);
    }
    for (excluded, _) in assignment.excluded_scopes()? {
        if let Some(excluded) = ResourceId::parse(excluded)
            && hierarchy.holds(&excluded, id)?
        {
            return Ok(Reach::LeavesOut);
        }
    }
    Ok(Reach::Covers(None))
}

/// The effect that an override of the assignment puts in place of the definition's.
fn effect_override(
    assignment: &PolicyAssignment<'_>,
    what: &Selected<'_>,
) -> Result<Option<Effect>, Unknown> {
    for change in assignment.overrides()? {
        let kind = change.text("kind").or_default("policyEffect")?.0;
        if !kind.eq_ignore_ascii_case("policyEffect") {
            return Err(Unknown::because(
                format!(
                    "`{}` overrides `{kind}`, which isn't evaluated",
                    assignment.name()
                ),
                "an assignment without that override",
            ));
        }
        if selector::takes_all(&change.elements("selectors")?, what)? {
            let name = change.text("value").or_default("")?.0;
            return match Effect::named(name) {
                Some(effect) => Ok(Some(effect)),
                None => Err(Unknown::because(
                    format!(
                        "`{}` overrides the effect with `{name}`, which is none",
                        assignment.name()
                    ),
                    "correct the value",
                )),
            };
        }
    }
    Ok(None)
}

/// The values that an assignment gives to parameters.
pub(crate) fn arguments(assignment: &PolicyAssignment<'_>) -> Result<Arguments, Unknown> {
    let given = match assignment.property("parameters") {
        Field::Present(parameters, _) => parameters,
        Field::Absent(_) => return Ok(Arguments::default()),
        Field::Unknown(unknown) => return Err(unknown),
    };
    if given.kind() == Kind::String {
        // The command line prints parameters as text in some versions.
        return Err(Unknown::because(
            format!(
                "the parameters of `{}` are given as text",
                assignment.name()
            ),
            format!("az policy assignment show --name {}", assignment.name()),
        ));
    }
    Arguments::given(given).map_err(|at| {
        let (cause, supply) = value::unknown_of(at);
        Unknown::because(cause, supply)
    })
}
