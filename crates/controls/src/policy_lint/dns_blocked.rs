use palisade_reach::kubernetes::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PL007",
    name: "dns-blocked",
    title: "pods that may reach others may look up their names",
    recommendation: Recommendation::PolicyLint,
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    equivalents: &[],
    parameters: &[],
    page: include_str!("dns_blocked.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "allow UDP and TCP port 53 to the pods of kube-dns in kube-system";
    remarks(context, LintKind::LookupsDenied, help, findings);
}
