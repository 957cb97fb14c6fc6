use palisade_estate::Unknown;
use palisade_estate::azure::ApiManagementService;

use crate::{Confidence, Context, Control, Finding, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "GW016",
    name: "client-certificate-not-asked",
    title: "the gateway asks its callers for certificates",
    recommendation: Recommendation::ApiGateway,
    severity: Severity::Info,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("IM-4"),
        Framework::Checkov.id("CKV_AZURE_152"),
    ],
    parameters: &[],
    page: include_str!("client_certificate_not_asked.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ApiManagementService<'_>>(), judge);
}

fn judge(service: &ApiManagementService<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let (tier, _) = service.tier().or_default("")?;
    if tier.eq_ignore_ascii_case("Consumption") {
        let (asks, at) = service.flag("enableClientCertificate").or_default(false)?;
        answer(service, asks, "enableClientCertificate", findings).at(at, "");
        return Ok(());
    }
    for host in service.elements("hostnameConfigurations")? {
        let (kind, _) = host.text("type").or_default("Proxy")?;
        let (asks, at) = host.flag("negotiateClientCertificate").or_default(false)?;
        if asks && kind.eq_ignore_ascii_case("Proxy") {
            let setting = "negotiateClientCertificate";
            answer(service, true, setting, findings).at(at, "");
            return Ok(());
        }
    }
    answer(service, false, "negotiateClientCertificate", findings);
    Ok(())
}

fn answer<'f>(
    service: &ApiManagementService<'_>,
    asks: bool,
    setting: &str,
    findings: &'f mut Findings,
) -> &'f mut Finding {
    if asks {
        return findings.pass(**service, format!("{setting} is true"));
    }
    let message = format!("{setting} isn't true, so callers are never asked for a certificate");
    findings
        .fail(**service, message)
        .help("set negotiateClientCertificate of the gateway's host name, and add validate-client-certificate to the policy")
}
