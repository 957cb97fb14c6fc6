//! Exemptions of Azure Policy as waivers.

use jiff::civil::Date;
use palisade_controls::{Finding, Framework, Place, Suppression, SuppressionKind};
use palisade_document::Value;
use palisade_estate::azure::{PolicyAssignment, PolicyExemption, PolicySetDefinition};
use palisade_estate::{Estate, Field, ResourceId, View};

/// An exemption that is in force, and what it exempts.
struct Exempted<'e> {
    /// What it is for.
    scope: ResourceId,
    /// The names of the definitions that needn't be fulfilled there.
    definitions: Vec<String>,
    suppression: Suppression,
    place: Value<'e>,
}

/// Waives the failures and unknown answers of controls that ask what an exempted definition asks,
/// about resources within the exemption's scope. An exemption counts only if everything about it
/// is in the input: the assignment, the members of an initiative, and an end that is no riddle.
pub(crate) fn apply(estate: &Estate, findings: &mut [Finding], today: Date) {
    let exempted: Vec<_> = estate
        .all::<PolicyExemption<'_>>()
        .filter_map(|exemption| exempted(estate, &exemption, today))
        .collect();
    if exempted.is_empty() {
        return;
    }
    for finding in findings {
        if !finding.is_failure() && !finding.is_unknown() {
            continue;
        }
        let equivalents = finding.control.equivalents.iter();
        let same_question: Vec<_> = equivalents
            .filter(|one| one.framework == Framework::AzurePolicy)
            .collect();
        let whole = finding.subject.id.split('#').next().unwrap_or_default();
        let Some(id) = ResourceId::parse(whole) else {
            continue;
        };
        let covers = |one: &&Exempted<'_>| {
            id.is_within(&one.scope)
                && same_question.iter().any(|asked| {
                    let mut definitions = one.definitions.iter();
                    definitions.any(|name| name.eq_ignore_ascii_case(asked.id))
                })
        };
        if let Some(exemption) = exempted.iter().find(covers) {
            finding.suppression = Some(Suppression {
                place: Some(Place::from(exemption.place)),
                ..exemption.suppression.clone()
            });
        }
    }
}

fn exempted<'e>(
    estate: &'e Estate,
    exemption: &PolicyExemption<'e>,
    today: Date,
) -> Option<Exempted<'e>> {
    let expires = match exemption.expires_on() {
        Field::Present(text, _) => Some(text.get(..10)?.parse::<Date>().ok()?),
        Field::Absent(_) => None,
        Field::Unknown(_) => return None,
    };
    if expires.is_some_and(|last| last < today) {
        return None;
    }
    // Limited to resources by their type or region, which takes Azure Policy to tell.
    if !exemption.resource_selectors().ok()?.is_empty() {
        return None;
    }
    let assignment = estate.find(&exemption.assignment().present()?)?;
    let assignment = PolicyAssignment::try_of(assignment)?;
    let definition = assignment.definition().present()?;
    let is_set = definition
        .resource_type()?
        .ends_with("/policysetdefinitions");
    let definitions = if is_set {
        members(estate, exemption, &definition)?
    } else {
        vec![definition.name().to_owned()]
    };
    let said = [exemption.description(), exemption.display_name()];
    let said = said.into_iter().find_map(Field::present);
    Some(Exempted {
        scope: exemption.id().parent()?,
        definitions,
        suppression: Suppression {
            kind: SuppressionKind::Exemption,
            reason: match (exemption.category().present(), said) {
                (Some(category), Some(said)) => format!("{said} ({category})"),
                (None, Some(said)) => said.to_owned(),
                (category, None) => {
                    let category = category.unwrap_or("Waiver");
                    format!("the policy exemption {} ({category})", exemption.name())
                }
            },
            owner: None,
            expires,
            place: None,
        },
        place: exemption.anchor(),
    })
}

/// The members of an initiative that an exemption is about: those it names, or all.
fn members(
    estate: &Estate,
    exemption: &PolicyExemption<'_>,
    initiative: &ResourceId,
) -> Option<Vec<String>> {
    let set = PolicySetDefinition::try_of(estate.find(initiative)?)?;
    let named = exemption.references().ok()?;
    let is_meant = |reference: &str| {
        let mut named_references = named.iter();
        named.is_empty() || named_references.any(|(name, _)| name.eq_ignore_ascii_case(reference))
    };
    let mut definitions = Vec::new();
    for member in set.members().ok()? {
        let reference = member.text("policyDefinitionReferenceId").present();
        if reference.map_or(named.is_empty(), is_meant)
            && let Some(id) = member.reference("policyDefinitionId").present()
        {
            definitions.push(id.name().to_owned());
        }
    }
    Some(definitions)
}
