use palisade_policy::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "POL011",
    name: "condition-constant",
    title: "every comparison depends on the resource",
    recommendation: Recommendation::DefinitionLint,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("condition_constant.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "correct the comparison, or take it away";
    remarks(context, LintKind::ConditionConstant, help, findings);
}
