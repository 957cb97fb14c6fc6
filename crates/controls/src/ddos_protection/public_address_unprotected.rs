use palisade_estate::Unknown;
use palisade_estate::azure::PublicIpAddress;

use super::protection::{Gap, Protection, protection};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "DD002",
    name: "public-address-unprotected",
    title: "each public address is guarded by DDoS Network Protection or IP Protection",
    recommendation: Recommendation::DdosProtection,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("a7aca53f-2ed4-4466-a25e-0b45ade68efd"),
        Framework::Mcsb.id("NS-5"),
        Framework::Azqr.id("c4254c66-b8a5-47aa-82f6-e7d7fb418f47"),
        Framework::Cnspec.id("public-ip-ddos-protection"),
    ],
    parameters: &[],
    page: include_str!("public_address_unprotected.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<PublicIpAddress<'_>>(),
        |address, findings| judge(context, address, findings),
    );
}

fn judge<'e>(
    context: &Context<'e>,
    address: &PublicIpAddress<'e>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    match protection(context, address)? {
        Protection::Unattached => {
            findings.not_applicable(**address, "the address is attached to nothing");
        }
        Protection::NatGateway(gateway) => {
            let message = format!(
                "the NAT gateway `{}` uses the address, see DD003",
                gateway.name()
            );
            findings.not_applicable(**address, message);
        }
        Protection::Address(at) => {
            findings
                .pass(
                    **address,
                    "protectionMode is Enabled: DDoS IP Protection guards the address",
                )
                .at(at, "");
        }
        Protection::Network(network) => {
            findings
                .pass(
                    **address,
                    format!("the plan of `{}` guards the address", network.name()),
                )
                .related(network.anchor(), "the protected network");
        }
        Protection::Nothing(gap) => unprotected(address, gap, findings),
    }
    Ok(())
}

fn unprotected(address: &PublicIpAddress<'_>, gap: Gap<'_>, findings: &mut Findings) {
    let finding = findings.fail(**address, gap.message);
    finding.at(gap.at, "").help(match gap.network {
        Some(network) => format!(
            "az network vnet update --ids {} --ddos-protection true --ddos-protection-plan PLAN_ID",
            network.id()
        ),
        None => format!(
            "az network public-ip update --ids {} --ddos-protection-mode Enabled",
            address.id()
        ),
    });
    if let Some(network) = gap.network {
        finding.related(network.anchor(), "the network it inherits from");
    }
}
