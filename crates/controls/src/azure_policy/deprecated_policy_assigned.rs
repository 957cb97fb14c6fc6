use palisade_estate::azure::{PolicyAssignment, PolicySetDefinition};
use palisade_estate::{Field, ResourceId, Unknown, View};

use super::assigned_definition::{is_builtin_definition, require_initiative};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "AP007",
    name: "deprecated-policy-assigned",
    title: "no deprecated definition is relied on",
    recommendation: Recommendation::AzurePolicy,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("2fbff515-eecc-4b7e-9b63-fcc7138b7dc3"),
        Framework::AzurePolicy.id("25dee3db-6ce0-4c02-ab5d-245887b24077"),
        Framework::Mcsb.id("PV-2"),
    ],
    parameters: &[],
    page: include_str!("deprecated_policy_assigned.md"),
    check,
};

/// A deprecated definition, its name, and what Azure offers in its place.
struct Deprecated {
    id: &'static str,
    name: &'static str,
    successor: &'static str,
}

const DEPRECATED: [Deprecated; 2] = [
    Deprecated {
        id: "2fbff515-eecc-4b7e-9b63-fcc7138b7dc3",
        name: "Enforce HTTPS ingress in AKS",
        successor: "1a5b4dca-0b6f-4cf5-907c-56316bc1bf3d",
    },
    Deprecated {
        id: "25dee3db-6ce0-4c02-ab5d-245887b24077",
        name: "Ensure services listen only on allowed ports in AKS",
        successor: "233a2a17-77ca-4fb1-9b6b-69223d272a44",
    },
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<PolicyAssignment<'_>>(), judge);
}

fn judge(assignment: &PolicyAssignment<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let (definition, at) = match assignment.definition() {
        Field::Present(id, at) => (id, at),
        Field::Absent(_) => {
            return Err(Unknown::because(
                "the assignment names no definition",
                format!("az policy assignment show --name {}", assignment.name()),
            ));
        }
        Field::Unknown(unknown) => return Err(unknown),
    };
    if is_initiative(&definition) && definition.parent().is_none() {
        let message = "the initiative is Microsoft's own, and so is what it holds";
        findings.not_applicable(**assignment, message).at(at, "");
        return Ok(());
    }
    match deprecated_in(assignment, &definition)? {
        Some(deprecated) => {
            findings
                .fail(**assignment, format!("`{}` is deprecated", deprecated.name))
                .at(at, "a definition of the retired preview for AKS")
                .help(format!(
                    "az policy assignment create --name {} --policy {} --scope SCOPE",
                    &deprecated.successor[..8],
                    deprecated.successor
                ));
        }
        None => {
            findings
                .pass(
                    **assignment,
                    "none of the deprecated definitions for AKS is assigned",
                )
                .at(at, "");
        }
    }
    Ok(())
}

fn deprecated_in(
    assignment: &PolicyAssignment<'_>,
    definition: &ResourceId,
) -> Result<Option<&'static Deprecated>, Unknown> {
    if !is_initiative(definition) {
        return Ok(deprecated(definition));
    }
    let initiative = require_initiative(assignment.estate(), definition)?;
    for member in initiative.members()? {
        match member.reference("policyDefinitionId") {
            Field::Present(id, _) => {
                if let Some(found) = deprecated(&id) {
                    return Ok(Some(found));
                }
            }
            Field::Absent(_) => {}
            Field::Unknown(unknown) => return Err(unknown),
        }
    }
    Ok(None)
}

fn is_initiative(id: &ResourceId) -> bool {
    id.resource_type().as_deref() == Some(PolicySetDefinition::TYPE)
}

fn deprecated(id: &ResourceId) -> Option<&'static Deprecated> {
    DEPRECATED
        .iter()
        .find(|deprecated| is_builtin_definition(id, deprecated.id))
}
