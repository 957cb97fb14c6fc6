use palisade_policy::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "POL005",
    name: "parameter-undeclared",
    title: "every parameter that is used is declared",
    recommendation: Recommendation::DefinitionLint,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("parameter_undeclared.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "declare the parameter, or correct its name";
    remarks(context, LintKind::ParameterUndeclared, help, findings);
}
