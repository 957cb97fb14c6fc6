use palisade_estate::azure::ApiManagementService;
use palisade_estate::{Field, Unknown};

use super::tls_switch::{how_to_switch_off, is_on_by_default, switch};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "GW003",
    name: "api-management-weak-protocol",
    title: "the API gateway speaks TLS 1.2 or newer with clients and backends",
    recommendation: Recommendation::ApiGateway,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-8"),
        Framework::Psrule.id("Azure.APIM.Protocols"),
        Framework::Checkov.id("CKV_AZURE_173"),
        Framework::Azqr.id("apim-009"),
        Framework::Cnspec.id("api-management-gateway-min-tls-1-2"),
        Framework::Cnspec.id("api-management-weak-protocols-disabled"),
    ],
    parameters: &[],
    page: include_str!("api_management_weak_protocol.md"),
    check,
};

/// The switches of old versions, and what each lets happen.
const SWITCHES: [(&str, &str); 6] = [
    ("Protocols.Ssl30", "SSL 3.0 from clients"),
    ("Protocols.Tls10", "TLS 1.0 from clients"),
    ("Protocols.Tls11", "TLS 1.1 from clients"),
    ("Backend.Protocols.Ssl30", "SSL 3.0 to backends"),
    ("Backend.Protocols.Tls10", "TLS 1.0 to backends"),
    ("Backend.Protocols.Tls11", "TLS 1.1 to backends"),
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ApiManagementService<'_>>(), judge);
}

fn judge(service: &ApiManagementService<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let (mut given, mut by_default, mut place) = (Vec::new(), Vec::new(), None);
    for (name, meaning) in SWITCHES {
        match switch(service, name) {
            Field::Present(true, at) => {
                given.push(meaning);
                place = place.or(Some(at));
            }
            Field::Present(false, _) => {}
            Field::Absent(_) => by_default.push(meaning),
            Field::Unknown(unknown) => return Err(unknown),
        }
    }
    // What is switched on decides; the default matters only if nothing is.
    if given.is_empty() && !by_default.is_empty() && is_on_by_default(service)? {
        let message = format!(
            "on by default, the service being from before April 2018: {}",
            by_default.join(", ")
        );
        findings
            .fail(**service, message)
            .help(how_to_switch_off("Protocols.Tls10"));
        return Ok(());
    }
    match place {
        Some(at) => {
            findings
                .fail(**service, format!("switched on: {}", given.join(", ")))
                .at(at, "an old version is on")
                .help(how_to_switch_off("Protocols.Tls10"));
        }
        None => {
            findings.pass(**service, "the versions before TLS 1.2 are off");
        }
    }
    Ok(())
}
