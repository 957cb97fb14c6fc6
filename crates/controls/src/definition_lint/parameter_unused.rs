use palisade_policy::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "POL006",
    name: "parameter-unused",
    title: "every parameter that is declared is used",
    recommendation: Recommendation::DefinitionLint,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("parameter_unused.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "use the parameter, or take it away";
    remarks(context, LintKind::ParameterUnused, help, findings);
}
