use palisade_policy::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "POL001",
    name: "definition-unreadable",
    title: "every definition and initiative can be read",
    recommendation: Recommendation::DefinitionLint,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("definition_unreadable.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "correct the part that is named";
    remarks(context, LintKind::Unreadable, help, findings);
}
