use palisade_reach::kubernetes::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PL005",
    name: "rule-redundant",
    title: "no rule could go without a change",
    recommendation: Recommendation::PolicyLint,
    severity: Severity::Info,
    confidence: Confidence::Medium,
    equivalents: &[],
    parameters: &[],
    page: include_str!("rule_redundant.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "delete the rule, or leave it if it says what is meant";
    remarks(context, LintKind::RuleRedundant, help, findings);
}
