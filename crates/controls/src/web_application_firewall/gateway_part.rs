//! The parts of an application gateway, which name each other by ids below the gateway's.

use palisade_estate::{Field, Resource, ResourceId, Settings, Unknown};

use crate::Subject;

/// A part of a gateway as a subject.
pub(super) fn subject(gateway: Resource<'_>, part: &Settings<'_>) -> Subject {
    Subject::from(gateway).part(part.name())
}

/// The part that a reference names. Templates leave the ids of parts out, so the name decides.
pub(super) fn find<'e>(
    parts: Vec<Settings<'e>>,
    reference: &ResourceId,
) -> Result<Settings<'e>, Unknown> {
    let is_meant = |part: &Settings<'e>| part.is_named(reference.name());
    parts.into_iter().find(is_meant).ok_or_else(|| {
        Unknown::because(
            format!("the gateway has no part `{}`", reference.name()),
            "correct the reference",
        )
    })
}

/// Whether the reference at `path` of a part names the part called `name`.
pub(super) fn names(part: &Settings<'_>, path: &str, name: &str) -> Result<bool, Unknown> {
    match part.reference(path) {
        Field::Present(id, _) => Ok(id.name().eq_ignore_ascii_case(name)),
        Field::Absent(_) => Ok(false),
        Field::Unknown(unknown) => Err(unknown),
    }
}

/// Where a map's path rules stand: `map/rule`.
pub(super) fn path_rule_name(map: &Settings<'_>, rule: &Settings<'_>) -> String {
    format!("{}/{}", map.name(), rule.name())
}
