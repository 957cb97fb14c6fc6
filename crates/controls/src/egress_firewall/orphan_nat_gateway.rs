use palisade_estate::Unknown;
use palisade_estate::azure::{NatGateway, VirtualNetwork};

use crate::usage::user_of;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "FW017",
    name: "orphan-nat-gateway",
    title: "every NAT gateway is in use",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[Framework::Azqr.id("5c6d7e8f-9a0b-1c2d-3e4f-5a6b7c8d9e0f")],
    parameters: &[],
    page: include_str!("orphan_nat_gateway.md"),
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
        context.estate.all::<NatGateway<'_>>(),
        |resource, findings| judge(context, resource, findings),
    );
}

fn judge(
    context: &Context<'_>,
    resource: &NatGateway<'_>,
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
            "no subnet uses the NAT gateway",
            "az network vnet list",
        )
        .help(format!(
            "use it, or az network nat gateway delete --ids {}",
            resource.id()
        ));
    Ok(())
}
