use palisade_policy::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "POL012",
    name: "policy-reference-dangling",
    title: "initiatives, assignments and exemptions name what exists",
    recommendation: Recommendation::DefinitionLint,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("policy_reference_dangling.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "correct the name, or take the reference away";
    remarks(context, LintKind::ReferenceDangling, help, findings);
}
