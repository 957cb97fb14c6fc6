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
        if is_placeholder(namespace) {
            let cause = format!("the namespace `{namespace}` is to be filled in");
            let unknown = Unknown::because(cause, "the manifest as it is applied");
            findings.unknown(template.owner, unknown);
        } else if namespace == "default" {
            let message = match template.owner.get("metadata.namespace") {
                Some(_) => "it runs in the namespace default",
                None => {
                    "it names no namespace, which means default unless it is applied to another"
                }
            };
            let finding = findings.fail(template.owner, message);
            finding.help("create a namespace with its policies and set metadata.namespace");
            if template.owner.get("metadata.namespace").is_none() {
                finding.confidence(Confidence::Medium);
            }
        } else {
            let message = format!("it runs in the namespace `{namespace}`");
            findings.pass(template.owner, message);
        }
    }
}
