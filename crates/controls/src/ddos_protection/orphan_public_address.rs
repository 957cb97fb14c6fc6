use palisade_estate::Unknown;
use palisade_estate::azure::{LoadBalancer, PublicIpAddress};

use crate::usage::user_of;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "DD009",
    name: "orphan-public-address",
    title: "every public address is in use",
    recommendation: Recommendation::DdosProtection,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::CisAzure.id("7.7"),
        Framework::Psrule.id("Azure.PublicIP.IsAttached"),
        Framework::Azqr.id("5e6f7a8b-9c0d-1e2f-3a4b-5c6d7e8f9a0b"),
    ],
    parameters: &[],
    page: include_str!("orphan_public_address.md"),
    check,
};

/// Where Azure names what uses an address, and what else may name it.
const NAMED_IN: [&str; 2] = ["ipConfiguration", "natGateway"];
const USERS: [&str; 8] = [
    "microsoft.apimanagement/service",
    "microsoft.network/loadbalancers",
    "microsoft.network/applicationgateways",
    "microsoft.network/azurefirewalls",
    "microsoft.network/bastionhosts",
    "microsoft.network/natgateways",
    "microsoft.network/networkinterfaces",
    "microsoft.network/virtualnetworkgateways",
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<PublicIpAddress<'_>>(),
        |address, findings| judge(context, address, findings),
    );
}

fn judge(
    context: &Context<'_>,
    address: &PublicIpAddress<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    if let Some(user) = user_of(address, &NAMED_IN, &USERS)? {
        let message = format!("`{}` uses the address", user.name);
        findings.pass(**address, message).at(user.at, "");
        return Ok(());
    }
    let coverage = context.estate.coverage::<LoadBalancer<'_>>(address.id());
    findings
        .missing(
            **address,
            coverage,
            "nothing uses the address",
            "az network public-ip list",
        )
        .help(format!(
            "az network public-ip delete --ids {}",
            address.id()
        ));
    Ok(())
}
