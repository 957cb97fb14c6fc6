use palisade_document::Value;
use palisade_estate::kubernetes::external_addresses;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "AP010",
    name: "service-with-external-addresses",
    title: "Services take no addresses that Kubernetes doesn't manage",
    recommendation: Recommendation::AzurePolicy,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("d46c275d-1680-448d-b2ec-e495a3b6cc89"),
        Framework::Kubescape.id("C-0115"),
        Framework::Kubescape.id("C-0283"),
    ],
    parameters: &[],
    page: include_str!("service_with_external_addresses.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let services = context
        .estate
        .objects()
        .filter(|object| object.is("", "Service"));
    for service in services {
        let addresses = match external_addresses(&service) {
            Ok(addresses) => addresses,
            Err(unknown) => {
                findings.unknown(service, unknown);
                continue;
            }
        };
        let Some(first) = addresses.first() else {
            findings.pass(service, "the Service has no external addresses");
            continue;
        };
        let list: Vec<_> = addresses.iter().copied().map(Value::scalar).collect();
        findings
            .fail(service, format!("externalIPs takes packets to {}", list.join(", ")))
            .at(*first, "not Azure's to give")
            .help(format!(
                "kubectl patch service {} --namespace {} --type json -p '[{{\"op\":\"remove\",\"path\":\"/spec/externalIPs\"}}]'",
                service.name(),
                service.namespace().unwrap_or("default")
            ));
    }
}
