use palisade_estate::azure::{NetworkSecurityGroup, VirtualNetwork};

use crate::usage::Usage;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NP023",
    name: "orphan-network-security-group",
    title: "every network security group is in use",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-1"),
        Framework::Psrule.id("Azure.NSG.Associated"),
        Framework::Azqr.id("7a8b9c0d-1e2f-3a4b-5c6d-7e8f9a0b1c2d"),
    ],
    parameters: &[],
    page: include_str!("orphan_network_security_group.md"),
    check,
};

const USAGE: Usage = Usage {
    named_in: &["subnets", "networkInterfaces"],
    users: &[
        "microsoft.network/virtualnetworks",
        "microsoft.network/virtualnetworks/subnets",
        "microsoft.network/networkinterfaces",
        "microsoft.compute/virtualmachinescalesets",
    ],
    called: "the group",
    unused: "no subnet and no network interface uses the group",
    supply: "az network vnet list",
    mend: "use it, or az network nsg delete --ids",
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<NetworkSecurityGroup<'_>>(),
        |resource, findings| USAGE.judge::<VirtualNetwork<'_>>(resource, findings),
    );
}
