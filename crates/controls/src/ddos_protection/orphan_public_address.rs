use palisade_estate::azure::{LoadBalancer, PublicIpAddress};

use crate::usage::Usage;

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

const USAGE: Usage = Usage {
    named_in: &["ipConfiguration", "natGateway"],
    users: &[
        "microsoft.apimanagement/service",
        "microsoft.network/loadbalancers",
        "microsoft.network/applicationgateways",
        "microsoft.network/azurefirewalls",
        "microsoft.network/bastionhosts",
        "microsoft.network/natgateways",
        "microsoft.network/networkinterfaces",
        "microsoft.network/virtualnetworkgateways",
    ],
    called: "the address",
    unused: "nothing uses the address",
    supply: "az network public-ip list",
    mend: "az network public-ip delete --ids",
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<PublicIpAddress<'_>>(),
        |resource, findings| USAGE.judge::<LoadBalancer<'_>>(resource, findings),
    );
}
