use jiff::civil::{Date, date};
use palisade_document::Value;
use palisade_estate::kubernetes::{IngressController, ingresses};
use palisade_estate::{Cluster, Object};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF020",
    name: "ingress-nginx-retiring",
    title: "no Ingress depends on the retired ingress-nginx",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[Framework::Kubescape.id("C-0292")],
    parameters: &[],
    page: include_str!("ingress_nginx_retiring.md"),
    check,
};

/// The last day on which the Kubernetes project maintained ingress-nginx.
const PROJECT_END: Date = date(2026, 3, 31);

/// The last day on which Microsoft mends NGINX of the application routing add-on.
const ADD_ON_END: Date = date(2026, 11, 30);

fn check(context: &Context<'_>, findings: &mut Findings) {
    for cluster in context.estate.clusters() {
        classes(context, &cluster, findings);
        for ingress in ingresses(&cluster) {
            let place = ingress.class_name();
            match ingress.controller() {
                Ok(controller) => answer(context, *ingress, controller, place, findings),
                Err(unknown) => {
                    findings.unknown(*ingress, unknown);
                }
            }
        }
    }
}

/// The classes of the controllers, and the add-on's own resource for one more controller.
fn classes(context: &Context<'_>, cluster: &Cluster<'_>, findings: &mut Findings) {
    for object in cluster.objects() {
        if object.is("networking.k8s.io", "IngressClass")
            && let Some(at) = object.get("spec.controller")
        {
            let controller = IngressController::named(at.scalar());
            answer(context, object, controller, Some(at), findings);
        }
        if object.is("approuting.kubernetes.azure.com", "NginxIngressController") {
            let controller = IngressController::ApplicationRouting;
            answer(context, object, controller, object.get("kind"), findings);
        }
    }
}

fn answer(
    context: &Context<'_>,
    object: Object<'_>,
    controller: IngressController<'_>,
    at: Option<Value<'_>>,
    findings: &mut Findings,
) {
    let (message, end) = match controller {
        IngressController::IngressNginx => {
            ("ingress-nginx serves it, whose maintenance", PROJECT_END)
        }
        IngressController::ApplicationRouting => (
            "NGINX of the application routing add-on serves it, whose support",
            ADD_ON_END,
        ),
        _ => {
            let finding = findings.pass(object, "its controller is not ingress-nginx");
            if let Some(at) = at {
                finding.at(at, "");
            }
            return;
        }
    };
    let (verb, severity) = if context.today <= end {
        ("ends", Severity::Medium)
    } else {
        ("ended", Severity::High)
    };
    let finding = findings.fail(object, format!("{message} {verb} on {end}"));
    finding.severity(severity).help("move to the Gateway API of the application routing add-on, or to Application Gateway for Containers");
    if let Some(at) = at {
        finding.at(at, "");
    }
}
