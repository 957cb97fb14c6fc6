use super::activity_alert::{Watch, watch};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "MON005",
    name: "public-address-change-not-alerted",
    title: "somebody is told when a public IP address appears, changes or goes",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::CisAzure.id("6.1.2.9"),
        Framework::CisAzure.id("6.1.2.10"),
    ],
    parameters: &[],
    page: include_str!("public_address_change_not_alerted.md"),
    check,
};

const WATCH: Watch = Watch {
    name: "public IP addresses",
    types: &[
        "microsoft.network/publicipaddresses",
        "microsoft.network/virtualnetworks",
        "microsoft.containerservice/managedclusters",
    ],
    operations: &[
        "Microsoft.Network/publicIPAddresses/write",
        "Microsoft.Network/publicIPAddresses/delete",
    ],
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    watch(context, &WATCH, findings);
}
