use palisade_estate::azure::ApplicationGateway;
use palisade_estate::{Settings, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF031",
    name: "gateway-without-backends",
    title: "a gateway leads to backends",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[Framework::Azqr.id("2f3a4b5c-6d7e-8f9a-0b1c-2d3e4f5a6b7c")],
    parameters: &[],
    page: include_str!("gateway_without_backends.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ApplicationGateway<'_>>(), judge);
}

fn judge(gateway: &ApplicationGateway<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let pools = gateway.elements("backendAddressPools")?;
    if pools.is_empty() {
        return Err(Unknown::because(
            "the gateway's backend pools are not in the input",
            format!("az network application-gateway show --ids {}", gateway.id()),
        ));
    }
    for pool in &pools {
        if has_target(pool)? {
            let message = format!("the pool `{}` has backends", pool.name());
            findings.pass(**gateway, message).at(pool.anchor(), "");
            return Ok(());
        }
    }
    let message = "no backend pool has an address, so the gateway leads nowhere";
    findings.fail(**gateway, message).help(format!(
        "az network application-gateway delete --ids {}, or give a pool its backends",
        gateway.id()
    ));
    Ok(())
}

fn has_target(pool: &Settings<'_>) -> Result<bool, Unknown> {
    let addresses = pool.elements("backendAddresses")?;
    Ok(!addresses.is_empty() || !pool.elements("backendIPConfigurations")?.is_empty())
}
