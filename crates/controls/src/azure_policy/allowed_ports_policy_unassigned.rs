use super::assigned_definition::{LEAST_EFFECT, Wanted, judge_clusters};
use super::builtin_initiatives::ALLOWED_PORTS;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "AP004",
    name: "allowed-ports-policy-unassigned",
    title: "Azure Policy watches which ports Services listen on",
    recommendation: Recommendation::AzurePolicy,
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    equivalents: &[
        Framework::AzurePolicy.id("233a2a17-77ca-4fb1-9b6b-69223d272a44"),
        Framework::Mcsb.id("PV-2"),
    ],
    parameters: &[&LEAST_EFFECT],
    page: include_str!("allowed_ports_policy_unassigned.md"),
    check,
};

const WANTED: Wanted = Wanted {
    id: ALLOWED_PORTS,
    name: "Kubernetes cluster services should listen only on allowed ports",
    parameters: " --params '{\"allowedServicePortsList\":{\"value\":[\"443\"]}}'",
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    judge_clusters(context, &WANTED, findings);
}
