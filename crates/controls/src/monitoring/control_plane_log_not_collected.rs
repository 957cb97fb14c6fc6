use palisade_estate::Field;
use palisade_estate::azure::ManagedCluster;

use super::resource_log::{Log, report};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "MON001",
    name: "control-plane-log-not-collected",
    title: "the logs of the API server, its audit and the controllers are kept",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("245fc9df-fa96-4414-9a0b-3738c2f7341c"),
        Framework::AzurePolicy.id("6c66c325-74c8-42fd-a286-a74b0e2939d8"),
        Framework::Mcsb.id("LT-3"),
        Framework::CisAks.id("2.1.1"),
        Framework::CisAzure.id("6.1.4"),
        Framework::Psrule.id("Azure.AKS.AuditLogs"),
        Framework::Psrule.id("Azure.AKS.AuditAdmin"),
        Framework::Psrule.id("Azure.AKS.PlatformLogs"),
        Framework::Kubescape.id("C-0067"),
        Framework::Kubescape.id("C-0254"),
        Framework::Kics.id("aks_without_audit_logs"),
    ],
    parameters: &[],
    page: include_str!("control_plane_log_not_collected.md"),
    check,
};

/// The logs that must be kept. `kube-audit-admin` is the audit without reads. The scheduler's
/// and the autoscaler's say nothing about who did what.
const LOGS: [Log; 3] = [
    Log {
        name: "API server",
        categories: &["kube-apiserver"],
        groups: &[],
    },
    Log {
        name: "audit",
        categories: &["kube-audit", "kube-audit-admin"],
        groups: &["audit"],
    },
    Log {
        name: "controller manager",
        categories: &["kube-controller-manager"],
        groups: &[],
    },
];

/// Tells of the load balancers, addresses and routes that the cluster makes in Azure.
const CLOUD: Log = Log {
    name: "cloud controller manager",
    categories: &["cloud-controller-manager"],
    groups: &[],
};

/// Tells who signed in with Microsoft Entra ID.
const SIGN_IN: Log = Log {
    name: "sign-in",
    categories: &["guard"],
    groups: &[],
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for cluster in context.estate.all::<ManagedCluster<'_>>() {
        for log in &LOGS {
            report(context, &cluster, log, findings);
        }
        report(context, &cluster, &CLOUD, findings).severity(Severity::Low);
        if let Field::Present(..) = cluster.property("aadProfile") {
            report(context, &cluster, &SIGN_IN, findings).severity(Severity::Low);
        }
    }
}
