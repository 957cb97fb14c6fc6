use palisade_estate::kubernetes::PolicyType;

use super::isolation::judge_pods;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NP016",
    name: "pod-without-ingress-policy",
    title: "every pod takes only the traffic that a policy allows",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-1"),
        Framework::CisAks.id("4.4.2"),
        Framework::Checkov.id("CKV2_K8S_6"),
        Framework::Kubescape.id("C-0030"),
        Framework::Kubescape.id("C-0260"),
        Framework::KubeLinter.id("non-isolated-pod"),
    ],
    parameters: &[],
    page: include_str!("pod_without_ingress_policy.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    judge_pods(context, PolicyType::Ingress, findings);
}
