use palisade_document::Value;
use palisade_estate::Unknown;
use palisade_estate::kubernetes::{Ingress, IngressController, http_routes, ingresses};

use super::plain_http_route;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF019",
    name: "ingress-without-tls",
    title: "every Ingress and HTTPRoute is served over TLS",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("1a5b4dca-0b6f-4cf5-907c-56316bc1bf3d"),
        Framework::Mcsb.id("DP-3"),
        Framework::CisAks.id("5.4.5"),
        Framework::Kubescape.id("C-0245"),
        Framework::Kubescape.id("C-0263"),
    ],
    parameters: &[],
    page: include_str!("ingress_without_tls.md"),
    check,
};

/// Annotations by which a controller serves TLS though `spec.tls` says nothing.
const CERTIFICATE_ON_GATEWAY: &str = "appgw.ingress.kubernetes.io/appgw-ssl-certificate";
const TRAEFIK_TLS: &str = "traefik.ingress.kubernetes.io/router.tls";
const NGINX_REDIRECT: &str = "nginx.ingress.kubernetes.io/ssl-redirect";
const NGINX_FORCED_REDIRECT: &str = "nginx.ingress.kubernetes.io/force-ssl-redirect";

fn check(context: &Context<'_>, findings: &mut Findings) {
    for cluster in context.estate.clusters() {
        for ingress in ingresses(&cluster) {
            if let Err(unknown) = judge(&ingress, findings) {
                findings.unknown(*ingress, unknown);
            }
        }
        for route in http_routes(&cluster) {
            if let Err(unknown) = plain_http_route::judge(&route, findings) {
                findings.unknown(*route, unknown);
            }
        }
    }
}

fn judge(ingress: &Ingress<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let bare: Vec<_> = ingress
        .hosts()
        .into_iter()
        .filter(|host| !ingress.tls_covers(host))
        .collect();
    if bare.is_empty() {
        return http_beside_tls(ingress, findings);
    }
    let controller = ingress.controller();
    if let Some(at) = certificate_of_controller(ingress, &controller)? {
        let message = format!("the gateway's certificate {} serves it", at.scalar());
        findings.pass(**ingress, message).at(at, "");
        return Ok(());
    }
    let finding = findings.fail(
        **ingress,
        format!(
            "{} served over plain HTTP: no entry of spec.tls covers it",
            name_all(&bare)
        ),
    );
    finding.help(format!(
        "kubectl patch ingress {} --namespace {} --type merge --patch '{{\"spec\":{{\"tls\":[{{\"hosts\":[\"{}\"],\"secretName\":\"SECRET\"}}]}}}}'",
        ingress.name(),
        ingress.namespace().unwrap_or("default"),
        bare.iter().find(|host| !host.is_empty()).unwrap_or(&"HOST"),
    ));
    let is_known = matches!(
        controller,
        Ok(IngressController::ApplicationGateway
            | IngressController::IngressNginx
            | IngressController::ApplicationRouting)
    );
    if !is_known {
        finding.confidence(Confidence::Medium);
    }
    Ok(())
}

/// The annotation that names a certificate in place of `spec.tls`. What a controller adds to that
/// depends on which one it is.
fn certificate_of_controller<'e>(
    ingress: &Ingress<'e>,
    controller: &Result<IngressController<'_>, Unknown>,
) -> Result<Option<Value<'e>>, Unknown> {
    let cause = match controller {
        Ok(IngressController::ApplicationGateway) => {
            return Ok(ingress.annotation(CERTIFICATE_ON_GATEWAY));
        }
        _ if is_set(ingress, TRAEFIK_TLS) => {
            "Traefik serves it over TLS, with whichever certificate the controller has"
        }
        _ if is_set(ingress, NGINX_FORCED_REDIRECT) => {
            "NGINX redirects it to HTTPS, with whichever certificate the controller or a proxy before it has"
        }
        _ => return Ok(None),
    };
    Err(Unknown::because(
        cause,
        "spec.tls with the hosts and their certificate",
    ))
}

/// TLS is there. NGINX then redirects plain HTTP unless told not to; the Application Gateway
/// Ingress Controller opens no listener for it.
fn http_beside_tls(ingress: &Ingress<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let kept_open = ingress
        .annotation(NGINX_REDIRECT)
        .filter(|value| value.scalar() == "false" && !is_set(ingress, NGINX_FORCED_REDIRECT));
    match (kept_open, ingress.controller()) {
        (None, _) => {
            let message = "spec.tls covers each of its hosts";
            findings.pass(**ingress, message);
        }
        (Some(at), Ok(IngressController::IngressNginx | IngressController::ApplicationRouting)) => {
            findings
                .fail(
                    **ingress,
                    "plain HTTP is served beside HTTPS: ssl-redirect is false",
                )
                .at(at, "")
                .help(format!(
                    "kubectl annotate ingress {} --namespace {} {NGINX_REDIRECT}-",
                    ingress.name(),
                    ingress.namespace().unwrap_or("default")
                ));
        }
        (Some(_), Ok(_)) => {
            findings.pass(**ingress, "spec.tls covers each of its hosts");
        }
        (Some(_), Err(unknown)) => return Err(unknown),
    }
    Ok(())
}

fn is_set(ingress: &Ingress<'_>, annotation: &str) -> bool {
    ingress
        .annotation(annotation)
        .is_some_and(|value| value.scalar() == "true")
}

fn name_all(hosts: &[&str]) -> String {
    let named: Vec<_> = hosts
        .iter()
        .map(|host| if host.is_empty() { "any host" } else { host })
        .collect();
    let verb = if named.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", named.join(", "))
}
