use palisade_reach::kubernetes::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PL010",
    name: "policy-refused",
    title: "every policy is one that its engine takes",
    recommendation: Recommendation::PolicyLint,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("policy_refused.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "correct what the message names";
    remarks(context, LintKind::Refused, help, findings);
}
