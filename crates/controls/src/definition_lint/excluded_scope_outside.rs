use palisade_policy::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "POL014",
    name: "excluded-scope-outside",
    title: "assignments leave out only what they cover",
    recommendation: Recommendation::DefinitionLint,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("excluded_scope_outside.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "correct the scope in notScopes, or take it away";
    remarks(context, LintKind::ExclusionOutside, help, findings);
}
