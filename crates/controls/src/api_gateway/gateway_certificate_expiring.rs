use jiff::civil::Date;
use palisade_estate::azure::ApiManagementService;
use palisade_estate::{Field, Settings, Unknown};

use crate::{
    Confidence, Context, Control, Domain, Findings, Framework, Parameter, Recommendation, Severity,
    Subject, Weaker,
};

pub(super) static CONTROL: Control = Control {
    code: "GW018",
    name: "gateway-certificate-expiring",
    title: "the certificates of the gateway's host names are valid for a month more",
    recommendation: Recommendation::ApiGateway,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("DP-7"),
        Framework::Psrule.id("Azure.APIM.CertificateExpiry"),
        Framework::Azqr.id("apim-011"),
    ],
    parameters: &[&NOTICE_DAYS],
    page: include_str!("gateway_certificate_expiring.md"),
    check,
};

static NOTICE_DAYS: Parameter = Parameter {
    name: "notice-days",
    meaning: "how many days before its end a certificate should have been renewed",
    domain: Domain::Number {
        default: 30,
        least: 0,
        most: 365,
    },
    weaker: Weaker::Less,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for service in context.estate.all::<ApiManagementService<'_>>() {
        let hosts = match service.elements("hostnameConfigurations") {
            Ok(hosts) => hosts,
            Err(unknown) => {
                findings.unknown(*service, unknown);
                continue;
            }
        };
        for host in hosts {
            let name = host.text("hostName").present().unwrap_or_default();
            let subject = Subject::from(*service).part(name);
            if let Err(unknown) = judge(context, &host, subject.clone(), findings) {
                findings.unknown(subject, unknown).at(host.anchor(), "");
            }
        }
    }
}

fn judge(
    context: &Context<'_>,
    host: &Settings<'_>,
    subject: Subject,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let (source, _) = host.text("certificateSource").or_default("")?;
    if ["BuiltIn", "Managed"]
        .iter()
        .any(|own| own.eq_ignore_ascii_case(source))
    {
        findings.not_applicable(subject, "Azure renews the certificate");
        return Ok(());
    }
    let (text, at) = match host.text("certificate.expiry") {
        Field::Present(text, at) => (text, at),
        Field::Unknown(unknown) => return Err(unknown),
        Field::Absent(_) => return Err(unread("the certificate's expiry is not in the input")),
    };
    let end = text.get(..10).and_then(|day| day.parse::<Date>().ok());
    let end = end.ok_or_else(|| unread("the certificate's expiry is not a date"))?;
    let left = i64::from((end - context.today).get_days());
    if left > context.number(&NOTICE_DAYS) {
        let message = format!("the certificate is valid until {end}");
        findings.pass(subject, message).at(at, "");
        return Ok(());
    }
    let verb = if left < 0 { "expired" } else { "expires" };
    let finding = findings.fail(subject, format!("the certificate {verb} on {end}"));
    finding
        .at(at, "")
        .help("renew it in the key vault, or upload the new one");
    if left < 0 {
        finding.severity(Severity::High);
    }
    Ok(())
}

fn unread(cause: &str) -> Unknown {
    Unknown::because(cause, "az apim show --resource-group GROUP --name SERVICE")
}
