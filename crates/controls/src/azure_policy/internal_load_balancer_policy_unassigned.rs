use super::assigned_definition::{LEAST_EFFECT, Wanted, judge_clusters};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "AP016",
    name: "internal-load-balancer-policy-unassigned",
    title: "Azure Policy watches that load balancers of clusters are internal",
    recommendation: Recommendation::AzurePolicy,
    severity: Severity::Low,
    confidence: Confidence::Medium,
    equivalents: &[
        Framework::AzurePolicy.id("3fc4dc25-5baf-40d8-9b05-7fe74c1bc64e"),
        Framework::Mcsb.id("PV-2"),
    ],
    parameters: &[&LEAST_EFFECT],
    page: include_str!("internal_load_balancer_policy_unassigned.md"),
    check,
};

const WANTED: Wanted = Wanted {
    id: "3fc4dc25-5baf-40d8-9b05-7fe74c1bc64e",
    name: "Kubernetes clusters should use internal load balancers",
    parameters: "",
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    judge_clusters(context, &WANTED, findings);
}
