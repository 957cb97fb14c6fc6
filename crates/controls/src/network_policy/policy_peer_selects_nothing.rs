use palisade_document::Value;
use palisade_estate::kubernetes::{
    NetworkPolicy, PodTemplate, PolicySyntax, PolicyType, Selector, all_pod_templates,
    policy_syntax,
};
use palisade_estate::{Cluster, Unknown};

use crate::system_namespace::is_system;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NP018",
    name: "policy-peer-selects-nothing",
    title: "the pods that a policy lets in or out exist",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[Framework::KubeLinter.id("dangling-networkpolicypeer-podselector")],
    parameters: &[],
    page: include_str!("policy_peer_selects_nothing.md"),
    check,
};

/// What pods come from.
const WORKLOADS: [(&str, &str); 4] = [
    ("", "Pod"),
    ("apps", "Deployment"),
    ("apps", "StatefulSet"),
    ("apps", "DaemonSet"),
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    for cluster in context.estate.clusters() {
        let pods = all_pod_templates(&cluster);
        for policy in NetworkPolicy::all(&cluster) {
            let is_judged = policy_syntax(&policy) == PolicySyntax::Sound
                && !policy.namespace().is_some_and(is_system);
            if is_judged {
                judge(&cluster, &pods, &policy, findings);
            }
        }
    }
}

fn judge(
    cluster: &Cluster<'_>,
    pods: &[PodTemplate<'_>],
    policy: &NetworkPolicy<'_>,
    findings: &mut Findings,
) {
    let namespace = policy.namespace().unwrap_or_default();
    let peers = peers_here(policy);
    if peers.is_empty() {
        return;
    }
    let exists = |selector: &Selector<'_>| {
        let mut here = pods.iter().filter(|pod| pod.namespace() == namespace);
        here.any(|pod| selector.matches(|key| pod.label(key)))
    };
    let Some((_, at)) = peers.iter().find(|(selector, _)| !exists(selector)) else {
        findings.pass(**policy, "every pod selector of its peers selects a pod");
        return;
    };
    let supply = format!("kubectl get pods --namespace {namespace} --output yaml");
    if pods.iter().all(|pod| pod.namespace() != namespace) {
        let cause = format!("no workload of `{namespace}` is in the input");
        findings.unknown(**policy, Unknown::because(cause, supply));
        return;
    }
    let message = format!("no pod of `{namespace}` has the labels of a peer");
    findings
        .missing(**policy, cluster.coverage(&WORKLOADS), message, supply)
        .at(*at, "matches nothing")
        .help("correct the labels, or take the peer out of the rule");
}

/// The pod selectors of peers in the policy's own namespace that name labels.
fn peers_here<'e>(policy: &NetworkPolicy<'e>) -> Vec<(Selector<'e>, Value<'e>)> {
    let directions = [PolicyType::Ingress, PolicyType::Egress];
    let rules = directions
        .into_iter()
        .flat_map(|direction| policy.rules(direction));
    let peers = rules.flat_map(|rule| rule.peers());
    let own = peers.filter(|peer| peer.get("namespaceSelector").is_none_or(Value::is_null));
    own.filter_map(|peer| {
        let at = peer.get("podSelector")?;
        let selector = Selector::read(at).ok()?;
        (!selector.is_empty()).then_some((selector, at))
    })
    .collect()
}
