//! Whether policies isolate the pods of a workload: shared by the controls for the two directions.

use std::cell::OnceCell;
use std::collections::HashMap;

use palisade_document::Value;
use palisade_estate::azure::PolicyEngine;
use palisade_estate::kubernetes::{
    NetworkPolicy, PodTemplate, PolicyDialect, PolicySyntax, PolicyType, pod_templates,
    policy_syntax,
};
use palisade_estate::{Cluster, Object, Unknown};

use super::engine::{enforces, engine};
use crate::system_namespace::is_system;
use crate::{Context, Findings};

/// A policy with how it fares, which is told once for all pods.
struct Judged<'e> {
    policy: NetworkPolicy<'e>,
    /// Whether it names its namespace.
    is_placed: bool,
    syntax: OnceCell<PolicySyntax>,
}

impl<'e> Judged<'e> {
    fn of(policy: NetworkPolicy<'e>) -> Self {
        Self {
            policy,
            is_placed: is_placed(&policy),
            syntax: OnceCell::new(),
        }
    }
}

fn is_placed(object: &Object<'_>) -> bool {
    object.get("metadata.namespace").is_some()
}

/// A cluster's policies, the direction in question, and who enforces them.
struct Question<'q, 'e> {
    cluster: &'q Cluster<'e>,
    /// The policies of Kubernetes.
    policies: Vec<Judged<'e>>,
    /// Their places by their namespace.
    by_namespace: HashMap<&'e str, Vec<usize>>,
    /// Those of other dialects.
    others: Vec<Object<'e>>,
    engine: Result<(PolicyEngine<'e>, Value<'e>), Unknown>,
    direction: PolicyType,
}

/// Judges the pods of every workload for a direction.
pub(super) fn judge_pods(context: &Context<'_>, direction: PolicyType, findings: &mut Findings) {
    for cluster in context.estate.clusters() {
        let (mut policies, mut others) = (Vec::new(), Vec::new());
        for object in cluster.objects() {
            match NetworkPolicy::try_of(object) {
                Some(policy) => policies.push(Judged::of(policy)),
                None if PolicyDialect::of(&object).is_some() => others.push(object),
                None => {}
            }
        }
        let mut by_namespace = HashMap::<_, Vec<_>>::new();
        for (place, judged) in policies.iter().enumerate() {
            if let Some(namespace) = judged.policy.namespace() {
                by_namespace.entry(namespace).or_default().push(place);
            }
        }
        let question = Question {
            cluster: &cluster,
            policies,
            by_namespace,
            others,
            engine: engine(&cluster),
            direction,
        };
        let pods = pod_templates(&cluster).into_iter();
        for pod in pods.filter(|pod| !is_system(pod.namespace())) {
            if pod.is_on_host_network() {
                let message = "the pods are on their node's network, where policies don't reach";
                findings.not_applicable(pod.owner, message);
            } else if let Err(unknown) = question.judge(&pod, findings) {
                findings.unknown(pod.owner, unknown);
            }
        }
    }
}

