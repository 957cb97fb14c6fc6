use palisade_policy::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "POL007",
    name: "parameter-default-refused",
    title: "every parameter takes its own default",
    recommendation: Recommendation::DefinitionLint,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("parameter_default_refused.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "add the default to allowedValues, or choose one of them";
    remarks(context, LintKind::DefaultRefused, help, findings);
}
