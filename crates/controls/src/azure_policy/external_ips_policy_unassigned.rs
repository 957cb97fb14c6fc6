use super::assigned_definition::{LEAST_EFFECT, Wanted, judge_clusters};
use super::builtin_initiatives::EXTERNAL_IPS;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "AP005",
    name: "external-ips-policy-unassigned",
    title: "Azure Policy watches which external addresses Services take",
    recommendation: Recommendation::AzurePolicy,
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    equivalents: &[
        Framework::AzurePolicy.id("d46c275d-1680-448d-b2ec-e495a3b6cc89"),
        Framework::Mcsb.id("PV-2"),
        Framework::Kubescape.id("C-0115"),
    ],
    parameters: &[&LEAST_EFFECT],
    page: include_str!("external_ips_policy_unassigned.md"),
    check,
};

const WANTED: Wanted = Wanted {
    id: EXTERNAL_IPS,
    name: "Kubernetes cluster services should only use allowed external IPs",
    parameters: "",
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    judge_clusters(context, &WANTED, findings);
}
