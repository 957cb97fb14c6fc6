use palisade_estate::azure::ManagedCluster;

use super::assigned_definition::{Wanted, judge_cluster};
use super::builtin_initiatives::AUTHORIZED_RANGES;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "AP002",
    name: "authorized-ranges-policy-unassigned",
    title: "Azure Policy watches that public API servers have authorised IP ranges",
    recommendation: Recommendation::AzurePolicy,
    severity: Severity::Low,
    confidence: Confidence::Medium,
    equivalents: &[
        Framework::AzurePolicy.id("0e246bcf-5f6f-4f87-bc6f-775d4712c7ea"),
        Framework::Mcsb.id("PV-2"),
    ],
    parameters: &[],
    page: include_str!("authorized_ranges_policy_unassigned.md"),
    check,
};

const WANTED: Wanted = Wanted {
    id: AUTHORIZED_RANGES,
    name: "Authorized IP ranges should be defined on Kubernetes Services",
    parameters: "",
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<ManagedCluster<'_>>(),
        |cluster, findings| {
            if let (true, at) = cluster.is_private().or_default(false)? {
                findings
                    .not_applicable(
                        **cluster,
                        "the cluster is private, and the definition tests public API servers only",
                    )
                    .at(at, "");
                return Ok(());
            }
            judge_cluster(context, cluster, &WANTED, findings)
        },
    );
}
