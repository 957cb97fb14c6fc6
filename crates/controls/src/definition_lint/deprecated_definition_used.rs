use palisade_policy::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "POL015",
    name: "deprecated-definition-used",
    title: "no deprecated definition is in use",
    recommendation: Recommendation::DefinitionLint,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("deprecated_definition_used.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "use the definition that Azure names in its place";
    remarks(context, LintKind::DefinitionDeprecated, help, findings);
}
