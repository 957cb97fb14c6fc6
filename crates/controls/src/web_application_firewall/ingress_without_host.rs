use palisade_document::Value;
use palisade_estate::Unknown;
use palisade_estate::kubernetes::{Ingress, ingresses, is_placeholder};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF029",
    name: "ingress-without-host",
    title: "every rule of an Ingress names its host",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[Framework::AzurePolicy.id("d8c942c6-16a3-400b-8f2e-785f44030036")],
    parameters: &[],
    page: include_str!("ingress_without_host.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for cluster in context.estate.clusters() {
        for ingress in ingresses(&cluster) {
            judge(&ingress, findings);
        }
    }
}

fn judge(ingress: &Ingress<'_>, findings: &mut Findings) {
    let rules: Vec<_> = ingress.rules().collect();
    let host = |rule: &Value<'_>| rule.get("host").map(|host| host.scalar().to_owned());
    let is_open = |rule: &&Value<'_>| host(rule).is_none_or(|host| host.is_empty() || host == "*");
    if let Some(rule) = rules.iter().find(is_open) {
        findings
            .fail(
                **ingress,
                "a rule names no host, so it takes requests for any name",
            )
            .at(*rule, "")
            .help("name the host in spec.rules[].host");
    } else if rules.is_empty() {
        findings
            .fail(
                **ingress,
                "it has no rules, so its default backend takes requests for any name",
            )
            .help("name the host in spec.rules[].host");
    } else if rules
        .iter()
        .filter_map(host)
        .any(|host| is_placeholder(&host))
    {
        let cause = "a host is to be filled in before the manifest is applied";
        let unknown = Unknown::because(cause, "the manifest as it is applied");
        findings.unknown(**ingress, unknown);
    } else {
        findings.pass(**ingress, "every rule names its host");
    }
}
