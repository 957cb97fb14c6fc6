use palisade_reach::kubernetes::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PL011",
    name: "construct-ignored",
    title: "the engine takes every part of a policy",
    recommendation: Recommendation::PolicyLint,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("construct_ignored.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "switch the feature on, or write the rule without it";
    remarks(context, LintKind::PartIgnored, help, findings);
}
