use palisade_policy::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "POL013",
    name: "policy-argument-wrong",
    title: "parameters are given the values that they take",
    recommendation: Recommendation::DefinitionLint,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("policy_argument_wrong.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "give the parameters that are declared values that they allow";
    remarks(context, LintKind::ArgumentWrong, help, findings);
}
