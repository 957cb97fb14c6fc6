//! Whether the pods of a namespace are isolated unless a policy says otherwise: shared by the
//! controls for the two directions.

use std::collections::BTreeMap;

use palisade_document::Value;
use palisade_estate::azure::PolicyEngine;
use palisade_estate::kubernetes::{
    NetworkPolicy, PolicyDialect, PolicySyntax, PolicyType, pod_templates, policy_syntax,
};
use palisade_estate::{Cluster, Object, Unknown};

use super::engine::{enforces, engine};
use super::stance::{Stance, allows_all, stance};
use crate::system_namespace::is_system;
use crate::{Context, Domain, Finding, Findings, Parameter, Subject, Weaker};

/// One namespace of a cluster and the direction in question.
struct Question<'q, 'e> {
    cluster: &'q Cluster<'e>,
    /// The network policies of the cluster, in whatever dialect.
    policies: &'q [Object<'e>],
    engine: &'q Result<(PolicyEngine<'e>, Value<'e>), Unknown>,
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
        let engine = engine(&cluster);
        let policies: Vec<_> = cluster
            .objects()
            .filter(|object| PolicyDialect::of(object).is_some())
            .collect();
        for (namespace, place) in namespaces(&cluster, &exempt) {
            let question = Question {
                cluster: &cluster,
                policies: &policies,
                engine: &engine,
                namespace: &namespace,
                place,
                direction,
            };
            question.answer(findings).at(place.anchor(), "");
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
    fn answer<'f>(&self, findings: &'f mut Findings) -> &'f mut Finding {
        let of_policies = self
            .policies
            .iter()
            .filter_map(|policy| Some((*policy, stance(policy, self.namespace, self.direction)?)));
        let stances: Vec<_> = of_policies
            .filter(|(_, stance)| *stance != Stance::Leaves)
            .collect();
        let find = |stance: Stance, enforced: &[Option<bool>]| {
            let found = stances.iter().find(|(policy, theirs)| {
                *theirs == stance && enforced.contains(&self.is_enforced(policy))
            });
            found.map(|(policy, _)| *policy)
        };
        if let Some(policy) = find(Stance::Denies, &[Some(true)]) {
            return self.denied(policy, findings);
        }
        let undecided =
            find(Stance::Denies, &[None]).or_else(|| find(Stance::MayDeny, &[Some(true), None]));
        if let Some(policy) = undecided {
            return findings
                .unknown(self.subject(), self.unknown(&policy))
                .related(policy.anchor(), "this policy");
        }
        match find(Stance::Denies, &[Some(false)]) {
            Some(policy) => self.not_enforced(policy, findings),
            None => self.missing(findings),
        }
    }

    fn denied<'f>(&self, policy: Object<'e>, findings: &'f mut Findings) -> &'f mut Finding {
        let message = format!(
            "`{}` denies {} traffic that no policy allows",
            policy.name(),
            self.word()
        );
        findings
            .pass(self.subject(), message)
            .related(policy.anchor(), "this policy")
    }

    fn not_enforced<'f>(&self, policy: Object<'e>, findings: &'f mut Findings) -> &'f mut Finding {
        let message = format!(
            "`{}` would deny {} traffic by default, but the cluster's engine doesn't enforce it",
            policy.name(),
            self.word()
        );
        findings
            .fail(self.subject(), message)
            .related(policy.anchor(), "this policy")
    }

    fn missing<'f>(&self, findings: &'f mut Findings) -> &'f mut Finding {
        let finding = findings.missing(
            self.subject(),
            self.cluster
                .coverage(&[("networking.k8s.io", "NetworkPolicy")]),
            format!(
                "no policy of `{}` denies {} traffic by default",
                self.namespace,
                self.word()
            ),
            format!(
                "kubectl get networkpolicy --namespace {} --output yaml",
                self.namespace
            ),
        );
        let kubernetes = self
            .policies
            .iter()
            .copied()
            .filter_map(NetworkPolicy::try_of);
        for policy in kubernetes.filter(|policy| allows_all(policy, self.namespace, self.direction))
        {
            let label = "this policy selects every pod and allows everything";
            finding.related(policy.anchor(), label);
        }
        finding.help(format!(
            "create a NetworkPolicy in `{}` with `podSelector: {{}}` and `policyTypes: [{}]`",
            self.namespace,
            self.direction.as_str()
        ))
    }

    fn unknown(&self, policy: &Object<'_>) -> Unknown {
        let dialect = PolicyDialect::of(policy);
        let is_doubtful = NetworkPolicy::try_of(*policy)
            .is_some_and(|policy| policy_syntax(&policy) == PolicySyntax::Doubtful);
        if is_doubtful {
            return Unknown::because(
                format!(
                    "whether {} denies {} traffic depends on how it is applied: see NP015",
                    policy.display_name(),
                    self.word()
                ),
                "the policy as it is in the cluster: kubectl get networkpolicy --output yaml",
            );
        }
        match (dialect, self.engine) {
            (Some(dialect), Err(unknown))
                if dialect != PolicyDialect::Kubernetes || unknown.is_undeployed() =>
            {
                unknown.clone()
            }
            _ => Unknown::because(
                format!(
                    "{} may deny {} traffic by default, which takes more than its settings to tell",
                    policy.display_name(),
                    self.word()
                ),
                format!(
                    "a NetworkPolicy in `{}` with an empty podSelector, or a waiver that names `{}`",
                    self.namespace,
                    policy.name()
                ),
            ),
        }
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

    /// Whether the cluster's engine enforces the policy. Every engine enforces the policies of
    /// Kubernetes, so these count as long as it isn't known that there is none.
    fn is_enforced(&self, policy: &Object<'_>) -> Option<bool> {
        let dialect = PolicyDialect::of(policy)?;
        match self.engine {
            Ok((engine, _)) => enforces(*engine, dialect),
            Err(unknown) if unknown.is_undeployed() => None,
            Err(_) => (dialect == PolicyDialect::Kubernetes).then_some(true),
        }
    }
}
