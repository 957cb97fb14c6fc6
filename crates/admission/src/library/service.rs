//! Templates about Services.

use palisade_document::{Kind, Value, witness};
use regex::Regex;
use serde_json::Value as Json;

use super::{Basis, Complaint, Published, Subject, strings};

const INTERNAL: &str = "service.beta.kubernetes.io/azure-load-balancer-internal";

pub(super) const TEMPLATES: &[Published] = &[
    Published {
        name: "service-allowed-ports",
        version: "v1",
        meaning: "every port of a Service is among the allowed ones; none is if the list is empty",
        basis: Basis::Published,
        judge: allowed_ports,
    },
    Published {
        name: "service-allowed-ports",
        version: "limited-preview",
        meaning: "every port of a Service outside `kube-system` fits a regular expression",
        basis: Basis::Published,
        judge: ports_by_expression,
    },
    Published {
        name: "allowed-external-ips",
        version: "v1",
        meaning: "every external IP of a Service is among the allowed ones; none is if the list \
                  is empty",
        basis: Basis::Published,
        judge: allowed_external_ips,
    },
    Published {
        name: "load-balancer-no-public-ips",
        version: "v1",
        meaning: "a Service of type LoadBalancer has the annotation \
                  `service.beta.kubernetes.io/azure-load-balancer-internal: \"true\"`",
        basis: Basis::Published,
        judge: internal_load_balancer,
    },
    Published {
        name: "unique-service-selectors",
        version: "v1",
        meaning: "no two Services of a namespace have the same selector, and no two have none",
        basis: Basis::Description,
        judge: unique_selector,
    },
];

fn allowed_ports<'e>(subject: &Subject<'_, 'e>, parameters: &Json) -> Vec<Complaint<'e>> {
    let candidate = subject.candidate;
    // The Service of the API server itself.
    let is_of_api_server =
        candidate.namespace.as_deref() == Some("default") && candidate.name == "kubernetes";
    if !subject.is(&[""], "Service") || is_of_api_server {
        return Vec::new();
    }
    let allowed = strings(parameters, "allowedPorts");
    ports_but(subject, |text| allowed.contains(&text))
}

/// The preview of 2019: the list is a regular expression, and `kube-system` is left alone.
fn ports_by_expression<'e>(subject: &Subject<'_, 'e>, parameters: &Json) -> Vec<Complaint<'e>> {
    let is_of_system = subject.candidate.namespace.as_deref() == Some("kube-system");
    if !subject.is(&[""], "Service") || is_of_system {
        return Vec::new();
    }
    let text = parameters
        .get("allowedServicePortsRegex")
        .and_then(Json::as_str);
    match Regex::new(text.unwrap_or_default()) {
        Ok(expression) => ports_but(subject, |text| expression.is_match(text)),
        Err(_) => {
            let supply = "correct the parameter `allowedServicePortsRegex`";
            witness::meet(
                "the regular expression of allowed ports is not valid",
                supply,
            );
            Vec::new()
        }
    }
}

/// The ports whose number, as text, isn't allowed. What is no number is none for Rego either.
fn ports_but<'e>(
    subject: &Subject<'_, 'e>,
    is_allowed: impl Fn(&str) -> bool,
) -> Vec<Complaint<'e>> {
    let ports = subject
        .get(&["spec", "ports"])
        .into_iter()
        .flat_map(Value::items);
    ports
        .filter_map(|port| port.get("port"))
        .filter(|port| port.is_unknown() || port.kind() == Kind::Number)
        .filter(|port| {
            let text = port.as_i64().map(|number| number.to_string());
            text.is_some_and(|text| !is_allowed(&text))
        })
        .map(|port| Complaint {
            message: format!(
                "port {} of Service `{}` is not an allowed one",
                port.scalar(),
                subject.name()
            ),
            at: port,
        })
        .collect()
}

fn allowed_external_ips<'e>(subject: &Subject<'_, 'e>, parameters: &Json) -> Vec<Complaint<'e>> {
    if !subject.is(&[""], "Service") {
        return Vec::new();
    }
    let allowed = strings(parameters, "allowedExternalIPs");
    let given = subject.get(&["spec", "externalIPs"]).into_iter();
    let forbidden = given
        .flat_map(Value::items)
        .filter(|address| !address.as_str().is_some_and(|text| allowed.contains(&text)));
    forbidden
        .map(|address| Complaint {
            message: format!(
                "external IP {} of Service `{}` is not an allowed one",
                address.scalar(),
                subject.name()
            ),
            at: address,
        })
        .collect()
}

fn internal_load_balancer<'e>(subject: &Subject<'_, 'e>, _: &Json) -> Vec<Complaint<'e>> {
    let kind = subject.get(&["spec", "type"]);
    // The API server makes a Service without a type a ClusterIP.
    let is_load_balancer = kind.is_some_and(|kind| kind.scalar() == "LoadBalancer");
    let annotation = subject.annotation(INTERNAL);
    let is_internal = annotation.and_then(Value::as_str) == Some("true");
    if !subject.is(&[""], "Service") || !is_load_balancer || is_internal {
        return Vec::new();
    }
    vec![Complaint {
        message: format!(
            "Service `{}` gets a public address: the annotation `{INTERNAL}` is not \"true\"",
            subject.name()
        ),
        at: annotation.or(kind).unwrap_or(subject.anchor()),
    }]
}

fn unique_selector<'e>(subject: &Subject<'_, 'e>, _: &Json) -> Vec<Complaint<'e>> {
    if !subject.is(&[""], "Service") {
        return Vec::new();
    }
    let own = selector(subject.candidate.root);
    let twins = subject
        .alike()
        .filter(|other| other.namespace == subject.candidate.namespace)
        .filter(|other| selector(other.root) == own);
    twins
        .map(|twin| Complaint {
            message: format!(
                "Services `{}` and `{}` have the same selector",
                subject.name(),
                twin.name
            ),
            at: subject
                .get(&["spec", "selector"])
                .unwrap_or(subject.anchor()),
        })
        .collect()
}

fn selector(service: Value<'_>) -> Vec<(&str, &str)> {
    let selector = service.get("spec").and_then(|spec| spec.get("selector"));
    let entries = selector.into_iter().flat_map(Value::entries);
    let mut labels: Vec<_> = entries
        .map(|entry| (entry.name(), entry.value.scalar()))
        .collect();
    labels.sort_unstable();
    labels
}
