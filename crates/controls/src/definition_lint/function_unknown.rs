use palisade_policy::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "POL003",
    name: "function-unknown",
    title: "every function of a definition is one that policies have",
    recommendation: Recommendation::DefinitionLint,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("function_unknown.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "use a function that policies have, or pass the value as a parameter";
    remarks(context, LintKind::FunctionUnknown, help, findings);
}
