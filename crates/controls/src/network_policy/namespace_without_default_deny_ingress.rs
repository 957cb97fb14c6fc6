use palisade_estate::kubernetes::PolicyType;

use super::default_deny::{EXEMPT_NAMESPACES, judge};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NP004",
    name: "namespace-without-default-deny-ingress",
    title: "the pods of every namespace take only the inbound traffic that a policy allows",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-1"),
        Framework::CisAks.id("4.4.2"),
        Framework::Checkov.id("CKV2_K8S_6"),
        Framework::Kubescape.id("C-0030"),
        Framework::Kubescape.id("C-0049"),
        Framework::Kubescape.id("C-0054"),
        Framework::Kubescape.id("C-0206"),
    ],
    parameters: &[&EXEMPT_NAMESPACES],
    page: include_str!("namespace_without_default_deny_ingress.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    judge(context, PolicyType::Ingress, findings);
}
