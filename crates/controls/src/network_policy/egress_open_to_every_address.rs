use palisade_document::Value;
use palisade_estate::kubernetes::{PolicyRule, PolicyType};

use super::open_address::judge;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NP009",
    name: "egress-open-to-every-address",
    title: "no egress rule of a network policy allows every address, unless for DNS only",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    equivalents: &[
        Framework::Trivy.id("KUBE-0002"),
        Framework::Kubescape.id("C-0301"),
    ],
    parameters: &[],
    page: include_str!("egress_open_to_every_address.md"),
    check,
};

const DNS: i64 = 53;

fn check(context: &Context<'_>, findings: &mut Findings) {
    judge(context, PolicyType::Egress, is_harmless, findings);
}

/// Whether every port of the rule is that of DNS, or a name: names are looked up in the pods that
/// packets go to, so no address outside the cluster matches them.
fn is_harmless(rule: &PolicyRule<'_>) -> bool {
    let ports = rule.ports();
    !ports.is_empty()
        && ports
            .into_iter()
            .all(|entry| is_dns(entry) || is_named(entry))
}

fn is_dns(entry: Value<'_>) -> bool {
    let number = |key: &str| entry.get(key).filter(|value| !value.is_null());
    number("port").and_then(Value::as_i64) == Some(DNS)
        && number("endPort").is_none_or(|end| end.as_i64() == Some(DNS))
}

fn is_named(entry: Value<'_>) -> bool {
    let name = entry.get("port").and_then(Value::as_str);
    name.is_some_and(|name| name.contains(|c: char| c.is_ascii_alphabetic()))
}
