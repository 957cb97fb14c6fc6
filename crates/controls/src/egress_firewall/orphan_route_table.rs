use palisade_estate::azure::{RouteTable, VirtualNetwork};

use crate::usage::Usage;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "FW015",
    name: "orphan-route-table",
    title: "every route table is in use",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[Framework::Azqr.id("8b9c0d1e-2f3a-4b5c-6d7e-8f9a0b1c2d3e")],
    parameters: &[],
    page: include_str!("orphan_route_table.md"),
    check,
};

const USAGE: Usage = Usage {
    named_in: &["subnets"],
    users: &[
        "microsoft.network/virtualnetworks",
        "microsoft.network/virtualnetworks/subnets",
    ],
    called: "it",
    unused: "no subnet uses the route table",
    supply: "az network vnet list",
    mend: "use it, or az network route-table delete --ids",
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<RouteTable<'_>>(),
        |resource, findings| USAGE.judge::<VirtualNetwork<'_>>(resource, findings),
    );
}
