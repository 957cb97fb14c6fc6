use std::collections::BTreeMap;

use palisade_estate::Cluster;
use palisade_estate::kubernetes::{Ingress, IngressController, ingresses};

use super::agic_listener::{Listener, has_annotations, listeners, waf_policy};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF021",
    name: "agic-ingress-drops-waf-policy",
    title: "no Ingress takes the WAF policy of another off their listener",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[Framework::Mcsb.id("NS-6")],
    parameters: &[],
    page: include_str!("agic_ingress_drops_waf_policy.md"),
    check,
};

/// An Ingress of the controller with its listeners.
struct Served<'e> {
    ingress: Ingress<'e>,
    listeners: BTreeMap<Listener<'e>, Option<&'e str>>,
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for cluster in context.estate.clusters() {
        let served = served(&cluster, findings);
        for index in 0..served.len() {
            judge(&served, index, findings);
        }
    }
}

/// The controller's Ingresses in the order in which it merges them: by namespace and name.
fn served<'e>(cluster: &Cluster<'e>, findings: &mut Findings) -> Vec<Served<'e>> {
    let mut served = Vec::new();
    for ingress in ingresses(cluster) {
        match ingress.controller() {
            Ok(IngressController::ApplicationGateway) => served.push(Served {
                listeners: listeners(&ingress),
                ingress,
            }),
            Err(unknown) if has_annotations(&ingress) => {
                findings.unknown(*ingress, unknown);
            }
            Ok(_) | Err(_) => {}
        }
    }
    served.sort_by_key(|served| key(&served.ingress));
    served
}

fn key(ingress: &Ingress<'_>) -> String {
    format!(
        "{}/{}",
        ingress.namespace().unwrap_or("default"),
        ingress.name()
    )
}

/// Of Ingresses that share a listener the last one decides about its policy, by naming none too.
fn judge(served: &[Served<'_>], index: usize, findings: &mut Findings) {
    let Served { ingress, listeners } = &served[index];
    let bare = listeners.iter().filter(|(_, policy)| policy.is_none());
    for (listener, _) in bare {
        let names_policy =
            |other: &&Served<'_>| other.listeners.get(listener).is_some_and(Option::is_some);
        let is_mended = served[index + 1..].iter().any(|other| names_policy(&other));
        let robbed = served[..index].iter().rev().find(names_policy);
        if let (Some(robbed), false) = (robbed, is_mended) {
            drops(ingress, listener, &robbed.ingress, findings);
            return;
        }
    }
    let gives_all = !listeners.is_empty() && listeners.values().all(Option::is_some);
    match waf_policy(ingress) {
        Some(at) if gives_all => {
            findings
                .pass(
                    **ingress,
                    "the Ingress gives its listeners a WAF policy itself",
                )
                .at(at, "");
        }
        _ => {
            findings.not_applicable(
                **ingress,
                "no Ingress before it in the input gives its listeners a WAF policy",
            );
        }
    }
}

fn drops(
    ingress: &Ingress<'_>,
    listener: &Listener<'_>,
    robbed: &Ingress<'_>,
    findings: &mut Findings,
) {
    let policy = waf_policy(robbed);
    let finding = findings.fail(
        **ingress,
        format!(
            "it is merged after `{}` and takes the WAF policy off the listener {}",
            key(robbed),
            listener.name()
        ),
    );
    if let Some(at) = ingress.get("metadata.annotations") {
        finding.at(at, "no WAF policy for a path that takes everything");
    }
    if let Some(policy) = policy {
        finding
            .related(policy, "the policy that is dropped")
            .help(format!(
                "kubectl annotate ingress {} --namespace {} appgw.ingress.kubernetes.io/waf-policy-for-path={}",
                ingress.name(),
                ingress.namespace().unwrap_or("default"),
                policy.scalar()
            ));
    }
}
