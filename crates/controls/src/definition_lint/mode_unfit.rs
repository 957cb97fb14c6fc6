use palisade_policy::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "POL009",
    name: "mode-unfit",
    title: "the mode goes with the types that the condition is about",
    recommendation: Recommendation::DefinitionLint,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("mode_unfit.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "choose the mode that evaluates the types of the condition";
    remarks(context, LintKind::ModeUnfit, help, findings);
}
