use palisade_estate::azure::{Api, ApiBackend};
use palisade_estate::{Field, Resource, Unknown};

use super::policy_chain::PolicyChain;
use super::policy_document::{PolicyDocument, all_documents};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "GW007",
    name: "backend-without-tls",
    title: "the gateway calls backends over TLS and checks their certificates",
    recommendation: Recommendation::ApiGateway,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("92bb331d-ac71-416a-8c91-02f2cb734ce4"),
        Framework::Mcsb.id("DP-3"),
        Framework::Psrule.id("Azure.APIM.HTTPBackend"),
        Framework::Checkov.id("CKV_AZURE_215"),
    ],
    parameters: &[],
    page: include_str!("backend_without_tls.md"),
    check,
};

/// How an address says that it is called.
enum Scheme {
    Encrypted,
    Clear,
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ApiBackend<'_>>(), judge_backend);
    findings.each(context.estate.all::<Api<'_>>(), judge_api);
    for policy in all_documents(context.estate) {
        if let Err(unknown) = judge_policy(policy, findings) {
            findings.unknown(policy, unknown);
        }
    }
}

fn judge_backend(backend: &ApiBackend<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    if backend.is_pool() {
        findings.not_applicable(
            **backend,
            "a pool of other backends, each judged on its own",
        );
        return Ok(());
    }
    let (url, at) = backend.url().or_default("")?;
    if let Scheme::Clear = scheme(url)? {
        findings
            .fail(
                **backend,
                format!("the backend is called at {url}, without encryption"),
            )
            .at(at, "in the clear");
        return Ok(());
    }
    let checks = [
        (
            backend.validates_certificate_chain(),
            "who issued it (validateCertificateChain)",
        ),
        (
            backend.validates_certificate_name(),
            "for which name (validateCertificateName)",
        ),
    ];
    let mut skipped = Vec::new();
    for (check, what) in checks {
        if let (false, at) = check.or_default(true)? {
            skipped.push((what, at));
        }
    }
    if let Some((_, at)) = skipped.first() {
        let what: Vec<_> = skipped.iter().map(|(what, _)| *what).collect();
        findings
            .fail(
                **backend,
                format!(
                    "the backend's certificate is taken without a look at {}",
                    what.join(" and ")
                ),
            )
            .at(*at, "the backend can be impersonated");
        return Ok(());
    }
    findings
        .pass(
            **backend,
            "the backend is called over TLS and its certificate is checked",
        )
        .at(at, "");
    Ok(())
}

fn judge_api(api: &Api<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let (url, at) = match api.service_url() {
        Field::Present(url, at) => (url, at),
        Field::Absent(_) => return Ok(()),
        Field::Unknown(unknown) => return Err(unknown),
    };
    match scheme(url)? {
        Scheme::Encrypted => {
            findings
                .pass(**api, "the API's backend is called over TLS")
                .at(at, "");
        }
        Scheme::Clear => {
            let finding = findings.fail(
                **api,
                format!("the API's backend is called at {url}, without encryption"),
            );
            finding.at(at, "in the clear");
            let chain = PolicyChain::of(api);
            let chooser = chain
                .documents()
                .find(|document| document.first_of(&["set-backend-service"]).is_some());
            if let Some(document) = chooser {
                finding
                    .confidence(Confidence::Medium)
                    .related(document.at, "this policy may choose another backend");
            }
        }
    }
    Ok(())
}

/// A policy can give an address of its own. That a document can't be read is told by GW013.
fn judge_policy(policy: Resource<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let Ok(document) = PolicyDocument::read(policy) else {
        return Ok(());
    };
    let choices = document
        .elements()
        .filter(|element| element.name == "set-backend-service");
    let (mut is_encrypted, mut unclear) = (false, None);
    for url in choices.filter_map(|element| element.attribute("base-url")) {
        match scheme(url) {
            Ok(Scheme::Encrypted) => is_encrypted = true,
            Ok(Scheme::Clear) => {
                let message = format!("the policy calls {url}, without encryption");
                findings
                    .fail(policy, message)
                    .at(document.at, "set-backend-service in the clear");
                return Ok(());
            }
            Err(unknown) => unclear = Some(unknown),
        }
    }
    if let Some(unknown) = unclear {
        return Err(unknown);
    }
    if is_encrypted {
        findings
            .pass(policy, "the policy calls backends over TLS")
            .at(document.at, "");
    }
    Ok(())
}

fn scheme(url: &str) -> Result<Scheme, Unknown> {
    let scheme = url
        .split_once("://")
        .map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.as_deref() {
        Some("https" | "wss") => Ok(Scheme::Encrypted),
        Some("http" | "ws") => Ok(Scheme::Clear),
        _ => Err(Unknown::because(
            "the backend's address names neither http nor https",
            "the address that the gateway calls in the end",
        )),
    }
}
