//! Whether an alert on the activity log tells somebody of an event.

use std::collections::BTreeMap;

use palisade_estate::azure::ActivityLogAlert;
use palisade_estate::{Field, Resource, ResourceId, Settings, Unknown};

use super::audience::{Audience, audience};
use crate::{Context, Finding, Findings, Subject};

/// Operations that nobody should carry out without somebody else hearing of it.
pub(super) struct Watch {
    /// What is changed, for people.
    pub(super) name: &'static str,
    /// The types whose resources make the question arise in their subscription.
    pub(super) types: &'static [&'static str],
    /// The operations, as the activity log names them.
    pub(super) operations: &'static [&'static str],
}

/// An event that may be logged: what decides whether an alert fires.
pub(super) struct Event {
    /// What to call it in a finding: an operation without its provider.
    pub(super) name: String,
    /// The scope whose activity log it stands in.
    pub(super) target: ResourceId,
    /// The event's fields. An alert may choose by others too, which then narrow it.
    pub(super) fields: Vec<(&'static str, String)>,
    /// It is logged once with each of these as its `status`.
    pub(super) statuses: &'static [&'static str],
}

impl Event {
    /// A successful operation on something within `target`, or on `target` itself.
    pub(super) fn operation(target: &ResourceId, operation: &str) -> Self {
        let (resource_type, _) = operation.rsplit_once('/').unwrap_or_default();
        let (provider, name) = operation.split_once('/').unwrap_or_default();
        let mut fields = vec![
            ("category", "Administrative".to_owned()),
            ("operationName", operation.to_owned()),
            ("resourceType", resource_type.to_owned()),
            ("resourceProvider", provider.to_owned()),
            ("level", "Informational".to_owned()),
        ];
        if let Some(group) = target.resource_group() {
            fields.push(("resourceGroup", group.to_owned()));
        }
        if target.resource_type().is_some() {
            fields.push(("resourceId", target.as_str().to_owned()));
        }
        Self {
            name: name.to_owned(),
            target: target.clone(),
            fields,
            statuses: &["Succeeded", "Started"],
        }
    }
}

/// Whether somebody is told of an event.
enum Told<'e> {
    /// By this alert.
    By(ActivityLogAlert<'e>),
    /// The input doesn't tell.
    Unclear(Unknown),
    /// No; these alerts come near, and this keeps each from it.
    Not(Vec<(Resource<'e>, String)>),
}

/// Judges the operations in each subscription that holds a resource of the types.
pub(super) fn watch(context: &Context<'_>, watch: &Watch, findings: &mut Findings) {
    for (subscription, holder) in subscriptions(context, watch.types) {
        let operations = watch.operations.iter();
        let events: Vec<_> = operations
            .map(|operation| Event::operation(&subscription, operation))
            .collect();
        let subject = Subject::scope(context.estate, &subscription).part(watch.name);
        judge(context, subject, &holder, &events, findings);
    }
}

/// The subscriptions with a resource of one of the types, each with the first such resource.
pub(super) fn subscriptions<'e>(
    context: &Context<'e>,
    types: &[&str],
) -> BTreeMap<ResourceId, Resource<'e>> {
    let mut found = BTreeMap::new();
    let holders = context
        .estate
        .resources()
        .filter(|resource| types.contains(&resource.resource_type()));
    for holder in holders {
        if let Some(subscription) = holder.id().subscription_scope() {
            found.entry(subscription).or_insert(holder);
        }
    }
    found
}

/// Says of a subject whether somebody is told of all of the events.
pub(super) fn judge<'f>(
    context: &Context<'_>,
    subject: Subject,
    holder: &Resource<'_>,
    events: &[Event],
    findings: &'f mut Findings,
) -> &'f mut Finding {
    let (mut alerts, mut silent, mut near, mut unclear) =
        (Vec::new(), Vec::new(), Vec::new(), None);
    for event in events {
        match told(context, event) {
            Told::By(alert) if alerts.contains(&alert.name()) => {}
            Told::By(alert) => alerts.push(alert.name()),
            Told::Unclear(unknown) => unclear = unclear.or(Some(unknown)),
            Told::Not(reasons) => {
                silent.push(event);
                for reason in reasons {
                    if !near.contains(&reason) {
                        near.push(reason);
                    }
                }
            }
        }
    }
    if !silent.is_empty() {
        missing(context, subject, &silent, &near, findings)
    } else if let Some(unknown) = unclear {
        findings.unknown(subject, unknown)
    } else {
        let message = format!("somebody is told by {}", quoted(&alerts));
        findings.pass(subject, message)
    }
    .at(holder.anchor(), "in this subscription")
}

