use palisade_policy::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "POL010",
    name: "list-condition-pitfall",
    title: "conditions on lists say how many items they are about",
    recommendation: Recommendation::DefinitionLint,
    severity: Severity::Low,
    confidence: Confidence::Medium,
    equivalents: &[],
    parameters: &[],
    page: include_str!("list_condition_pitfall.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "count the items with `count` and `where`, and compare the number";
    remarks(context, LintKind::ListPitfall, help, findings);
}
