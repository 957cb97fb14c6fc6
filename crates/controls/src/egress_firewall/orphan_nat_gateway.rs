use palisade_estate::azure::{NatGateway, VirtualNetwork};

use crate::usage::Usage;

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

const USAGE: Usage = Usage {
    named_in: &["subnets"],
    users: &[
        "microsoft.network/virtualnetworks",
        "microsoft.network/virtualnetworks/subnets",
    ],
    called: "it",
    unused: "no subnet uses the NAT gateway",
    supply: "az network vnet list",
    mend: "use it, or az network nat gateway delete --ids",
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<NatGateway<'_>>(),
        |resource, findings| USAGE.judge::<VirtualNetwork<'_>>(resource, findings),
    );
}
