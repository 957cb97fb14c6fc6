use super::container_port::judge_ports;

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
    let passes = "no container says that it listens on port 22";
    judge_ports(context, findings, passes, |port| {
        (port == 22).then(|| "a container listens on port 22, the port of SSH".to_owned())
    });
}
