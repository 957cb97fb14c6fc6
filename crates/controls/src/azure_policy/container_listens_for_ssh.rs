use palisade_document::Value;
use palisade_estate::Unknown;
use palisade_estate::kubernetes::{PodTemplate, is_placeholder, pod_templates};

use super::system_namespace::is_system_namespace;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "AP017",
    name: "container-listens-for-ssh",
    title: "no container listens for SSH",
    recommendation: Recommendation::AzurePolicy,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Kubescape.id("C-0042"),
        Framework::KubeLinter.id("ssh-port"),
    ],
    parameters: &[],
    page: include_str!("container_listens_for_ssh.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let templates = context
        .estate
        .clusters()
        .flat_map(|cluster| pod_templates(&cluster));
    for template in templates.filter(|template| !is_system_namespace(template.namespace())) {
        judge(&template, findings);
    }
}

fn judge(template: &PodTemplate<'_>, findings: &mut Findings) {
    let mut unclear = None;
    for at in ports(template) {
        let text = at.scalar();
        match text.parse::<u16>() {
            Ok(22) => {
                findings
                    .fail(
                        template.owner,
                        "a container listens on port 22, the port of SSH",
                    )
                    .at(at, "");
                return;
            }
            Err(_) if is_placeholder(text) => unclear = Some(text),
            _ => {}
        }
    }
    match unclear {
        Some(text) => {
            let cause = format!("the port `{text}` is to be filled in");
            let unknown = Unknown::because(cause, "the manifest as it is applied");
            findings.unknown(template.owner, unknown);
        }
        None => {
            findings.pass(
                template.owner,
                "no container says that it listens on port 22",
            );
        }
    }
}

fn ports<'e>(template: &PodTemplate<'e>) -> impl Iterator<Item = Value<'e>> {
    let lists = template
        .containers()
        .filter_map(|container| container.get("ports"));
    lists
        .flat_map(Value::items)
        .filter_map(|port| port.get("containerPort"))
}