fn missing<'f>(
    context: &Context<'_>,
    subject: Subject,
    silent: &[&Event],
    near: &[(Resource<'_>, String)],
    findings: &'f mut Findings,
) -> &'f mut Finding {
    let target = &silent[0].target;
    let subscription = target.subscription().unwrap_or_default();
    let names: Vec<_> = silent.iter().map(|event| event.name.as_str()).collect();
    let reasons: Vec<_> = near
        .iter()
        .map(|(alert, reason)| format!("`{}`: {reason}", alert.name()))
        .collect();
    let because = if reasons.is_empty() {
        String::new()
    } else {
        format!(" ({})", reasons.join("; "))
    };
    let finding = findings.missing(
        subject,
        context.estate.coverage::<ActivityLogAlert<'_>>(target),
        format!("no alert tells anybody of {}{because}", names.join(", ")),
        format!("az monitor activity-log alert list --subscription {subscription}"),
    );
    finding.help(command(subscription, silent[0]));
    for (alert, reason) in near {
        finding.related(alert.anchor(), reason);
    }
    finding
}

fn command(subscription: &str, event: &Event) -> String {
    let conditions: Vec<_> = event
        .fields
        .iter()
        .take(2)
        .map(|(field, value)| format!("{field}={value}"))
        .collect();
    format!(
        "az monitor activity-log alert create --subscription {subscription} --resource-group GROUP --name NAME --scope /subscriptions/{subscription} --condition {} --action-group ACTION_GROUP_ID",
        conditions.join(" and ")
    )
}

fn quoted(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

fn told<'e>(context: &Context<'e>, event: &Event) -> Told<'e> {
    let (mut near, mut unclear) = (Vec::new(), None);
    // Azure takes no scope from another subscription than the alert's own.
    let subscription = event.target.subscription_scope();
    let alerts = subscription
        .iter()
        .flat_map(|subscription| context.estate.within::<ActivityLogAlert<'_>>(subscription));
    for alert in alerts {
        match fit(context, &alert, event) {
            Ok(Fit::Tells) => return Told::By(alert),
            Ok(Fit::Fails(reason)) => near.push((*alert, reason)),
            Ok(Fit::Other) => {}
            Err(unknown) => {
                let cause = format!("the alert `{}`: {}", alert.name(), unknown.cause);
                unclear = unclear.or(Some(Unknown::because(cause, unknown.supply)));
            }
        }
    }
    unclear.map_or(Told::Not(near), Told::Unclear)
}

/// How an alert stands to an event.
enum Fit {
    /// It tells somebody of every such event.
    Tells,
    /// It is about such events, but this keeps it from telling of all of them.
    Fails(String),
    /// It is about something else, or somewhere else.
    Other,
}

fn fit<'e>(
    context: &Context<'e>,
    alert: &ActivityLogAlert<'e>,
    event: &Event,
) -> Result<Fit, Unknown> {
    let scopes = alert.scopes()?;
    let is_within = scopes.iter().any(|scope| event.target.is_within(scope));
    let part = scopes.iter().find(|scope| scope.is_within(&event.target));
    if !is_within && part.is_none() {
        return Ok(Fit::Other);
    }
    let choice = choose(alert, event)?;
    if choice == Choice::Other {
        return Ok(Fit::Other);
    }
    if !alert.is_enabled().or_default(true)?.0 {
        return Ok(Fit::Fails("it is disabled".to_owned()));
    }
    if let (false, Some(scope)) = (is_within, part) {
        return Ok(Fit::Fails(format!("it looks only at {}", scope.name())));
    }
    if let Choice::Filtered(filters) = choice {
        return Ok(Fit::Fails(format!("it fires only when {filters}")));
    }
    match audience(context, alert, &alert.action_groups()?)? {
        Audience::Group(_) => Ok(Fit::Tells),
        Audience::Nobody(reason) => Ok(Fit::Fails(reason)),
    }
}

