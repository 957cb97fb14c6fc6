use palisade_estate::Unknown;
use palisade_estate::azure::PublicIpAddress;

use super::attachment::{Attachment, attachment};
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "DD003",
    name: "nat-gateway-address-cannot-be-protected",
    title: "what leaves for the internet does so by an address that can be protected",
    recommendation: Recommendation::DdosProtection,
    severity: Severity::Info,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("nat_gateway_address_cannot_be_protected.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<PublicIpAddress<'_>>(), judge);
}

fn judge(address: &PublicIpAddress<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    match attachment(address)? {
        Attachment::Nothing => {
            findings.not_applicable(**address, "the address is attached to nothing");
        }
        Attachment::Resource(user, at) => {
            findings
                .pass(
                    **address,
                    format!("`{}` uses the address, which can be protected", user.name()),
                )
                .at(at, "");
        }
        Attachment::NatGateway(gateway, at) => {
            findings
                .fail(
                    **address,
                    format!(
                        "the NAT gateway `{}` uses the address, which no \
                         DDoS tier covers",
                        gateway.name()
                    ),
                )
                .at(at, "")
                .help(
                    "let packets leave by a firewall whose address is protected, or waive \
                     this with a reason",
                );
        }
    }
    Ok(())
}
