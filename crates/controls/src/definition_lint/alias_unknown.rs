use palisade_policy::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "POL002",
    name: "alias-unknown",
    title: "every field of a definition is an alias or a field that all resources have",
    recommendation: Recommendation::DefinitionLint,
    severity: Severity::High,
    confidence: Confidence::Medium,
    equivalents: &[],
    parameters: &[],
    page: include_str!("alias_unknown.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "look the alias up: az provider show --namespace NAMESPACE --expand resourceTypes/aliases --query \"resourceTypes[].aliases[].name\"";
    remarks(context, LintKind::AliasUnknown, help, findings);
}
