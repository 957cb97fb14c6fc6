//! A log of a resource, and what the resource's diagnostic settings say about it.

use palisade_estate::azure::{DiagnosticSetting, DiagnosticSettingsCategory};
use palisade_estate::{Field, Resource, ResourceId, Settings, Unknown};

use crate::{Context, Finding, Findings, Subject};

/// A log that should be collected.
pub(super) struct Log {
    /// What people call it.
    pub(super) name: &'static str,
    /// The categories that hold it; one is enough. The last is what the advice names.
    pub(super) categories: &'static [&'static str],
    /// The category groups known to hold it, besides `allLogs`, which holds everything.
    pub(super) groups: &'static [&'static str],
}

/// Whether a log is collected.
pub(super) enum Collection<'e> {
    /// By this setting.
    By(DiagnosticSetting<'e>),
    /// The input doesn't tell.
    Unclear(Unknown),
    /// By none of the settings in the input.
    Nowhere,
}

/// Says of one log of a resource whether it is collected. The subject is that part of the
/// resource.
pub(super) fn report<'f>(
    context: &Context<'_>,
    resource: &Resource<'_>,
    log: &Log,
    findings: &'f mut Findings,
) -> &'f mut Finding {
    let subject = Subject::from(*resource).part(log.name);
    match collection(context, resource.id(), log) {
        Collection::By(setting) => findings
            .pass(
                subject,
                format!("the {} log is collected by `{}`", log.name, setting.name()),
            )
            .at(setting.anchor(), ""),
        Collection::Unclear(unknown) => findings.unknown(subject, unknown),
        Collection::Nowhere => missing(context, subject, resource.id(), log, findings),
    }
}

fn missing<'f>(
    context: &Context<'_>,
    subject: Subject,
    resource: &ResourceId,
    log: &Log,
    findings: &'f mut Findings,
) -> &'f mut Finding {
    let finding = findings.missing(
        subject,
        context.estate.coverage::<DiagnosticSetting<'_>>(resource),
        format!(
            "no diagnostic setting collects the {} log ({})",
            log.name,
            log.categories.join(" or ")
        ),
        format!("az monitor diagnostic-settings list --resource {resource}"),
    );
    if let Some(category) = log.categories.last() {
        finding.help(format!("az monitor diagnostic-settings create --resource {resource} --name logs --workspace WORKSPACE --logs '[{{\"category\":\"{category}\",\"enabled\":true}}]'"));
    }
    for setting in settings(context, resource) {
        finding.related(setting.anchor(), "this setting doesn't");
    }
    finding
}

/// Whether any setting of a resource or a subscription collects the log.
pub(super) fn collection<'e>(
    context: &Context<'e>,
    resource: &ResourceId,
    log: &Log,
) -> Collection<'e> {
    let mut unclear = None;
    for setting in settings(context, resource) {
        match collects(context, resource, &setting, log) {
            Ok(true) => return Collection::By(setting),
            Ok(false) => {}
            Err(unknown) => {
                let cause = format!("the setting `{}`: {}", setting.name(), unknown.cause);
                unclear = unclear.or(Some(Unknown::because(cause, unknown.supply)));
            }
        }
    }
    unclear.map_or(Collection::Nowhere, Collection::Unclear)
}

pub(super) fn settings<'e>(
    context: &Context<'e>,
    resource: &ResourceId,
) -> Vec<DiagnosticSetting<'e>> {
    context.estate.children(resource)
}

fn collects(
    context: &Context<'_>,
    resource: &ResourceId,
    setting: &DiagnosticSetting<'_>,
    log: &Log,
) -> Result<bool, Unknown> {
    if !setting.has_destination()? {
        return Ok(false);
    }
    let mut unclear = None;
    for entry in setting.elements("logs")? {
        match holds(context, resource, &entry, log) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(unknown) => unclear = unclear.or(Some(unknown)),
        }
    }
    unclear.map_or(Ok(false), Err)
}

/// Whether an entry of `logs` is on and holds the log, by its category or by a group.
fn holds(
    context: &Context<'_>,
    resource: &ResourceId,
    entry: &Settings<'_>,
    log: &Log,
) -> Result<bool, Unknown> {
    let (is_on, _) = entry.flag("enabled").or_default(false)?;
    if !is_on {
        return Ok(false);
    }
    let is = |wanted: &&str, given: &str| wanted.eq_ignore_ascii_case(given);
    let (category, _) = entry.text("category").or_default("")?;
    if log.categories.iter().any(|wanted| is(wanted, category)) {
        return Ok(true);
    }
    match entry.text("categoryGroup") {
        Field::Absent(_) => Ok(false),
        Field::Unknown(unknown) => Err(unknown),
        Field::Present(group, _) if is(&"allLogs", group) => Ok(true),
        Field::Present(group, _) if log.groups.iter().any(|known| is(known, group)) => Ok(true),
        Field::Present(group, _) => group_holds(context, resource, group, log),
    }
}

/// What a category group holds is the resource's to say: its list of categories tells.
fn group_holds(
    context: &Context<'_>,
    resource: &ResourceId,
    group: &str,
    log: &Log,
) -> Result<bool, Unknown> {
    let offered: Vec<DiagnosticSettingsCategory<'_>> = context.estate.children(resource);
    let mut is_known = true;
    for wanted in log.categories {
        let category = offered
            .iter()
            .find(|category| category.name().eq_ignore_ascii_case(wanted));
        match category {
            Some(category) if category.is_in_group(group)? => return Ok(true),
            Some(_) => {}
            None => is_known = false,
        }
    }
    if is_known {
        return Ok(false);
    }
    Err(Unknown::because(
        format!(
            "it collects the category group {group}, and whether that holds {} isn't known",
            log.categories.join(" or ")
        ),
        format!("az monitor diagnostic-settings categories list --resource {resource}"),
    ))
}
