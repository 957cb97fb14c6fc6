use palisade_reach::kubernetes::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PL003",
    name: "peer-selects-nobody",
    title: "every peer of a rule is somebody",
    recommendation: Recommendation::PolicyLint,
    severity: Severity::Low,
    confidence: Confidence::Medium,
    equivalents: &[],
    parameters: &[],
    page: include_str!("peer_selects_nobody.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "correct the labels, or take the peer out of the rule";
    remarks(context, LintKind::PeerSelectsNothing, help, findings);
}
