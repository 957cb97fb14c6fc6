use super::container_port::judge_ports;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "AP018",
    name: "privileged-container-port",
    title: "containers listen on ports from 1024",
    recommendation: Recommendation::AzurePolicy,
    severity: Severity::Info,
    confidence: Confidence::High,
    equivalents: &[Framework::KubeLinter.id("privileged-ports")],
    parameters: &[],
    page: include_str!("privileged_container_port.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let passes = "no container says that it listens on a port below 1024";
    judge_ports(context, findings, passes, |port| {
        (1..1024).contains(&port).then(|| {
            format!("a container listens on port {port}, for which it needs rights on Linux")
        })
    });
}
