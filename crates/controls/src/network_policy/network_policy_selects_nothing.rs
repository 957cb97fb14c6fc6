use palisade_estate::kubernetes::{
    NetworkPolicy, PodTemplate, PolicySyntax, Selector, all_pod_templates, policy_syntax,
};
use palisade_estate::{Cluster, Coverage, Unknown};

use crate::system_namespace::is_system;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NP007",
    name: "network-policy-selects-nothing",
    title: "every network policy selects at least one pod",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Trivy.id("KSV-0038"),
        Framework::Kubescape.id("C-0299"),
        Framework::KubeLinter.id("dangling-networkpolicy"),
    ],
    parameters: &[],
    page: include_str!("network_policy_selects_nothing.md"),
    check,
};

/// What pods come from.
const WORKLOADS: [(&str, &str); 7] = [
    ("", "Pod"),
    ("apps", "Deployment"),
    ("apps", "StatefulSet"),
    ("apps", "DaemonSet"),
    ("apps", "ReplicaSet"),
    ("batch", "Job"),
    ("batch", "CronJob"),
];

/// Labels that pods get from their controller, so that no template has them.
const CONTROLLER_LABELS: [&str; 9] = [
    "pod-template-hash",
    "controller-revision-hash",
    "pod-template-generation",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "job-name",
    "controller-uid",
    "batch.kubernetes.io/job-name",
    "batch.kubernetes.io/controller-uid",
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    for cluster in context.estate.clusters() {
        let pods = all_pod_templates(&cluster);
        let policies = NetworkPolicy::all(&cluster);
        for policy in policies.filter(|policy| !policy.namespace().is_some_and(is_system)) {
            if let Err(unknown) = judge(&cluster, &pods, &policy, findings) {
                findings.unknown(*policy, unknown);
            }
        }
    }
}

fn judge(
    cluster: &Cluster<'_>,
    pods: &[PodTemplate<'_>],
    policy: &NetworkPolicy<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let selector = match (policy_syntax(policy), policy.pod_selector()) {
        (PolicySyntax::Sound, Ok(selector)) => selector,
        _ => {
            findings.not_applicable(**policy, "the policy is malformed: see NP015");
            return Ok(());
        }
    };
    if selector.is_empty() {
        findings.pass(**policy, "it selects every pod of the namespace");
        return Ok(());
    }
    let namespace = policy.namespace().unwrap_or_default();
    let here: Vec<_> = pods
        .iter()
        .filter(|pod| pod.namespace() == namespace)
        .collect();
    let selected = |pod: &&&PodTemplate<'_>| selector.matches(|key| pod.label(key));
    let mut matching = here.iter().filter(selected);
    match matching.clone().find(|pod| !pod.is_on_host_network()) {
        Some(pod) => {
            let message = format!("it selects the pods of {}", pod.owner.display_name());
            findings
                .pass(**policy, message)
                .related(pod.owner.anchor(), "selected");
        }
        None => match matching.next() {
            Some(pod) => on_host_network(policy, pod, findings),
            None => nothing(cluster, policy, &selector, !here.is_empty(), findings)?,
        },
    }
    Ok(())
}

fn on_host_network(policy: &NetworkPolicy<'_>, pod: &PodTemplate<'_>, findings: &mut Findings) {
    let message = format!(
        "it selects only the pods of {}, which share the node's network and escape policies",
        pod.owner.display_name()
    );
    findings
        .fail(**policy, message)
        .related(pod.owner.anchor(), "on the host's network");
}

fn nothing(
    cluster: &Cluster<'_>,
    policy: &NetworkPolicy<'_>,
    selector: &Selector<'_>,
    is_namespace_seen: bool,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let namespace = policy.namespace().unwrap_or_default();
    let supply = format!("kubectl get pods --namespace {namespace} --output yaml");
    if let Some(key) = selector.keys().find(|key| CONTROLLER_LABELS.contains(key)) {
        let cause = format!(
            "it selects by `{key}`, which pods get from their controller, and no pod of the input has the value"
        );
        return Err(Unknown::because(cause, supply));
    }
    // Workloads of other namespaces say nothing about this one.
    let coverage = match cluster.coverage(&WORKLOADS) {
        Coverage::Assumed if !is_namespace_seen => Coverage::Unseen,
        coverage => coverage,
    };
    let at = policy.get("spec.podSelector").unwrap_or(policy.anchor());
    findings
        .missing(
            **policy,
            coverage,
            format!("no pod of `{namespace}` has the labels that it selects"),
            supply,
        )
        .at(at, "matches nothing");
    Ok(())
}
