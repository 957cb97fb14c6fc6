use palisade_estate::kubernetes::PolicyType;

use super::default_deny::{EXEMPT_NAMESPACES, judge};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NP005",
    name: "namespace-without-default-deny-egress",
    title: "the pods of every namespace send only the outbound traffic that a policy allows",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-1"),
        Framework::CisAks.id("4.4.2"),
        Framework::Kubescape.id("C-0030"),
        Framework::Kubescape.id("C-0301"),
    ],
    parameters: &[&EXEMPT_NAMESPACES],
    page: include_str!("namespace_without_default_deny_egress.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    judge(context, PolicyType::Egress, findings);
}
