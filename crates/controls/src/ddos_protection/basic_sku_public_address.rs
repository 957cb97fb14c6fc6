use jiff::civil::{Date, date};
use palisade_estate::azure::PublicIpAddress;
use palisade_estate::{Field, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "DD004",
    name: "basic-sku-public-address",
    title: "no public address is of the retired Basic SKU",
    recommendation: Recommendation::DdosProtection,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::CisAzure.id("6.1.5"),
        Framework::Psrule.id("Azure.PublicIP.StandardSKU"),
        Framework::Azqr.id("5cea1501-6fe4-4ec4-ac8f-f72320eb18d3"),
    ],
    parameters: &[],
    page: include_str!("basic_sku_public_address.md"),
    check,
};

/// When Azure retired the Basic SKU.
const RETIREMENT: Date = date(2025, 9, 30);

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<PublicIpAddress<'_>>(),
        |address, findings| judge(context.today, address, findings),
    );
}

fn judge(
    today: Date,
    address: &PublicIpAddress<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    match address.sku() {
        Field::Present(sku, at) if sku.eq_ignore_ascii_case("basic") => {
            let retires = if today < RETIREMENT {
                "retires"
            } else {
                "was retired"
            };
            findings
                .fail(
                    **address,
                    format!(
                        "the SKU is Basic, which {retires} on {RETIREMENT} and has no \
                         IP Protection"
                    ),
                )
                .at(at, "")
                .help(format!(
                    "detach the address, make it static, then az network public-ip update \
                     --ids {} --sku Standard",
                    address.id()
                ));
            Ok(())
        }
        Field::Present(sku, at) => {
            findings
                .pass(**address, format!("the SKU is {sku}"))
                .at(at, "");
            Ok(())
        }
        Field::Unknown(unknown) => Err(unknown),
        Field::Absent(_) => Err(Unknown::because(
            "the address's body names no SKU",
            format!("az network public-ip show --ids {}", address.id()),
        )),
    }
}
