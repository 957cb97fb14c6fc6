use palisade_estate::Unknown;
use palisade_estate::azure::{NetworkSecurityGroup, VirtualNetwork};

use crate::usage::user_of;

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

/// Where Azure names what uses a group, and what else may name it.
const NAMED_IN: [&str; 2] = ["subnets", "networkInterfaces"];
const USERS: [&str; 4] = [
    "microsoft.network/virtualnetworks",
    "microsoft.network/virtualnetworks/subnets",
    "microsoft.network/networkinterfaces",
    "microsoft.compute/virtualmachinescalesets",
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<NetworkSecurityGroup<'_>>(),
        |group, findings| judge(context, group, findings),
    );
}

fn judge(
    context: &Context<'_>,
    group: &NetworkSecurityGroup<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    if let Some(user) = user_of(group, &NAMED_IN, &USERS)? {
        findings
            .pass(**group, format!("`{}` uses the group", user.name))
            .at(user.at, "");
        return Ok(());
    }
    let coverage = context.estate.coverage::<VirtualNetwork<'_>>(group.id());
    let message = "no subnet and no network interface uses the group";
    findings
        .missing(**group, coverage, message, "az network vnet list")
        .help(format!(
            "use it, or az network nsg delete --ids {}",
            group.id()
        ));
    Ok(())
}
