use palisade_estate::azure::ManagedCluster;

use super::activity_alert::{Event, Watch, judge, watch};
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity, Subject};

pub(super) static CONTROL: Control = Control {
    code: "MON009",
    name: "cluster-change-not-alerted",
    title: "somebody is told when a cluster is changed or deleted, or its admin credential is taken",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("cluster_change_not_alerted.md"),
    check,
};

const WATCH: Watch = Watch {
    name: "clusters",
    types: &["microsoft.containerservice/managedclusters"],
    operations: &[
        "Microsoft.ContainerService/managedClusters/write",
        "Microsoft.ContainerService/managedClusters/delete",
    ],
};

const TAKES_CREDENTIAL: &str =
    "Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action";

fn check(context: &Context<'_>, findings: &mut Findings) {
    watch(context, &WATCH, findings);
    for cluster in context.estate.all::<ManagedCluster<'_>>() {
        admin_credential(context, &cluster, findings);
    }
}

/// The admin credential is a certificate without a name: only the activity log says who took it.
fn admin_credential(context: &Context<'_>, cluster: &ManagedCluster<'_>, findings: &mut Findings) {
    let subject = Subject::from(**cluster).part("admin credential");
    match cluster.flag("disableLocalAccounts").or_default(false) {
        Ok((true, at)) => {
            let message = "disableLocalAccounts is true: there is no admin credential";
            findings.not_applicable(subject, message).at(at, "");
        }
        Ok((false, _)) => {
            let event = Event::operation(cluster.id(), TAKES_CREDENTIAL);
            judge(context, subject, cluster, &[event], findings).severity(Severity::Low);
        }
        Err(unknown) => {
            findings.unknown(subject, unknown);
        }
    }
}
