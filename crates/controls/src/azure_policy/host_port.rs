use palisade_estate::Unknown;
use palisade_estate::kubernetes::{PodTemplate, pod_templates};

use super::system_namespace::{EXEMPT_NAMESPACES, is_system_namespace};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "AP011",
    name: "host-port",
    title: "containers take no ports of their node",
    recommendation: Recommendation::AzurePolicy,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("82985f06-dc18-4a48-bc1c-b9f4f0098cfe"),
        Framework::Mcsb.id("PV-2"),
        Framework::Prowler.id("core_minimize_admission_hostport_containers"),
        Framework::Kubescape.id("C-0044"),
    ],
    parameters: &[&EXEMPT_NAMESPACES],
    page: include_str!("host_port.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let exempt = context.names(&EXEMPT_NAMESPACES);
    let is_left_out = |namespace: &str| {
        is_system_namespace(namespace) || exempt.iter().any(|name| name == namespace)
    };
    let templates = context
        .estate
        .clusters()
        .flat_map(|cluster| pod_templates(&cluster));
    for template in templates.filter(|template| !is_left_out(template.namespace())) {
        if let Err(unknown) = judge(&template, findings) {
            findings.unknown(template.owner, unknown);
        }
    }
}

fn judge(template: &PodTemplate<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let ports = template.host_ports()?;
    let Some(first) = ports.first() else {
        if template.is_on_host_network() {
            let message = "on the network of their node the pods declare no port, and may open any (see NP010)";
            findings.not_applicable(template.owner, message);
            return Ok(());
        }
        findings.pass(template.owner, "no container takes a port of the node");
        return Ok(());
    };
    let list: Vec<_> = ports
        .iter()
        .map(|port| format!("port {}", port.scalar()))
        .collect();
    let how = if template.is_on_host_network() {
        "are on the network of their node and "
    } else {
        ""
    };
    findings
        .fail(
            template.owner,
            format!("the pods {how}take {} of the node", list.join(", ")),
        )
        .at(*first, "open beside every Service and network policy")
        .help("remove hostPort and hostNetwork, and reach the pods through a Service");
    Ok(())
}
