use palisade_document::Value;
use palisade_estate::Unknown;
use palisade_estate::kubernetes::{Ingress, ingresses, is_placeholder};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF027",
    name: "ingress-to-missing-service",
    title: "an Ingress leads to Services that exist",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[Framework::KubeLinter.id("dangling-ingress")],
    parameters: &[],
    page: include_str!("ingress_to_missing_service.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for cluster in context.estate.clusters() {
        for ingress in ingresses(&cluster) {
            judge(&ingress, findings);
        }
    }
}

fn judge(ingress: &Ingress<'_>, findings: &mut Findings) {
    let cluster = ingress.cluster();
    let namespace = ingress.namespace();
    let exists = |name: &str| {
        let mut services = cluster.objects_of("", "Service");
        services.any(|service| {
            let own = service.get("metadata.name").map(Value::scalar);
            service.namespace() == namespace && own == Some(name)
        })
    };
    let named = services(ingress);
    if let Some(computed) = named.iter().find(|name| is_placeholder(name.scalar())) {
        let cause = format!(
            "the name of a Service is `{}`, to be filled in",
            computed.scalar()
        );
        findings.unknown(
            **ingress,
            Unknown::because(cause, "the manifest as it is applied"),
        );
        return;
    }
    let Some(missing) = named.iter().find(|name| !exists(name.scalar())) else {
        findings.pass(**ingress, "every Service that it names is there");
        return;
    };
    let coverage = cluster.coverage(&[("", "Service")]);
    let message = format!("the Service `{}` doesn't exist", missing.scalar());
    findings
        .missing(
            **ingress,
            coverage,
            message,
            "kubectl get services --all-namespaces --output yaml",
        )
        .at(*missing, "")
        .help("delete the rule, or name the Service that took its place");
}

/// The names of the Services of all rules and of the default backend, in the current version of
/// the API and in the one before it.
fn services<'e>(ingress: &Ingress<'e>) -> Vec<Value<'e>> {
    let paths = ingress
        .rules()
        .filter_map(|rule| rule.get("http")?.get("paths"));
    let backends = paths
        .flat_map(Value::items)
        .filter_map(|path| path.get("backend"));
    let default = ["spec.defaultBackend", "spec.backend"]
        .into_iter()
        .filter_map(|path| ingress.get(path));
    let all = backends.chain(default);
    let name = |backend: Value<'e>| match backend.get("service") {
        Some(service) => service.get("name"),
        None => backend.get("serviceName"),
    };
    all.filter_map(name).collect()
}
