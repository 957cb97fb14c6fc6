//! What Azure answers to a deployment that a policy refuses.

use palisade_estate::azure::PolicyAssignment;
use palisade_policy::{Definition, Planned};
use serde_json::json;

/// The message of the error `RequestDisallowedByPolicy` (Microsoft Learn, the page of that error,
/// 2025): the reason that the assignment gives where it gives one, else what identifies the policy.
pub(super) fn message(
    resource: &str,
    assignment: &PolicyAssignment<'_>,
    planned: &Planned<'_>,
    definition: &Definition<'_>,
) -> String {
    let start = format!("Resource '{resource}' was disallowed by policy.");
    if let Some(reason) = reason(assignment, planned) {
        return format!("{start} Reasons: '{reason}'. See error details for policy resource IDs.");
    }
    let title = assignment.text("displayName").present();
    let title = title.unwrap_or(assignment.name());
    let mut identifiers = vec![
        named("policyAssignment", title, assignment.id().as_str()),
        named(
            "policyDefinition",
            definition.title(),
            &definition_id(definition),
        ),
    ];
    let initiative = planned.initiative.as_deref();
    if let Some((title, id)) = initiative.zip(assignment.definition().present()) {
        identifiers.push(named("policySetDefinition", title, id.as_str()));
    }
    let identifiers = identifiers.join(",");
    format!("{start} Policy identifiers: '[{{{identifiers}}}]'.")
}

/// A member of the JSON in the message, in Azure's order.
fn named(what: &str, name: &str, id: &str) -> String {
    format!(r#""{what}":{{"name":{},"id":{}}}"#, json!(name), json!(id))
}

/// What the assignment says to whoever is refused: about the member of the initiative, else about
/// all of them.
fn reason<'e>(assignment: &PolicyAssignment<'e>, planned: &Planned<'_>) -> Option<&'e str> {
    let messages = assignment.elements("nonComplianceMessages").ok()?;
    let about = |reference: Option<&str>| {
        let mut own = messages.iter().filter(|message| {
            let named = message.text("policyDefinitionReferenceId").present();
            match (named, reference) {
                (Some(named), Some(reference)) => named.eq_ignore_ascii_case(reference),
                (named, reference) => named.is_none() && reference.is_none(),
            }
        });
        own.find_map(|message| message.text("message").present())
    };
    let reference = planned.reference.as_deref();
    reference
        .and_then(|reference| about(Some(reference)))
        .or_else(|| about(None))
}

/// The id of a definition: as it says, else as Azure forms that of a built-in one.
fn definition_id(definition: &Definition<'_>) -> String {
    let own = definition.value.get_ignore_case("id");
    let own = own.and_then(palisade_document::Value::as_str);
    own.map_or_else(
        || {
            let name = &definition.name;
            format!("/providers/Microsoft.Authorization/policyDefinitions/{name}")
        },
        str::to_owned,
    )
}
