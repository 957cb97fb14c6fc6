use palisade_document::Value;
use palisade_estate::kubernetes::{is_internal_load_balancer, is_load_balancer, is_placeholder};
use palisade_estate::{Object, Unknown};

use super::allowed_source::{Sources, sources};
use crate::{Confidence, Context, Control, Finding, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF018",
    name: "public-service-bypasses-waf",
    title: "no Service takes HTTP from the internet past the web application firewall",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("3fc4dc25-5baf-40d8-9b05-7fe74c1bc64e"),
        Framework::Mcsb.id("NS-6"),
        Framework::KubeLinter.id("exposed-services"),
    ],
    parameters: &[],
    page: include_str!("public_service_bypasses_waf.md"),
    check,
};

const INTERNAL: &str = "service.beta.kubernetes.io/azure-load-balancer-internal";

/// Ports that HTTP is spoken on by custom.
const HTTP_PORTS: [&str; 8] = ["80", "443", "3000", "5000", "8000", "8080", "8443", "8888"];

/// `app.kubernetes.io/name` of ingress controllers, whose Service is the entry for all they serve.
const CONTROLLERS: [&str; 6] = [
    "ingress-nginx",
    "nginx-ingress",
    "traefik",
    "contour",
    "haproxy-ingress",
    "kong",
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    for service in context.estate.objects() {
        if is_load_balancer(&service)
            && let Err(unknown) = judge(&service, findings)
        {
            findings.unknown(service, unknown);
        }
    }
}

fn judge(service: &Object<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    if is_internal_load_balancer(service) {
        findings.pass(*service, "the load balancer is internal");
        return Ok(());
    }
    let Some(confidence) = speaks_http(service) else {
        findings.not_applicable(*service, "the Service takes no TCP, so it can't speak HTTP");
        return Ok(());
    };
    require_filled_in(service)?;
    answer(service, confidence, findings)
}

/// Whether the load balancer is internal isn't told by an annotation that a tool fills in later.
fn require_filled_in(service: &Object<'_>) -> Result<(), Unknown> {
    match service.annotation(INTERNAL).map(Value::scalar) {
        Some(text) if is_placeholder(text) => Err(Unknown::because(
            format!("the annotation {INTERNAL} is `{text}`, which a tool has yet to fill in"),
            "the manifest as it is applied, such as the output of helm template",
        )),
        _ => Ok(()),
    }
}

fn answer(
    service: &Object<'_>,
    confidence: Confidence,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let entry = entry(service);
    match sources(service)? {
        Sources::Private(at) => {
            findings
                .pass(*service, "only private networks reach the load balancer")
                .at(at, "");
        }
        Sources::FrontDoor(at) => {
            let cause = "only Front Door reaches the load balancer, anybody's Front Door: whether the application checks X-Azure-FDID and whether its Front Door has a firewall isn't in the input";
            let supply = "a waiver that says where X-Azure-FDID is checked";
            findings
                .unknown(*service, Unknown::because(cause, supply))
                .at(at, "");
        }
        Sources::Ranges(at) => {
            let message = format!(
                "{entry} takes requests past any web application firewall from the ranges it names"
            );
            let finding = findings.fail(*service, message);
            finding.at(at, "").severity(Severity::Medium);
            mend(finding, service, confidence);
        }
        Sources::Everyone => {
            let message = format!(
                "{entry} takes requests from the internet past any web application firewall"
            );
            let finding = findings.fail(*service, message);
            if let Some(at) = service.get("spec.type") {
                finding.at(at, "a public load balancer");
            }
            mend(finding, service, confidence);
        }
    }
    Ok(())
}

fn mend(finding: &mut Finding, service: &Object<'_>, confidence: Confidence) {
    finding.confidence(confidence).help(format!(
        "kubectl annotate service {} --namespace {} service.beta.kubernetes.io/azure-load-balancer-internal=true",
        service.name(),
        service.namespace().unwrap_or("default")
    ));
}

/// How sure it is that the Service speaks HTTP; nothing if it can't.
fn speaks_http(service: &Object<'_>) -> Option<Confidence> {
    let ports = service.get("spec.ports");
    let ports: Vec<_> = ports.into_iter().flat_map(Value::items).collect();
    let text = |port: &Value<'_>, key: &str| {
        let value = port.get(key).map(|value| value.scalar().to_owned());
        value.unwrap_or_default()
    };
    let is_tcp = |port: &&Value<'_>| !matches!(text(port, "protocol").as_str(), "UDP" | "SCTP");
    let is_http = |port: &Value<'_>| {
        HTTP_PORTS.contains(&text(port, "port").as_str())
            || text(port, "name").to_ascii_lowercase().contains("http")
            || text(port, "appProtocol")
                .to_ascii_lowercase()
                .contains("http")
    };
    if ports.is_empty() {
        return Some(Confidence::Low);
    }
    let mut tcp = ports.iter().filter(is_tcp).peekable();
    tcp.peek()?;
    match tcp.any(is_http) {
        true => Some(Confidence::High),
        false => Some(Confidence::Low),
    }
}

fn entry(service: &Object<'_>) -> &'static str {
    let is_controller = service
        .label("app.kubernetes.io/name")
        .is_some_and(|name| CONTROLLERS.iter().any(|known| name.starts_with(known)));
    let is_gateway = service
        .label("gateway.networking.k8s.io/gateway-name")
        .is_some()
        || service
            .label("istio")
            .is_some_and(|value| value.contains("ingress"));
    match (is_controller, is_gateway) {
        (true, _) => "the ingress controller, with all it serves,",
        (_, true) => "the gateway, with all it serves,",
        _ => "the load balancer",
    }
}
