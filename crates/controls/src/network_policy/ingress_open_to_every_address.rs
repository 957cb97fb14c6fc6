use palisade_estate::kubernetes::PolicyType;

use super::open_address::judge;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NP008",
    name: "ingress-open-to-every-address",
    title: "no ingress rule of a network policy allows every address",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    equivalents: &[Framework::Trivy.id("KUBE-0001")],
    parameters: &[],
    page: include_str!("ingress_open_to_every_address.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    judge(context, PolicyType::Ingress, |_| false, findings);
}
