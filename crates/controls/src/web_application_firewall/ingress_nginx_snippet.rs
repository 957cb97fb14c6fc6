use palisade_document::Value;
use palisade_estate::kubernetes::{Ingress, IngressController, ingresses};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF028",
    name: "ingress-nginx-snippet",
    title: "no Ingress writes configuration of the controller",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Checkov.id("CKV_K8S_152"),
        Framework::Checkov.id("CKV_K8S_153"),
        Framework::Checkov.id("CKV_K8S_154"),
        Framework::Kubescape.id("C-0059"),
    ],
    parameters: &[],
    page: include_str!("ingress_nginx_snippet.md"),
    check,
};

/// Annotations whose text ends up in the configuration of NGINX as it is.
const SNIPPETS: [&str; 6] = [
    "nginx.ingress.kubernetes.io/configuration-snippet",
    "nginx.ingress.kubernetes.io/server-snippet",
    "nginx.ingress.kubernetes.io/auth-snippet",
    "nginx.ingress.kubernetes.io/location-snippet",
    "nginx.ingress.kubernetes.io/modsecurity-snippet",
    "nginx.ingress.kubernetes.io/stream-snippet",
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    for cluster in context.estate.clusters() {
        for ingress in ingresses(&cluster) {
            judge(&ingress, findings);
        }
    }
}

fn judge(ingress: &Ingress<'_>, findings: &mut Findings) {
    let Some((name, at)) = snippet(ingress) else {
        findings.pass(**ingress, "it has no snippet for NGINX");
        return;
    };
    match ingress.controller() {
        Ok(IngressController::IngressNginx | IngressController::ApplicationRouting) => {
            findings
                .fail(**ingress, format!("the annotation {name} writes configuration of NGINX"))
                .at(at, "")
                .help(format!(
                    "kubectl annotate ingress {} --namespace {} nginx.ingress.kubernetes.io/{name}-",
                    ingress.name(),
                    ingress.namespace().unwrap_or("default")
                ));
        }
        Ok(_) => {
            let message = format!("its controller doesn't read the annotation {name}");
            findings.pass(**ingress, message).at(at, "");
        }
        Err(unknown) => {
            findings.unknown(**ingress, unknown).at(at, "");
        }
    }
}

fn snippet<'e>(ingress: &Ingress<'e>) -> Option<(&'static str, Value<'e>)> {
    let mut found = SNIPPETS
        .into_iter()
        .filter_map(|key| Some((key, ingress.annotation(key)?)));
    let (key, at) = found.next()?;
    Some((key.rsplit('/').next().unwrap_or(key), at))
}
