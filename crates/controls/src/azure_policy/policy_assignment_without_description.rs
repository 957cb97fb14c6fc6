use palisade_estate::azure::PolicyAssignment;
use palisade_estate::{Field, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "AP014",
    name: "policy-assignment-without-description",
    title: "an assignment of a policy says what it is for",
    recommendation: Recommendation::AzurePolicy,
    severity: Severity::Info,
    confidence: Confidence::High,
    equivalents: &[Framework::Psrule.id("Azure.Policy.AssignmentDescriptors")],
    parameters: &[],
    page: include_str!("policy_assignment_without_description.md"),
    check,
};

/// What Azure writes itself names its source there.
const OF_AZURE: &str = "SecurityCenterBuiltIn";

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<PolicyAssignment<'_>>(), judge);
}

fn judge(assignment: &PolicyAssignment<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    if assignment.is_called(&[OF_AZURE]) {
        findings.not_applicable(**assignment, "Defender for Cloud made it");
        return Ok(());
    }
    let mut missing = Vec::new();
    for setting in ["displayName", "description"] {
        match assignment.text(setting) {
            Field::Present(text, _) if !text.trim().is_empty() => {}
            Field::Present(..) | Field::Absent(_) => missing.push(setting),
            Field::Unknown(unknown) => return Err(unknown),
        }
    }
    if missing.is_empty() {
        findings.pass(**assignment, "it has a name and a description for people");
        return Ok(());
    }
    let message = format!("the assignment has no {}", missing.join(" and no "));
    findings.fail(**assignment, message).help(format!(
        "az policy assignment update --name {} --display-name NAME --description TEXT",
        assignment.name()
    ));
    Ok(())
}
