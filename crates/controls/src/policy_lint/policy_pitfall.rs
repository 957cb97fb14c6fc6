use palisade_reach::kubernetes::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PL013",
    name: "policy-pitfall",
    title: "no part of a policy is easily mistaken",
    recommendation: Recommendation::PolicyLint,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("policy_pitfall.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "write what is meant";
    remarks(context, LintKind::Pitfall, help, findings);
}
