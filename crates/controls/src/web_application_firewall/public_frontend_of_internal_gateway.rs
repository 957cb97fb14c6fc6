use palisade_document::Value;
use palisade_estate::azure::ApplicationGateway;
use palisade_estate::{Field, Settings, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF026",
    name: "public-frontend-of-internal-gateway",
    title: "a gateway without public listeners has no public frontend",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[Framework::Cnspec.id("application-gateway-no-public-frontend")],
    parameters: &[],
    page: include_str!("public_frontend_of_internal_gateway.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ApplicationGateway<'_>>(), judge);
}

fn judge(gateway: &ApplicationGateway<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let frontends = gateway.elements("frontendIPConfigurations")?;
    if frontends.is_empty() {
        return Err(Unknown::because(
            "the gateway's frontends are not in the input",
            format!("az network application-gateway show --ids {}", gateway.id()),
        ));
    }
    let Some(public) = public_frontend(&frontends)? else {
        findings.pass(**gateway, "no frontend has a public address");
        return Ok(());
    };
    let mut unclear = None;
    for listener in gateway.http_listeners()? {
        match listener.reference("frontendIPConfiguration") {
            Field::Present(frontend, at) if frontend.name().eq_ignore_ascii_case(public.name()) => {
                let message = format!("the listener `{}` is public", listener.name());
                findings.pass(**gateway, message).at(at, "");
                return Ok(());
            }
            Field::Present(..) => {}
            Field::Absent(at) => unclear = unclear.or(Some(without_frontend(at))),
            Field::Unknown(unknown) => unclear = unclear.or(Some(unknown)),
        }
    }
    if let Some(unknown) = unclear {
        return Err(unknown);
    }
    let message = format!(
        "the frontend `{}` is public and no listener uses it",
        public.name()
    );
    findings.fail(**gateway, message).at(public.anchor(), "").help(format!(
        "az network application-gateway frontend-ip delete --resource-group {} --gateway-name {} --name {}",
        gateway.id().resource_group().unwrap_or("GROUP"),
        gateway.name(),
        public.name()
    ));
    Ok(())
}

/// The first frontend with a public address; unknown if there is none and one may have it.
fn public_frontend<'e>(frontends: &[Settings<'e>]) -> Result<Option<Settings<'e>>, Unknown> {
    let mut unclear = None;
    for frontend in frontends {
        match frontend.reference("publicIPAddress") {
            Field::Present(..) => return Ok(Some(*frontend)),
            Field::Absent(_) => {}
            Field::Unknown(unknown) => unclear = unclear.or(Some(unknown)),
        }
    }
    unclear.map_or(Ok(None), Err)
}

fn without_frontend(at: Value<'_>) -> Unknown {
    Unknown::because(
        format!("the listener at {} names no frontend", at.position()),
        "az network application-gateway show --resource-group GROUP --name GATEWAY",
    )
}
