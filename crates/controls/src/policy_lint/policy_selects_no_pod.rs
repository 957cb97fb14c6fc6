use palisade_reach::kubernetes::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PL001",
    name: "policy-selects-no-pod",
    title: "every policy selects at least one pod of the input",
    recommendation: Recommendation::PolicyLint,
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    equivalents: &[],
    parameters: &[],
    page: include_str!("policy_selects_no_pod.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "correct the selector, or delete the policy";
    remarks(context, LintKind::SelectsNothing, help, findings);
}
