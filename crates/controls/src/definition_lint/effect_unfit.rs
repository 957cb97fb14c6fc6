use palisade_policy::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "POL004",
    name: "effect-unfit",
    title: "every effect exists, goes with the mode and has what it needs",
    recommendation: Recommendation::DefinitionLint,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("effect_unfit.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "choose an effect that goes with the mode and the other effects, and give it the details that it needs";
    remarks(context, LintKind::EffectUnfit, help, findings);
}
