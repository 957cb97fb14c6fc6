use palisade_estate::azure::ApplicationGateway;
use palisade_estate::{Field, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF024",
    name: "gateway-with-one-instance",
    title: "a gateway has two instances at least",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Psrule.id("Azure.AppGw.MinInstance"),
        Framework::Azqr.id("823b0cff-05c0-2e4e-a1e7-9965e1cfa16f"),
    ],
    parameters: &[],
    page: include_str!("gateway_with_one_instance.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ApplicationGateway<'_>>(), judge);
}

fn judge(gateway: &ApplicationGateway<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let (count, at, what) = match gateway.number("autoscaleConfiguration.minCapacity") {
        Field::Present(count, at) => (count, at, "the least that it scales down to is"),
        Field::Unknown(unknown) => return Err(unknown),
        Field::Absent(_) => match gateway.number("sku.capacity") {
            Field::Present(count, at) => (count, at, "the fixed number is"),
            Field::Unknown(unknown) => return Err(unknown),
            Field::Absent(_) => {
                return Err(Unknown::because(
                    "neither autoscaleConfiguration nor sku.capacity is in the input",
                    format!("az network application-gateway show --ids {}", gateway.id()),
                ));
            }
        },
    };
    if count >= 2 {
        findings
            .pass(**gateway, format!("{what} {count}"))
            .at(at, "");
        return Ok(());
    }
    findings
        .fail(
            **gateway,
            format!("{what} {count}, so there may be one instance or none in reserve"),
        )
        .at(at, "")
        .help(format!(
            "az network application-gateway update --ids {} --min-capacity 2 --max-capacity 10",
            gateway.id()
        ));
    Ok(())
}
