use palisade_estate::Unknown;
use palisade_estate::azure::{RouteTable, VirtualNetwork};

use crate::usage::user_of;

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

/// Where Azure names what uses it, and what else may name it.
const NAMED_IN: [&str; 1] = ["subnets"];
const USERS: [&str; 2] = [
    "microsoft.network/virtualnetworks",
    "microsoft.network/virtualnetworks/subnets",
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<RouteTable<'_>>(),
        |resource, findings| judge(context, resource, findings),
    );
}

fn judge(
    context: &Context<'_>,
    resource: &RouteTable<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    if let Some(user) = user_of(resource, &NAMED_IN, &USERS)? {
        findings
            .pass(**resource, format!("`{}` uses it", user.name))
            .at(user.at, "");
        return Ok(());
    }
    let coverage = context.estate.coverage::<VirtualNetwork<'_>>(resource.id());
    findings
        .missing(
            **resource,
            coverage,
            "no subnet uses the route table",
            "az network vnet list",
        )
        .help(format!(
            "use it, or az network route-table delete --ids {}",
            resource.id()
        ));
    Ok(())
}
