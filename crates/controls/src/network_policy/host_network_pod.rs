use palisade_estate::Unknown;
use palisade_estate::kubernetes::{PodTemplate, pod_templates};

use crate::system_namespace::is_system;
use crate::{
    Confidence, Context, Control, Domain, Findings, Framework, Parameter, Recommendation, Severity,
    Weaker,
};

pub(super) static CONTROL: Control = Control {
    code: "NP010",
    name: "host-network-pod",
    title: "pods have a network of their own, which policies apply to",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("82985f06-dc18-4a48-bc1c-b9f4f0098cfe"),
        Framework::Mcsb.id("PV-2"),
        Framework::CisAks.id("4.2.4"),
        Framework::Checkov.id("CKV_K8S_19"),
        Framework::Prowler.id("core_minimize_hostNetwork_containers"),
        Framework::Kubescape.id("C-0041"),
        Framework::Kubescape.id("C-0216"),
        Framework::KubeLinter.id("host-network"),
    ],
    parameters: &[&EXEMPT_NAMESPACES],
    page: include_str!("host_network_pod.md"),
    check,
};

static EXEMPT_NAMESPACES: Parameter = Parameter {
    name: "exempt-namespaces",
    meaning: "namespaces whose pods may use the network of their node, beside those of Kubernetes and AKS",
    domain: Domain::Names { default: &[] },
    weaker: Weaker::More,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let exempt = context.names(&EXEMPT_NAMESPACES);
    for cluster in context.estate.clusters() {
        for pod in pod_templates(&cluster) {
            let is_exempt = exempt.iter().any(|name| name == pod.namespace());
            if is_exempt || is_system(pod.namespace()) {
                continue;
            }
            if let Err(unknown) = judge(&pod, findings) {
                findings.unknown(pod.owner, unknown);
            }
        }
    }
}

fn judge(pod: &PodTemplate<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let given = pod.spec.get("hostNetwork").filter(|value| !value.is_null());
    let Some(at) = given else {
        findings.pass(pod.owner, "its pods have a network of their own");
        return Ok(());
    };
    match at.as_bool() {
        Some(true) => {
            findings
                .fail(
                    pod.owner,
                    "hostNetwork is true, so no network policy applies to its pods",
                )
                .at(at, "the pods have the node's address")
                .help(format!(
                    "remove `hostNetwork: true` from {} in `{}`",
                    pod.owner.display_name(),
                    pod.namespace()
                ));
        }
        Some(false) => {
            findings
                .pass(pod.owner, "its pods have a network of their own")
                .at(at, "");
        }
        None => {
            return Err(Unknown::because(
                format!("hostNetwork is `{}`, neither true nor false", at.scalar()),
                "the manifest as it is applied, such as the output of helm template",
            ));
        }
    }
    Ok(())
}
