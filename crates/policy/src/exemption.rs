//! Exemptions: resources that needn't fulfil an assignment (Microsoft Learn, "Azure Policy
//! exemption structure", 2025).

use jiff::Timestamp;
use jiff::civil::DateTime;
use palisade_estate::azure::{PolicyAssignment, PolicyExemption};
use palisade_estate::{Field, ResourceId, Unknown};

use crate::scope::Hierarchy;
use crate::selector::{self, Selected};

/// Whether something is exempt from an assignment.
#[derive(Clone, Copy)]
pub(crate) enum Exempted<'e> {
    /// By this exemption.
    Yes(PolicyExemption<'e>),
    /// It was, by this exemption, which is over.
    NoMore(PolicyExemption<'e>),
    /// It never was, as far as the input shows.
    No,
}

/// Whether one of some exemptions is about a resource under an assignment, and holds at a time;
/// the one of which that isn't known.
pub(crate) fn among<'e>(
    exemptions: &[PolicyExemption<'e>],
    assignment: &PolicyAssignment<'_>,
    id: &ResourceId,
    what: &Selected<'_>,
    hierarchy: &Hierarchy,
    now: Timestamp,
) -> Result<Exempted<'e>, (PolicyExemption<'e>, Unknown)> {
    let mut found = Ok(Exempted::No);
    for exemption in exemptions {
        match concerns(exemption, assignment, id, what, hierarchy) {
            Ok(false) => {}
            Ok(true) if !is_over(exemption, now) => return Ok(Exempted::Yes(*exemption)),
            Ok(true) if found.is_ok() => found = Ok(Exempted::NoMore(*exemption)),
            Ok(true) => {}
            // One that is over is about nothing any more.
            Err(_) if is_over(exemption, now) => {}
            Err(unknown) => found = Err((*exemption, unknown)),
        }
    }
    found
}

/// Whether an exemption is over at a time. One whose end can't be read doesn't hold.
fn is_over(exemption: &PolicyExemption<'_>, now: Timestamp) -> bool {
    match exemption.expires_on() {
        Field::Present(text, _) => ends(text).is_none_or(|end| end <= now),
        _ => false,
    }
}

fn ends(text: &str) -> Option<Timestamp> {
    let in_utc = |at: DateTime| Some(at.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp());
    text.parse()
        .ok()
        .or_else(|| in_utc(text.parse::<DateTime>().ok()?))
        .or_else(|| in_utc(text.parse::<jiff::civil::Date>().ok()?.into()))
}

/// Whether an exemption is about a resource under an assignment.
fn concerns(
    exemption: &PolicyExemption<'_>,
    assignment: &PolicyAssignment<'_>,
    id: &ResourceId,
    what: &Selected<'_>,
    hierarchy: &Hierarchy,
) -> Result<bool, Unknown> {
    let exempted = match exemption.assignment() {
        Field::Present(exempted, _) => exempted,
        Field::Absent(_) => return Ok(false),
        Field::Unknown(unknown) => return Err(unknown),
    };
    if exempted.key() != assignment.id().key() {
        return Ok(false);
    }
    let Some(scope) = exemption.id().parent() else {
        return Ok(false);
    };
    if !hierarchy.holds(&scope, id)? {
        return Ok(false);
    }
    let references = exemption.references()?;
    let is_named = |(name, _): &(&str, _)| {
        let own = what.reference;
        own.is_some_and(|own| own.eq_ignore_ascii_case(name))
    };
    if !references.is_empty() && !references.iter().any(is_named) {
        return Ok(false);
    }
    selector::takes(&exemption.resource_selectors()?, what)
}
