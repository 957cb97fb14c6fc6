use super::activity_alert::{Watch, watch};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "MON007",
    name: "route-change-not-alerted",
    title: "somebody is told when a route table or a route changes",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[Framework::Azqr.id("23b2dfc7-7e5d-9443-9f62-980ca621b561")],
    parameters: &[],
    page: include_str!("route_change_not_alerted.md"),
    check,
};

const WATCH: Watch = Watch {
    name: "routes",
    types: &[
        "microsoft.network/routetables",
        "microsoft.network/virtualnetworks",
        "microsoft.containerservice/managedclusters",
    ],
    operations: &[
        "Microsoft.Network/routeTables/write",
        "Microsoft.Network/routeTables/delete",
        "Microsoft.Network/routeTables/routes/write",
        "Microsoft.Network/routeTables/routes/delete",
    ],
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    watch(context, &WATCH, findings);
}
