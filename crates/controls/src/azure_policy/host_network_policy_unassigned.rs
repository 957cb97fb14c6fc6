use super::assigned_definition::{LEAST_EFFECT, Wanted, judge_clusters};
use super::builtin_initiatives::HOST_NETWORK;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "AP006",
    name: "host-network-policy-unassigned",
    title: "Azure Policy watches which pods use the network and ports of their node",
    recommendation: Recommendation::AzurePolicy,
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    equivalents: &[
        Framework::AzurePolicy.id("82985f06-dc18-4a48-bc1c-b9f4f0098cfe"),
        Framework::Mcsb.id("PV-2"),
        Framework::CisAks.id("4.2.4"),
    ],
    parameters: &[&LEAST_EFFECT],
    page: include_str!("host_network_policy_unassigned.md"),
    check,
};

const WANTED: Wanted = Wanted {
    id: HOST_NETWORK,
    name: "Kubernetes cluster pods should only use approved host network and port list",
    parameters: "",
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    judge_clusters(context, &WANTED, findings);
}
