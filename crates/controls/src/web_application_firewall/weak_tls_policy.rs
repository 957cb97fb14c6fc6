use palisade_document::Value;
use palisade_estate::azure::ApplicationGateway;
use palisade_estate::{Field, Settings, Unknown};

use super::gateway_part;
use super::tls_policy::{self, Weakness};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity, Subject};

pub(super) static CONTROL: Control = Control {
    code: "WAF012",
    name: "weak-tls-policy",
    title: "gateways speak TLS 1.2 or later with forward secrecy",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-8"),
        Framework::CisAks.id("5.4.5"),
        Framework::CisAzure.id("7.12"),
        Framework::Psrule.id("Azure.AppGw.SSLPolicy"),
        Framework::Checkov.id("CKV_AZURE_218"),
        Framework::Cnspec.id("appgw-ssl-policy-tls12"),
    ],
    parameters: &[&tls_policy::MINIMUM_TLS],
    page: include_str!("weak_tls_policy.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let minimum = context.choice(&tls_policy::MINIMUM_TLS);
    findings.each(
        context.estate.all::<ApplicationGateway<'_>>(),
        |gateway, findings| judge(gateway, &minimum, findings),
    );
}

fn judge(
    gateway: &ApplicationGateway<'_>,
    minimum: &str,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let mut secure = Vec::new();
    for listener in gateway.http_listeners()? {
        let (protocol, _) = listener.text("protocol").or_default("")?;
        if !protocol.eq_ignore_ascii_case("Http") {
            secure.push(listener);
        }
    }
    if secure.is_empty() {
        findings.not_applicable(**gateway, "no listener takes HTTPS: see WAF011");
        return Ok(());
    }
    for listener in &secure {
        if let Err(unknown) = profile(gateway, listener, minimum, findings) {
            findings
                .unknown(gateway_part::subject(**gateway, listener), unknown)
                .at(listener.anchor(), "");
        }
    }
    let own = own_policy(gateway, minimum)?;
    answer(Subject::from(**gateway), gateway, own, findings);
    Ok(())
}

/// A TLS profile with a policy takes the place of the gateway's for the listeners that name it.
fn profile(
    gateway: &ApplicationGateway<'_>,
    listener: &Settings<'_>,
    minimum: &str,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let profile = match listener.reference("sslProfile") {
        Field::Present(id, _) => gateway_part::find(gateway.ssl_profiles()?, &id)?,
        Field::Absent(_) => return Ok(()),
        Field::Unknown(unknown) => return Err(unknown),
    };
    if let Some((policy, at)) = profile.property("sslPolicy").map(Settings::of).found() {
        let judged = tls_policy::weakness(&policy, minimum)?;
        let subject = gateway_part::subject(**gateway, listener);
        answer(subject, gateway, (judged, at), findings);
    }
    Ok(())
}

type Judged<'e> = (Result<String, Weakness>, Value<'e>);

/// The gateway's policy: the one it sets, else the default in force that Azure reports.
fn own_policy<'e>(gateway: &ApplicationGateway<'e>, minimum: &str) -> Result<Judged<'e>, Unknown> {
    if let Some((policy, at)) = gateway.ssl_policy().found() {
        return Ok((tls_policy::weakness(&policy, minimum)?, at));
    }
    match gateway.default_ssl_policy() {
        Field::Present(name, at) => Ok((tls_policy::of_predefined(name, minimum)?, at)),
        Field::Unknown(unknown) => Err(unknown),
        Field::Absent(_) => Err(Unknown::because(
            "no sslPolicy is set, and the default depends on the API version that the gateway was made with",
            format!(
                "az network application-gateway show --ids {} --query defaultPredefinedSslPolicy",
                gateway.id()
            ),
        )),
    }
}

fn answer(
    subject: Subject,
    gateway: &ApplicationGateway<'_>,
    (judged, at): Judged<'_>,
    findings: &mut Findings,
) {
    match judged {
        Ok(name) => {
            findings
                .pass(subject, format!("the TLS policy is {name}"))
                .at(at, "");
        }
        Err(weakness) => {
            findings
                .fail(subject, weakness.message)
                .at(at, "")
                .severity(weakness.severity)
                .help(format!(
                    "az network application-gateway ssl-policy set --resource-group {} --gateway-name {} --policy-type Predefined --name AppGwSslPolicy20220101S",
                    gateway.id().resource_group().unwrap_or_default(),
                    gateway.name()
                ));
        }
    }
}
