//! The ports that containers say they listen on.

use palisade_document::Value;
use palisade_estate::Unknown;
use palisade_estate::kubernetes::{PodTemplate, is_placeholder, pod_templates};

use super::system_namespace::is_system_namespace;

use crate::{Context, Findings};

/// Judges the pods of every workload that isn't Azure's own. A port fails for which `objection`
/// has something to say; `passes` is said of pods without one.
pub(super) fn judge_ports(
    context: &Context<'_>,
    findings: &mut Findings,
    passes: &str,
    objection: impl Fn(u16) -> Option<String>,
) {
    let templates = context
        .estate
        .clusters()
        .flat_map(|cluster| pod_templates(&cluster));
    for template in templates.filter(|template| !is_system_namespace(template.namespace())) {
        judge(&template, findings, passes, &objection);
    }
}

fn judge(
    template: &PodTemplate<'_>,
    findings: &mut Findings,
    passes: &str,
    objection: &impl Fn(u16) -> Option<String>,
) {
    let mut unclear = None;
    for at in ports(template) {
        let text = at.scalar();
        match text.parse::<u16>() {
            Ok(port) => {
                if let Some(message) = objection(port) {
                    findings.fail(template.owner, message).at(at, "");
                    return;
                }
            }
            Err(_) if is_placeholder(text) => unclear = Some(text),
            Err(_) => {}
        }
    }
    match unclear {
        Some(text) => {
            let cause = format!("the port `{text}` is to be filled in");
            let unknown = Unknown::because(cause, "the manifest as it is applied");
            findings.unknown(template.owner, unknown);
        }
        None => {
            findings.pass(template.owner, passes);
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
