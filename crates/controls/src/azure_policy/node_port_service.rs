use palisade_estate::Unknown;

use super::system_namespace::{EXEMPT_NAMESPACES, is_system_namespace};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "AP012",
    name: "node-port-service",
    title: "Services open no ports on every node",
    recommendation: Recommendation::AzurePolicy,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[Framework::KubeLinter.id("exposed-services")],
    parameters: &[&EXEMPT_NAMESPACES],
    page: include_str!("node_port_service.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let exempt = context.names(&EXEMPT_NAMESPACES);
    let is_left_out = |namespace: &str| {
        is_system_namespace(namespace) || exempt.iter().any(|name| name == namespace)
    };
    let services = context
        .estate
        .objects()
        .filter(|object| object.is("", "Service"));
    for service in services {
        if is_left_out(service.namespace().unwrap_or("default")) {
            continue;
        }
        let given = service.get("spec.type");
        match given.map_or("ClusterIP", |kind| kind.scalar()) {
            "ClusterIP" | "ExternalName" => {
                findings.pass(service, "the Service opens no port on the nodes");
            }
            // Whether it should be internal is asked elsewhere.
            "LoadBalancer" => {}
            "NodePort" => {
                let finding = findings.fail(
                    service,
                    "the type is NodePort: every node listens for the Service",
                );
                finding.help(format!(
                    "kubectl patch service {} --namespace {} -p '{{\"spec\":{{\"type\":\"ClusterIP\"}}}}'",
                    service.name(),
                    service.namespace().unwrap_or("default")
                ));
                if let Some(at) = given {
                    finding.at(at, "a port from 30000 to 32767 unless set otherwise");
                }
            }
            other => {
                let cause = format!("the type {other} is none that Kubernetes has");
                findings.unknown(service, Unknown::because(cause, "correct the value"));
            }
        }
    }
}
