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
    let Some(public) = frontends.iter().find(|frontend| is_public(frontend)) else {
        if frontends.is_empty() {
            return Err(Unknown::because(
                "the gateway's frontends are not in the input",
                format!("az network application-gateway show --ids {}", gateway.id()),
            ));
        }
        findings.pass(**gateway, "no frontend has a public address");
        return Ok(());
    };
    for listener in gateway.http_listeners()? {
        if let Field::Present(frontend, at) = listener.reference("frontendIPConfiguration")
            && frontend.name().eq_ignore_ascii_case(public.name())
        {
            let message = format!("the listener `{}` is public", listener.name());
            findings.pass(**gateway, message).at(at, "");
            return Ok(());
        }
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

fn is_public(frontend: &Settings<'_>) -> bool {
    matches!(frontend.reference("publicIPAddress"), Field::Present(..))
}
