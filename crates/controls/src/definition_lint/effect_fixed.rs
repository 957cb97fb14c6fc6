use palisade_policy::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "POL008",
    name: "effect-fixed",
    title: "assignments choose the effect",
    recommendation: Recommendation::DefinitionLint,
    severity: Severity::Info,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("effect_fixed.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "make the effect a parameter with allowedValues and a mild default";
    remarks(context, LintKind::EffectFixed, help, findings);
}
