use palisade_estate::Unknown;
use palisade_estate::kubernetes::{is_placeholder, pod_templates};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NP019",
    name: "workload-in-default-namespace",
    title: "workloads run in namespaces of their own",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::CisAks.id("4.6.3"),
        Framework::Kubescape.id("C-0061"),
    ],
    parameters: &[],
    page: include_str!("workload_in_default_namespace.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let templates = context
        .estate
        .clusters()
        .flat_map(|cluster| pod_templates(&cluster));
    for template in templates {
        let namespace = template.namespace();
        let given = template.owner.get("metadata.namespace");
        if given.is_none() || is_placeholder(namespace) {
            let cause = match given {
                Some(_) => format!("the namespace `{namespace}` is to be filled in"),
                None => "it names no namespace, so whoever applies it chooses one".to_owned(),
            };
            let supply = "the manifest as it is applied, or the object as kubectl get prints it";
            findings.unknown(template.owner, Unknown::because(cause, supply));
        } else if namespace == "default" {
            findings
                .fail(template.owner, "it runs in the namespace default")
                .help("create a namespace with its policies and set metadata.namespace");
        } else {
            let message = format!("it runs in the namespace `{namespace}`");
            findings.pass(template.owner, message);
        }
    }
}
