//! Whom an alert tells.

use palisade_estate::azure::{ActionGroup, AlertProcessingRule};
use palisade_estate::{Resource, ResourceId, Unknown};

use crate::Context;

/// Whom an alert tells when it fires.
pub(super) enum Audience<'e> {
    /// The receivers of this action group, and perhaps others.
    Group(ActionGroup<'e>),
    /// Nobody, and why.
    Nobody(String),
}

/// Whom an alert with these action groups tells. One group that works is enough.
pub(super) fn audience<'e>(
    context: &Context<'e>,
    alert: &Resource<'e>,
    groups: &[ResourceId],
) -> Result<Audience<'e>, Unknown> {
    let mut reason = "it names no action group".to_owned();
    let mut unclear = None;
    for id in groups {
        match deafness(context, id) {
            Ok((group, None)) => return Ok(Audience::Group(group)),
            Ok((_, Some(cause))) => reason = format!("its action group `{}` {cause}", id.name()),
            Err(unknown) => unclear = unclear.or(Some(unknown)),
        }
    }
    if let Some(unknown) = unclear {
        return Err(unknown);
    }
    match helper(context, alert) {
        Some(rule) => Err(Unknown::because(
            format!(
                "{reason}, and whether the alert processing rule `{}` adds one to it isn't known",
                rule.name()
            ),
            format!("an action group of the alert's own: {}", alert.id()),
        )),
        None => Ok(Audience::Nobody(reason)),
    }
}

/// The group, and why it tells nobody if it doesn't.
fn deafness<'e>(
    context: &Context<'e>,
    id: &ResourceId,
) -> Result<(ActionGroup<'e>, Option<&'static str>), Unknown> {
    let supply = || format!("az monitor action-group show --ids {id}");
    let about = |unknown: Unknown| {
        Unknown::because(
            format!("its action group `{}`: {}", id.name(), unknown.cause),
            supply(),
        )
    };
    if context.estate.find(id).is_none() {
        return Err(Unknown::because(
            format!("its action group `{}` is outside the input", id.name()),
            supply(),
        ));
    }
    let group = context
        .estate
        .require::<ActionGroup<'_>>(id)
        .map_err(about)?;
    let (is_enabled, _) = group.is_enabled().or_default(true).map_err(about)?;
    if !is_enabled {
        return Ok((group, Some("is disabled")));
    }
    let has_receiver = !group.active_receivers().map_err(about)?.is_empty();
    Ok((group, (!has_receiver).then_some("has no active receiver")))
}

/// An alert processing rule of the alert's subscription that adds action groups. To which
/// alerts depends on filters and schedules.
fn helper<'e>(context: &Context<'e>, alert: &Resource<'e>) -> Option<AlertProcessingRule<'e>> {
    let rules = context.estate.all::<AlertProcessingRule<'_>>();
    rules
        .filter(|rule| rule.id().subscription() == alert.id().subscription())
        .find(|rule| rule.adds_action_groups() != Ok(false))
}
