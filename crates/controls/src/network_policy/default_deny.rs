//! Whether every pod that a namespace could have is isolated: shared by the controls for the two
//! directions.
//!
//! The engine is asked about a pod of which nothing is known but its namespace: what holds for it
//! for certain holds for every pod, whatever its labels. Only where that isn't certain are the pods
//! of the input asked about, and a pod without labels, since each of them could show the contrary.

use std::collections::BTreeMap;

use palisade_estate::kubernetes::{PolicyType, pod_templates};
use palisade_estate::{Cluster, Object, Unknown};
use palisade_reach::kubernetes::{EndpointId, Isolation, StandIns};

use super::isolated::{Isolated, doubtful_policy, not_enforced, of_conditions, supposed_engines};
use crate::reachability::Proof;
use crate::system_namespace::is_system;
use crate::{Context, Domain, Finding, Findings, Parameter, Subject, Weaker};

/// One namespace of a cluster and the direction in question.
struct Question<'q, 'e> {
    context: &'q Context<'e>,
    cluster: &'q Cluster<'e>,
    namespace: &'q str,
    /// The Namespace, or else a workload in it.
    place: Object<'e>,
    direction: PolicyType,
}

/// Which namespaces the question isn't asked of, beside those of the system.
pub(super) static EXEMPT_NAMESPACES: Parameter = Parameter {
    name: "exempt-namespaces",
    meaning: "namespaces that need no default, beside those of Kubernetes and AKS",
    domain: Domain::Names { default: &[] },
    weaker: Weaker::More,
};

/// Judges every namespace of every cluster for a direction.
pub(super) fn judge(context: &Context<'_>, direction: PolicyType, findings: &mut Findings) {
    let exempt = context.names(&EXEMPT_NAMESPACES);
    for cluster in context.estate.clusters() {
        for (namespace, place) in namespaces(&cluster, &exempt) {
            let question = Question {
                context,
                cluster: &cluster,
                namespace: &namespace,
                place,
                direction,
            };
            question.answer(findings);
        }
    }
}

/// The namespaces of Namespace objects and of workloads, but for those of the system and those
/// that the project exempts.
fn namespaces<'e>(cluster: &Cluster<'e>, exempt: &[String]) -> BTreeMap<String, Object<'e>> {
    let mut namespaces = BTreeMap::new();
    for object in cluster.objects_of("", "Namespace") {
        namespaces.entry(object.name()).or_insert(object);
    }
    for template in pod_templates(cluster) {
        let name = template.namespace().to_owned();
        namespaces.entry(name).or_insert(template.owner);
    }
    namespaces.retain(|namespace, _| !is_system(namespace) && !exempt.contains(namespace));
    namespaces
}

