use palisade_reach::kubernetes::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PL004",
    name: "rule-shadowed",
    title: "every rule of an ordered policy gets to decide about something",
    recommendation: Recommendation::PolicyLint,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("rule_shadowed.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "put the rule before those that take its traffic, or delete it";
    remarks(context, LintKind::RuleShadowed, help, findings);
}
