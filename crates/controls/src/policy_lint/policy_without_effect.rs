use palisade_reach::kubernetes::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PL009",
    name: "policy-without-effect",
    title: "the cluster's engine enforces every policy",
    recommendation: Recommendation::PolicyLint,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("policy_without_effect.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help =
        "write it in a dialect that the engine enforces, or run the engine that it was written for";
    remarks(context, LintKind::NotEnforced, help, findings);
}
