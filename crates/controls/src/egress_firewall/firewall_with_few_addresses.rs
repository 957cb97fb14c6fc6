use std::collections::BTreeSet;

use palisade_estate::azure::{AzureFirewall, Subnet};
use palisade_estate::{Field, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "FW020",
    name: "firewall-with-few-addresses",
    title: "outbound connections through a firewall don't run out of ports",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Psrule.id("Azure.VNET.FirewallSubnetNAT"),
        Framework::Azqr.id("d2e4a38e-2307-4299-a217-4c0cebc9a7f6"),
    ],
    parameters: &[],
    page: include_str!("firewall_with_few_addresses.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<AzureFirewall<'_>>(),
        |firewall, findings| judge(context, firewall, findings),
    );
}

fn judge(
    context: &Context<'_>,
    firewall: &AzureFirewall<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    if firewall.is_in_virtual_hub() {
        let message = "Azure gives the firewall of a virtual hub its addresses";
        findings.not_applicable(**firewall, message);
        return Ok(());
    }
    let mut addresses = BTreeSet::new();
    let mut subnet = None;
    for configuration in firewall.elements("ipConfigurations")? {
        addresses.extend(configuration.reference("publicIPAddress").present());
        subnet = subnet.or(configuration.reference("subnet").present());
    }
    if addresses.len() > 1 {
        let message = format!("the firewall has {} public addresses", addresses.len());
        findings.pass(**firewall, message);
        return Ok(());
    }
    let Some(subnet) = subnet else {
        return Err(Unknown::because(
            "the firewall names no subnet, so whether a NAT gateway stands behind it isn't told",
            format!("az network firewall show --ids {}", firewall.id()),
        ));
    };
    match context.estate.require::<Subnet<'_>>(&subnet)?.nat_gateway() {
        Field::Present(gateway, at) => {
            let message = format!("the NAT gateway `{}` gives it ports", gateway.name());
            findings.pass(**firewall, message).at(at, "");
        }
        Field::Absent(_) => {
            let message = format!(
                "the firewall has {} public address and its subnet no NAT gateway",
                if addresses.is_empty() { "no" } else { "one" }
            );
            let group = firewall.id().resource_group().unwrap_or("GROUP");
            findings.fail(**firewall, message).help(format!(
                "az network firewall ip-config create --resource-group {group} --firewall-name {} --name second --public-ip-address ADDRESS",
                firewall.name()
            ));
        }
        Field::Unknown(unknown) => return Err(unknown),
    }
    Ok(())
}
