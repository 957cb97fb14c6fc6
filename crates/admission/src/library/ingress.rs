//! Templates about Ingresses.

use palisade_document::{Kind, Value};
use serde_json::Value as Json;

use super::{Basis, Complaint, Published, Subject};

const GROUPS: [&str; 2] = ["extensions", "networking.k8s.io"];
const ALLOW_HTTP: &str = "kubernetes.io/ingress.allow-http";
const HTTPS: &str = "an Ingress has a `tls` section and the annotation `kubernetes.io/ingress.allow-http: \"false\"`";

pub(super) const TEMPLATES: &[Published] = &[
    Published {
        name: "ingress-https-only",
        version: "v1",
        meaning: HTTPS,
        basis: Basis::Published,
        judge: https_only,
    },
    Published {
        name: "ingress-https-only",
        version: "v2",
        meaning: HTTPS,
        basis: Basis::Older("v1"),
        judge: https_only,
    },
    Published {
        name: "ingress-https-only",
        version: "limited-preview",
        meaning: HTTPS,
        basis: Basis::Published,
        judge: https_only_of_the_preview,
    },
    Published {
        name: "require-ingress-host",
        version: "v2",
        meaning: "every rule of an Ingress names a host",
        basis: Basis::Description,
        judge: host_required,
    },
];

fn https_only<'e>(subject: &Subject<'_, 'e>, _: &Json) -> Vec<Complaint<'e>> {
    if !subject.is(&GROUPS, "Ingress") {
        return Vec::new();
    }
    let tls = subject.get(&["spec", "tls"]);
    let has_tls = tls.is_some_and(|tls| tls.items().len() > 0 || tls.entries().len() > 0);
    let annotation = subject.annotation(ALLOW_HTTP);
    let is_https = annotation.and_then(Value::as_str) == Some("false");
    let (message, at) = match (has_tls, is_https) {
        (true, true) => return Vec::new(),
        (false, _) => (
            "has no `tls` section",
            tls.or_else(|| subject.get(&["spec"])),
        ),
        (true, false) => (
            "also answers plain HTTP: the annotation `kubernetes.io/ingress.allow-http` is not \
             \"false\"",
            annotation.or_else(|| subject.get(&["metadata", "annotations"])),
        ),
    };
    vec![Complaint {
        message: format!("Ingress `{}` {message}", subject.name()),
        at: at.unwrap_or(subject.anchor()),
    }]
}

/// The preview knows of one namespace that it leaves alone, and of no others.
fn https_only_of_the_preview<'e>(
    subject: &Subject<'_, 'e>,
    parameters: &Json,
) -> Vec<Complaint<'e>> {
    if subject.candidate.namespace.as_deref() == Some("kube-system") {
        return Vec::new();
    }
    https_only(subject, parameters)
}

fn host_required<'e>(subject: &Subject<'_, 'e>, _: &Json) -> Vec<Complaint<'e>> {
    if !subject.is(&GROUPS, "Ingress") {
        return Vec::new();
    }
    let rules = subject
        .get(&["spec", "rules"])
        .into_iter()
        .flat_map(Value::items);
    let hostless = rules.filter(|rule| {
        let host = rule.get("host");
        host.is_none_or(|host| host.kind() == Kind::Null || host.as_str() == Some(""))
    });
    hostless
        .map(|rule| Complaint {
            message: format!("a rule of Ingress `{}` is for every host", subject.name()),
            at: rule.get("host").unwrap_or(rule),
        })
        .collect()
}
