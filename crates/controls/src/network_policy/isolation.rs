//! Whether policies isolate the pods of a workload: shared by the controls for the two directions.

use std::collections::HashMap;

use palisade_estate::kubernetes::{
    NetworkPolicy, PodTemplate, PolicySyntax, PolicyType, pod_templates, policy_syntax,
};
use palisade_estate::{Cluster, Object, Unknown};
use palisade_reach::kubernetes::{EndpointId, EndpointSet, Isolation};

use super::isolated::{Isolated, doubtful_policy, not_enforced, of_conditions, supposed_engines};
use crate::reachability::Proof;
use crate::system_namespace::is_system;
use crate::{Context, Findings};

/// A cluster and the direction in question.
struct Question<'q, 'e> {
    context: &'q Context<'e>,
    cluster: &'q Cluster<'e>,
    direction: PolicyType,
    /// What isn't known about the policies of a namespace, told once for all of its pods.
    doubts: HashMap<&'e str, Option<Unknown>>,
    /// The policies that say in which namespace they are, and those that don't.
    policies: Vec<NetworkPolicy<'e>>,
}

/// Judges the pods of every workload for a direction.
pub(super) fn judge_pods(context: &Context<'_>, direction: PolicyType, findings: &mut Findings) {
    for cluster in context.estate.clusters() {
        let mut question = Question {
            context,
            cluster: &cluster,
            direction,
            doubts: HashMap::new(),
            policies: NetworkPolicy::all(&cluster).collect(),
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
    fn judge(&mut self, pod: &PodTemplate<'e>, findings: &mut Findings) -> Result<(), Unknown> {
        match self.context.proof(self.cluster) {
            Ok(proof) => self.by(proof, pod, findings),
            Err(engine) => self.by_none(engine, pod, findings),
        }
    }

    /// The answer where it is known what the cluster runs.
    fn by(
        &mut self,
        proof: &Proof<'e>,
        pod: &PodTemplate<'e>,
        findings: &mut Findings,
    ) -> Result<(), Unknown> {
        let word = self.direction.section();
        let isolation = self.isolation(proof, pod)?;
        match isolation {
            (id, Isolation::Whole) => {
                let isolated = Isolated::by(proof, self.direction, id)?;
                let policy = isolated.closed.or(isolated.open);
                let name = policy.map_or_else(String::new, |policy| policy.name());
                let message =
                    format!("`{name}` isolates the pods for {word}: proved over all packets");
                let finding = findings.pass(pod.owner, message);
                if let Some(policy) = policy {
                    finding.related(policy.anchor(), "this policy");
                }
                Ok(())
            }
            (_, Isolation::Unknown(conditions)) => Err(of_conditions(conditions)),
            (_, Isolation::Open(_)) => {
                self.require_certain(pod)?;
                for engine in supposed_engines(self.cluster) {
                    let other = self.context.proof_under(self.cluster, engine)?;
                    let (id, _) = self.isolation(other, pod)?;
                    if let Some(policy) = not_enforced(proof, other, self.direction, id) {
                        let message = format!(
                            "`{}` selects the pods for {word}, but nothing in the cluster enforces it",
                            policy.name()
                        );
                        findings
                            .fail(pod.owner, message)
                            .related(policy.anchor(), "this policy");
                        return Ok(());
                    }
                }
                self.missing(pod, word, findings);
                Ok(())
            }
        }
    }

    /// The answer where it isn't known what the cluster runs: that no engine would isolate the
    /// pods is certain, everything else hangs on the engine.
    fn by_none(
        &mut self,
        engine: Unknown,
        pod: &PodTemplate<'e>,
        findings: &mut Findings,
    ) -> Result<(), Unknown> {
        self.require_certain(pod)?;
        for kind in supposed_engines(self.cluster) {
            let proof = self.context.proof_under(self.cluster, kind)?;
            if !matches!(self.isolation(proof, pod)?, (_, Isolation::Open(_))) {
                return Err(engine);
            }
        }
        self.missing(pod, self.direction.section(), findings);
        Ok(())
    }

    /// The pod that tells: of several that policies can tell apart one that isn't isolated, or of
    /// which it isn't known.
    fn isolation<'p>(
        &self,
        proof: &'p Proof<'e>,
        pod: &PodTemplate<'e>,
    ) -> Result<(EndpointId, &'p Isolation), Unknown> {
        let own: EndpointSet = proof.pods_of(pod);
        let isolations = proof.isolations(self.direction);
        let mut told: Vec<_> = own.iter().map(|id| (id, isolations.get(id))).collect();
        told.sort_by_key(|(id, isolation)| {
            let rank = match isolation {
                Isolation::Open(_) => 0,
                Isolation::Unknown(_) => 1,
                Isolation::Whole => 2,
            };
            (rank, *id)
        });
        told.first().copied().ok_or_else(|| {
            Unknown::because(
                "its pods aren't among those of the cluster",
                "kubectl get pods --all-namespaces --output yaml",
            )
        })
    }

    /// That no policy selects the pods is certain only where what the policies select is.
    fn require_certain(&mut self, pod: &PodTemplate<'e>) -> Result<(), Unknown> {
        let (cluster, direction) = (self.cluster, self.direction);
        let namespace = pod.namespace();
        let doubt = self
            .doubts
            .entry(namespace)
            .or_insert_with(|| doubtful_policy(cluster, namespace, direction));
        if let Some(doubt) = doubt {
            return Err(doubt.clone());
        }
        if is_patch(&pod.owner) {
            return Err(Unknown::because(
                "it has no selector, as a patch of a manifest hasn't",
                "the manifest as it is applied, with the patch",
            ));
        }
        match self.perhaps_beside(pod) {
            Some(policy) => Err(unplaced(&policy, direction.section())),
            None => Ok(()),
        }
    }

    /// A policy that selects the pods if both are applied to one namespace, which one of them names
    /// and the other leaves open.
    fn perhaps_beside(&self, pod: &PodTemplate<'e>) -> Option<NetworkPolicy<'e>> {
        let is_pod_placed = is_placed(&pod.owner);
        let mut beside = self
            .policies
            .iter()
            .filter(|policy| is_placed(policy) != is_pod_placed);
        let found = beside.find(|policy| {
            let selector = policy.pod_selector();
            policy.isolates(self.direction)
                && selector.is_ok_and(|selector| selector.matches(|key| pod.label(key)))
                && policy_syntax(policy) != PolicySyntax::Refused
        })?;
        Some(*found)
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

fn is_placed(object: &Object<'_>) -> bool {
    object.get("metadata.namespace").is_some()
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
