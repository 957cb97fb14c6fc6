use palisade_estate::azure::PolicyAssignment;
use palisade_estate::{Field, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "AP008",
    name: "policy-assignment-not-enforced",
    title: "assigned policies are enforced",
    recommendation: Recommendation::AzurePolicy,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("PV-2"),
        Framework::CisAzure.id("8.1.11"),
        Framework::Prowler.id("policy_ensure_asc_enforcement_enabled"),
    ],
    parameters: &[],
    page: include_str!("policy_assignment_not_enforced.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<PolicyAssignment<'_>>(), judge);
}

fn judge(assignment: &PolicyAssignment<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let is_given = matches!(assignment.enforcement_mode(), Field::Present(..));
    let (mode, at) = assignment.enforcement_mode().or_default("Default")?;
    let at = if is_given { at } else { assignment.anchor() };
    // Azure PowerShell writes numbers.
    match mode.to_ascii_lowercase().as_str() {
        "default" | "0" => {
            findings
                .pass(**assignment, "the assignment is enforced")
                .at(at, "");
        }
        "donotenforce" | "1" => {
            findings
                .fail(
                    **assignment,
                    "enforcementMode is DoNotEnforce: what the policy forbids goes through",
                )
                .at(at, "reported, not enforced")
                .help(format!(
                    "az policy assignment update --name {} --scope {} --enforcement-mode Default",
                    assignment.name(),
                    assignment
                        .scope()
                        .map(|scope| scope.to_string())
                        .unwrap_or_default()
                ));
        }
        _ => {
            return Err(Unknown::because(
                format!("enforcementMode is {mode}, which this version of Palisade doesn't know"),
                "a newer version of Palisade",
            ));
        }
    }
    Ok(())
}
