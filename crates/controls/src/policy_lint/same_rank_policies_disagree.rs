use palisade_reach::kubernetes::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PL006",
    name: "same-rank-policies-disagree",
    title: "no two policies of one rank decide differently about the same traffic",
    recommendation: Recommendation::PolicyLint,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("same_rank_policies_disagree.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "give the policies different priorities";
    remarks(context, LintKind::SameRank, help, findings);
}
