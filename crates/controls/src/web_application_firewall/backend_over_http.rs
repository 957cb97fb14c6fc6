use palisade_estate::azure::ApplicationGateway;
use palisade_estate::{Field, Settings, Unknown};

use super::gateway_part::{self, names};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF022",
    name: "backend-over-http",
    title: "gateways speak HTTPS to their backends and check their certificates",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[Framework::Mcsb.id("DP-3")],
    parameters: &[],
    page: include_str!("backend_over_http.md"),
    check,
};

/// The checks of a backend's certificate that can be turned off, with what is then accepted.
/// Both are on where nothing is said.
const CHECKS: [(&str, &str); 2] = [
    (
        "validateCertChainAndExpiry",
        "any certificate, by whomever and however old",
    ),
    ("validateSNI", "a certificate for any name"),
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<ApplicationGateway<'_>>(),
        |gateway, findings| {
            for settings in gateway.backend_http_settings()? {
                if let Err(unknown) = judge(gateway, &settings, findings) {
                    findings
                        .unknown(gateway_part::subject(**gateway, &settings), unknown)
                        .at(settings.anchor(), "");
                }
            }
            Ok(())
        },
    );
}

fn judge(
    gateway: &ApplicationGateway<'_>,
    settings: &Settings<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let subject = gateway_part::subject(**gateway, settings);
    if !is_used(gateway, settings.name())? {
        findings
            .not_applicable(subject, "no routing rule uses the settings")
            .at(settings.anchor(), "");
        return Ok(());
    }
    let (protocol, at) = match settings.text("protocol") {
        Field::Present(protocol, at) => (protocol, at),
        Field::Absent(_) => {
            return Err(Unknown::because(
                "the settings name no protocol",
                "correct the settings",
            ));
        }
        Field::Unknown(unknown) => return Err(unknown),
    };
    if !protocol.eq_ignore_ascii_case("Https") {
        findings
            .fail(
                subject,
                format!("the gateway speaks {protocol} to the backend, unencrypted"),
            )
            .at(at, "")
            .help(command(gateway, settings, "--protocol Https --port 443"));
        return Ok(());
    }
    for (setting, accepted) in CHECKS {
        let (is_on, at) = settings.flag(setting).or_default(true)?;
        if !is_on {
            findings
                .fail(
                    subject,
                    format!("{setting} is false, so the gateway accepts {accepted}"),
                )
                .at(at, "")
                .help(command(gateway, settings, &format!("--set {setting}=true")));
            return Ok(());
        }
    }
    findings
        .pass(subject, "the gateway speaks HTTPS to the backend")
        .at(at, "");
    Ok(())
}

/// Whether a routing rule, a map of paths or a path sends requests with the settings.
fn is_used(gateway: &ApplicationGateway<'_>, name: &str) -> Result<bool, Unknown> {
    for rule in gateway.request_routing_rules()? {
        if names(&rule, "backendHttpSettings", name)?
            || matches!(rule.reference("advancedRoutingMap"), Field::Present(..))
        {
            return Ok(true);
        }
    }
    for map in gateway.url_path_maps()? {
        if names(&map, "defaultBackendHttpSettings", name)? {
            return Ok(true);
        }
        for rule in map.elements("pathRules")? {
            if names(&rule, "backendHttpSettings", name)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn command(gateway: &ApplicationGateway<'_>, settings: &Settings<'_>, change: &str) -> String {
    format!(
        "az network application-gateway http-settings update --resource-group {} --gateway-name {} --name {} {change}",
        gateway.id().resource_group().unwrap_or_default(),
        gateway.name(),
        settings.name()
    )
}