/// Which of the events that look like one an alert chooses.
#[derive(Debug, PartialEq, Eq)]
enum Choice {
    /// All of them.
    All,
    /// Those that also meet further conditions, which these words name.
    Filtered(String),
    /// It is about other events.
    Other,
}

/// The fields that say what an event is about; the others tell events of one kind apart.
const KIND: [&str; 4] = [
    "category",
    "operationName",
    "resourceType",
    "resourceProvider",
];

/// An event that is logged more than once is told of if one of the entries is.
fn choose(alert: &ActivityLogAlert<'_>, event: &Event) -> Result<Choice, Unknown> {
    let conditions = alert.elements("condition.allOf")?;
    let mut choice = Choice::Other;
    for status in event.statuses {
        match meets_all(&conditions, event, status)? {
            Choice::All => return Ok(Choice::All),
            other if choice == Choice::Other => choice = other,
            _ => {}
        }
    }
    Ok(choice)
}

fn meets_all(conditions: &[Settings<'_>], event: &Event, status: &str) -> Result<Choice, Unknown> {
    let mut filters = Vec::new();
    for condition in conditions {
        match meets(condition, event, status)? {
            Choice::All => {}
            Choice::Filtered(filter) => filters.push(filter),
            Choice::Other => return Ok(Choice::Other),
        }
    }
    Ok(match (conditions, filters.as_slice()) {
        ([], _) => Choice::Other,
        (_, []) => Choice::All,
        _ => Choice::Filtered(filters.join(" and ")),
    })
}

/// One condition, or several of which one is enough (`anyOf`).
fn meets(condition: &Settings<'_>, event: &Event, status: &str) -> Result<Choice, Unknown> {
    let alternatives = condition.elements("anyOf")?;
    if alternatives.is_empty() {
        return compare(condition, event, status);
    }
    let mut filters = Vec::new();
    for alternative in alternatives {
        match compare(&alternative, event, status)? {
            Choice::All => return Ok(Choice::All),
            Choice::Filtered(filter) => filters.push(filter),
            Choice::Other => {}
        }
    }
    if filters.is_empty() {
        return Ok(Choice::Other);
    }
    Ok(Choice::Filtered(filters.join(" or ")))
}

/// A field compared with one value (`equals`) or with several (`containsAny`).
fn compare(condition: &Settings<'_>, event: &Event, status: &str) -> Result<Choice, Unknown> {
    let (field, _) = condition.text("field").or_default("")?;
    let mut wanted: Vec<_> = condition.texts("containsAny")?;
    match condition.text("equals") {
        Field::Present(value, at) => wanted.push((value, at)),
        Field::Absent(_) => {}
        Field::Unknown(unknown) => return Err(unknown),
    }
    let wanted: Vec<_> = wanted.into_iter().map(|(text, _)| text).collect();
    let is_field = |name: &str| name.eq_ignore_ascii_case(field);
    let given = event.fields.iter().find(|(name, _)| is_field(name));
    let given = given
        .map(|(_, value)| value.as_str())
        .or(is_field("status").then_some(status));
    if given.is_some_and(|given| wanted.iter().any(|text| same(text, given))) {
        return Ok(Choice::All);
    }
    if KIND.iter().any(|name| is_field(name)) {
        return Ok(Choice::Other);
    }
    Ok(Choice::Filtered(format!(
        "{field} is {}",
        wanted.join(" or ")
    )))
}

/// Letter case never counts, and regions are written with and without spaces.
fn same(a: &str, b: &str) -> bool {
    let letters = |text: &str| {
        let kept: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        kept.to_ascii_lowercase()
    };
    letters(a) == letters(b)
}
