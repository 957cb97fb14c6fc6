use palisade_estate::kubernetes::PolicyType;

use super::isolation::judge_pods;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NP017",
    name: "pod-without-egress-policy",
    title: "every pod sends only the traffic that a policy allows",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-1"),
        Framework::CisAks.id("4.4.2"),
        Framework::Kubescape.id("C-0030"),
    ],
    parameters: &[],
    page: include_str!("pod_without_egress_policy.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    judge_pods(context, PolicyType::Egress, findings);
}