impl<'e> Question<'_, 'e> {
    fn answer(&self, findings: &mut Findings) {
        let answered = match self.context.proof(self.cluster) {
            Ok(proof) => self.by(proof, findings),
            Err(unknown) => self.by_none(&unknown, findings),
        };
        if let Err(unknown) = answered {
            findings
                .unknown(self.subject(), unknown)
                .at(self.place.anchor(), "");
        }
    }

    /// The answer where it is known what the cluster runs.
    fn by(&self, proof: &Proof<'e>, findings: &mut Findings) -> Result<(), Unknown> {
        let (number, stand_ins) = self.stand_ins(proof)?;
        match self.isolation(proof, stand_ins.any) {
            Isolation::Whole => return self.isolated(proof, stand_ins.any, findings),
            Isolation::Open(_) => {}
            Isolation::Unknown(conditions) => {
                let real = proof.analysis.endpoints.real_pods_of(number);
                let mut real = real.iter();
                let is_open =
                    |id: &EndpointId| matches!(self.isolation(proof, *id), Isolation::Open(_));
                let is_bare_open = is_open(&stand_ins.bare);
                if !is_bare_open && let Some(spared) = real.find(is_open) {
                    return self.spared(proof, spared, findings);
                }
                if !is_bare_open {
                    return Err(self.in_doubt(proof, stand_ins, conditions));
                }
            }
        }
        if let Some(unknown) = doubtful_policy(self.cluster, self.namespace, self.direction) {
            return Err(unknown);
        }
        let engines = supposed_engines(self.cluster);
        for engine in engines {
            let other = self.context.proof_under(self.cluster, engine)?;
            let (_, stand_ins) = self.stand_ins(other)?;
            if let Some(policy) = not_enforced(proof, other, self.direction, stand_ins.any) {
                self.not_enforced(policy, findings);
                return Ok(());
            }
        }
        self.missing(proof, stand_ins, findings);
        Ok(())
    }

    /// The answer where it isn't known what the cluster runs: that nothing is isolated under any
    /// engine is certain, everything else hangs on the engine.
    fn by_none(&self, engine: &Unknown, findings: &mut Findings) -> Result<(), Unknown> {
        if let Some(unknown) = doubtful_policy(self.cluster, self.namespace, self.direction) {
            return Err(unknown);
        }
        for kind in supposed_engines(self.cluster) {
            let proof = self.context.proof_under(self.cluster, kind)?;
            let (_, stand_ins) = self.stand_ins(proof)?;
            let is_isolated = |id| !matches!(self.isolation(proof, id), Isolation::Open(_));
            if is_isolated(stand_ins.any) && is_isolated(stand_ins.bare) {
                let policy = proof.analysis.isolating(self.direction, stand_ins.bare);
                let is_open = policy
                    .iter()
                    .all(|it| proof.analysis.lets_everything_through(self.direction, *it));
                if !is_open {
                    let finding = findings.unknown(self.subject(), engine.clone());
                    finding.at(self.place.anchor(), "");
                    for policy in policy.iter().take(1) {
                        finding.related(policy.anchor(), "would isolate the pods");
                    }
                    return Ok(());
                }
            }
        }
        let kind = supposed_engines(self.cluster)[0];
        let proof = self.context.proof_under(self.cluster, kind)?;
        let (_, stand_ins) = self.stand_ins(proof)?;
        self.missing(proof, stand_ins, findings);
        Ok(())
    }

    fn stand_ins(&self, proof: &Proof<'e>) -> Result<(usize, StandIns), Unknown> {
        let endpoints = &proof.analysis.endpoints;
        let number = endpoints.namespace(self.namespace);
        let found = number.and_then(|number| Some((number, endpoints.stand_ins(number)?)));
        found.ok_or_else(|| {
            Unknown::because(
                "the namespace has no name that is known",
                "the manifests as they are applied",
            )
        })
    }

    fn isolation<'p>(&self, proof: &'p Proof<'e>, id: EndpointId) -> &'p Isolation {
        proof.isolations(self.direction).get(id)
    }

    fn isolated(
        &self,
        proof: &Proof<'e>,
        any: EndpointId,
        findings: &mut Findings,
    ) -> Result<(), Unknown> {
        let isolated = Isolated::by(proof, self.direction, any)?;
        let word = self.word();
        let Some(policy) = isolated.closed else {
            let message = format!(
                "no policy of `{}` denies {word} traffic by default",
                self.namespace
            );
            let finding = self.fail_for_want(message, findings);
            if let Some(policy) = isolated.open {
                let label = "this policy selects every pod and allows everything";
                finding.related(policy.anchor(), label);
            }
            return Ok(());
        };
        let message = format!(
            "`{}` denies {word} traffic that no policy allows, to every pod that the namespace could have: proved over all packets",
            policy.name(),
        );
        findings
            .pass(self.subject(), message)
            .at(self.place.anchor(), "")
            .related(policy.anchor(), "this policy");
        Ok(())
    }

    /// Policies isolate the pods without labels and spare some that are there.
    fn spared(
        &self,
        proof: &Proof<'e>,
        pod: EndpointId,
        findings: &mut Findings,
    ) -> Result<(), Unknown> {
        let Some(owner) = proof.analysis.endpoints.objects_of(pod).next() else {
            return Err(Unknown::because(
                "a pod of the namespace isn't isolated",
                "kubectl get pods -o json",
            ));
        };
        if let Some(unknown) = doubtful_policy(self.cluster, self.namespace, self.direction) {
            return Err(unknown);
        }
        let message = format!(
            "the policies of `{}` spare the pods of {} for {} traffic: nothing isolates them",
            self.namespace,
            owner.display_name(),
            self.word()
        );
        let finding = self.fail_for_want(message, findings);
        finding.related(owner.anchor(), "these pods are open");
        Ok(())
    }

    fn in_doubt(
        &self,
        proof: &Proof<'e>,
        stand_ins: StandIns,
        conditions: &[palisade_reach::kubernetes::Condition],
    ) -> Unknown {
        let policies = proof.analysis.isolating(self.direction, stand_ins.bare);
        match policies.first() {
            Some(policy) => Unknown::because(
                format!(
                    "{} isolates a pod without labels for {} traffic, and may spare others by their labels",
                    policy.display_name(),
                    self.word()
                ),
                format!(
                    "a policy of `{}` that selects every pod, or a waiver that names `{}`",
                    self.namespace,
                    policy.name()
                ),
            ),
            None => of_conditions(conditions),
        }
    }

    fn not_enforced(&self, policy: Object<'e>, findings: &mut Findings) {
        let message = format!(
            "`{}` would deny {} traffic by default, but the cluster's engine doesn't enforce it",
            policy.name(),
            self.word()
        );
        findings
            .fail(self.subject(), message)
            .at(self.place.anchor(), "")
            .related(policy.anchor(), "this policy");
    }

    fn missing(&self, proof: &Proof<'e>, stand_ins: StandIns, findings: &mut Findings) {
        let message = format!(
            "no policy of `{}` denies {} traffic by default",
            self.namespace,
            self.word()
        );
        let direction = self.direction;
        let finding = self.fail_for_want(message, findings);
        finding.help(format!(
            "create a NetworkPolicy in `{}` with `podSelector: {{}}` and `policyTypes: [{}]`",
            self.namespace,
            direction.as_str()
        ));
        for policy in proof.analysis.isolating(direction, stand_ins.any) {
            let label = match proof.analysis.lets_everything_through(direction, policy) {
                true => "this policy selects every pod and allows everything",
                false => "this policy denies some of it",
            };
            finding.related(policy.anchor(), label);
        }
    }

    /// A failure that a policy outside the input could prevent.
    fn fail_for_want<'f>(&self, message: String, findings: &'f mut Findings) -> &'f mut Finding {
        let coverage = self
            .cluster
            .coverage(&[("networking.k8s.io", "NetworkPolicy")]);
        let supply = format!(
            "kubectl get networkpolicy --namespace {} --output yaml",
            self.namespace
        );
        findings
            .missing(self.subject(), coverage, message, supply)
            .at(self.place.anchor(), "")
    }

    fn subject(&self) -> Subject {
        if self.place.is("", "Namespace") {
            Subject::from(self.place)
        } else {
            Subject {
                namespace: Some(self.namespace.to_owned()),
                ..Subject::from(*self.cluster).part(self.namespace)
            }
        }
    }

    fn word(&self) -> &'static str {
        match self.direction {
            PolicyType::Ingress => "inbound",
            PolicyType::Egress => "outbound",
        }
    }
}