impl<'e> Question<'_, 'e> {
    fn judge(&self, pod: &PodTemplate<'e>, findings: &mut Findings) -> Result<(), Unknown> {
        let word = self.direction.section();
        let (mut doubtful, mut selects) = (None, None);
        let own = self.by_namespace.get(pod.namespace());
        for &place in own.into_iter().flatten() {
            let judged = &self.policies[place];
            match self.isolates(judged, pod) {
                Some(true) => selects = selects.or(Some(judged.policy)),
                Some(false) => {}
                None => doubtful = doubtful.or(Some(*judged.policy)),
            }
        }
        let Some(policy) = selects else {
            let other = doubtful.or_else(|| self.other_dialect(pod.namespace()));
            if let Some(policy) = other {
                return Err(unclear(&policy, word));
            }
            if is_patch(&pod.owner) {
                return Err(Unknown::because(
                    "it has no selector, as a patch of a manifest hasn't",
                    "the manifest as it is applied, with the patch",
                ));
            }
            if let Some(policy) = self.perhaps_beside(pod) {
                return Err(unplaced(&policy, word));
            }
            self.missing(pod, word, findings);
            return Ok(());
        };
        let (engine, _) = self.engine.clone()?;
        if enforces(engine, PolicyDialect::Kubernetes) == Some(false) {
            let message = format!(
                "`{}` selects the pods for {word}, but nothing in the cluster enforces policies",
                policy.name()
            );
            findings
                .fail(pod.owner, message)
                .related(policy.anchor(), "this policy");
            return Ok(());
        }
        let message = format!("`{}` selects the pods for {word}", policy.name());
        findings
            .pass(pod.owner, message)
            .related(policy.anchor(), "this policy");
        Ok(())
    }

    /// Whether a policy selects the pods and acts on the direction; nothing where that depends on
    /// how the API server takes it.
    fn isolates(&self, judged: &Judged<'e>, pod: &PodTemplate<'e>) -> Option<bool> {
        let policy = &judged.policy;
        match judged.syntax.get_or_init(|| policy_syntax(policy)) {
            PolicySyntax::Sound => {}
            PolicySyntax::Doubtful => return None,
            PolicySyntax::Refused => return Some(false),
        }
        let selector = policy.pod_selector().ok()?;
        Some(policy.isolates(self.direction) && selector.matches(|key| pod.label(key)))
    }

    /// A policy that selects the pods if both are applied to one namespace, which one of them names
    /// and the other leaves open.
    fn perhaps_beside(&self, pod: &PodTemplate<'e>) -> Option<NetworkPolicy<'e>> {
        let is_pod_placed = is_placed(&pod.owner);
        let mut beside = self
            .policies
            .iter()
            .filter(|judged| judged.is_placed != is_pod_placed);
        let found = beside.find(|judged| self.isolates(judged, pod) != Some(false))?;
        Some(found.policy)
    }

    /// A policy in another dialect that may select pods of the namespace.
    fn other_dialect(&self, namespace: &str) -> Option<Object<'e>> {
        let mut others = self.others.iter().copied().filter(|policy| {
            !matches!(
                PolicyDialect::of(policy),
                Some(PolicyDialect::Kubernetes | PolicyDialect::CalicoStaged) | None
            )
        });
        others.find(|policy| {
            let own = policy.get("metadata.namespace").map(Value::scalar);
            own.is_none_or(|own| own == namespace)
        })
    }

    fn missing(&self, pod: &PodTemplate<'e>, word: &str, findings: &mut Findings) {
        let namespace = pod.namespace();
        let coverage = self
            .cluster
            .coverage(&[("networking.k8s.io", "NetworkPolicy")]);
        findings
            .missing(
                pod.owner,
                coverage,
                format!("no policy of `{namespace}` selects the pods for {word}"),
                format!("kubectl get networkpolicy --namespace {namespace} --output yaml"),
            )
            .help(format!(
                "create a NetworkPolicy in `{namespace}` with their labels in podSelector and `policyTypes: [{}]`",
                self.direction.as_str()
            ));
    }
}

/// Whether a workload lacks what the API server demands of it, and so is a patch.
fn is_patch(owner: &Object<'_>) -> bool {
    owner.group() == "apps" && owner.get("spec.selector").is_none()
}

fn unplaced(policy: &NetworkPolicy<'_>, word: &str) -> Unknown {
    Unknown::because(
        format!(
            "`{}` selects the pods for {word} if both are applied to one namespace",
            policy.name()
        ),
        "the manifests as they are applied, or the objects as kubectl get prints them",
    )
}

fn unclear(policy: &Object<'_>, word: &str) -> Unknown {
    Unknown::because(
        format!(
            "{} may select the pods for {word}, which takes more than its settings to tell",
            policy.display_name()
        ),
        "a NetworkPolicy that selects the pods, or a waiver that names the policy",
    )
}
