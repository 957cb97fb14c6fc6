use crate::defender_plan::judge_subscriptions;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "MON025",
    name: "defender-for-containers-off",
    title: "Defender for Containers watches the subscriptions that hold clusters",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("1c988dd6-ade4-430f-a608-2a3e5b0a6d38"),
        Framework::Mcsb.id("LT-1"),
        Framework::CisAzure.id("8.1.4.1"),
        Framework::Checkov.id("CKV_AZURE_85"),
        Framework::Prowler.id("defender_ensure_defender_for_containers_is_on"),
    ],
    parameters: &[],
    page: include_str!("defender_for_containers_off.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    judge_subscriptions(
        context,
        "Containers",
        &["microsoft.containerservice/managedclusters"],
        findings,
    );
}
