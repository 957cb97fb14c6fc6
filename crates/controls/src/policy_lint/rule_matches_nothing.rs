use palisade_reach::kubernetes::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PL002",
    name: "rule-matches-nothing",
    title: "every rule of a policy is about somebody",
    recommendation: Recommendation::PolicyLint,
    severity: Severity::Low,
    confidence: Confidence::Medium,
    equivalents: &[],
    parameters: &[],
    page: include_str!("rule_matches_nothing.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "correct the labels or the port, or delete the rule";
    remarks(context, LintKind::RuleMatchesNothing, help, findings);
}
