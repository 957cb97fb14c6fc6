use palisade_reach::kubernetes::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PL008",
    name: "port-without-listener",
    title: "containers declare the ports that rules open",
    recommendation: Recommendation::PolicyLint,
    severity: Severity::Low,
    confidence: Confidence::Low,
    equivalents: &[],
    parameters: &[],
    page: include_str!("port_without_listener.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "open the port of the container (targetPort), not that of the Service";
    remarks(context, LintKind::NobodyListens, help, findings);
}
