use super::assigned_definition::{LEAST_EFFECT, Wanted, judge_clusters};
use super::builtin_initiatives::HTTPS_INGRESS;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "AP003",
    name: "https-ingress-policy-unassigned",
    title: "Azure Policy watches that ingresses answer over HTTPS only",
    recommendation: Recommendation::AzurePolicy,
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    equivalents: &[
        Framework::AzurePolicy.id("1a5b4dca-0b6f-4cf5-907c-56316bc1bf3d"),
        Framework::Mcsb.id("DP-3"),
    ],
    parameters: &[&LEAST_EFFECT],
    page: include_str!("https_ingress_policy_unassigned.md"),
    check,
};

const WANTED: Wanted = Wanted {
    id: HTTPS_INGRESS,
    name: "Kubernetes clusters should be accessible only over HTTPS",
    parameters: "",
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    judge_clusters(context, &WANTED, findings);
}
