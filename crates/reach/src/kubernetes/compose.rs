//! Which policies count in a cluster, and in which order, by the engine that runs there.

use std::collections::BTreeSet;

use palisade_document::Origin;
use palisade_estate::kubernetes::{
    ClusterTier, NetworkPolicy, PolicyDialect, PolicyType, workloads_without_pods,
};
use palisade_estate::{Cluster, Object};

use super::calico::{Calico, Placed};
use super::cilium::Cilium;
use super::cluster_policy::{self, AcceptedClusterPolicy};
use super::program::{Fallback, Layer, NoteKind, OwnNode, Program, Stage};
use super::translator::Translator;
use super::{EngineKind, duplicate, istio, migration, network_policy, npm};

/// Translates the policies of a cluster that its engine enforces, and notes those that it
/// doesn't. With the program come all policies, enforced or not, but for those to leave out.
pub(super) fn program<'e>(
    cluster: &Cluster<'e>,
    translator: &Translator<'e>,
    without: &BTreeSet<Origin>,
) -> (Vec<Object<'e>>, Program<'e>) {
    let mut program = Program::default();
    duplicate::remark_on_namespaces(cluster, &translator.remarks);
    let objects = duplicate::policies(cluster, without, &translator.remarks);
    note_unenforced(&objects, translator);
    let mut accepted = network_policy::accepted(&objects, translator);
    let engine = translator.engine.kind;
    accepted.retain(|policy| match npm::is_enforced(policy, engine) {
        Ok(()) => true,
        Err(message) => {
            translator.note(NoteKind::NotEnforced, **policy, policy.anchor(), message);
            false
        }
    });
    migration::note(&accepted, translator);
    duplicate::remark_on_ports(cluster, &translator.remarks);
    for workload in workloads_without_pods(cluster) {
        let missing = match workload.kind() {
            "Pod" => "spec",
            _ => "template of pods",
        };
        let message = format!(
            "the {} has no {missing}: no pod of it is counted",
            workload.kind()
        );
        translator.remarks.refuse(workload.anchor(), message);
    }
    let policies = Policies {
        kubernetes: &accepted,
        cluster_scoped: &cluster_policy::accepted(&objects, translator),
        calico: (engine == EngineKind::Calico).then(|| Calico::read(cluster, &objects, translator)),
        systems: npm::Systems::of(cluster, translator),
        cilium: (engine == EngineKind::Cilium).then(|| Cilium::read(cluster, &objects, translator)),
        translator,
    };
    for direction in [PolicyType::Ingress, PolicyType::Egress] {
        if engine == EngineKind::None {
            continue;
        }
        let stages = policies.stages(direction);
        program.layers_mut(direction).push(Layer {
            name: "network policy",
            own_node: match engine {
                EngineKind::Cilium => OwnNode::AfterDenials,
                _ => OwnNode::First,
            },
            stages,
        });
    }
    program.ingress.extend(istio::layer(cluster, translator));
    (objects, program)
}

/// The policies of a cluster, dialect by dialect.
struct Policies<'s, 'e> {
    kubernetes: &'s [NetworkPolicy<'e>],
    /// AdminNetworkPolicy and its kin, in the order in which they are asked.
    cluster_scoped: &'s [AcceptedClusterPolicy<'e>],
    calico: Option<Calico<'s, 'e>>,
    cilium: Option<Cilium<'s, 'e>>,
    /// What Azure NPM runs on, where that isn't Linux alone.
    systems: Option<npm::Systems>,
    translator: &'s Translator<'e>,
}

impl<'e> Policies<'_, 'e> {
    /// NetworkPolicy as Kubernetes documents it: one stage.
    fn kubernetes(&self, direction: PolicyType) -> Stage<'e> {
        let mut policies = network_policy::policies(self.kubernetes, direction, self.translator);
        if let Some(systems) = &self.systems {
            let limited = policies.into_iter();
            policies = limited
                .flat_map(|policy| systems.limit(policy, self.translator))
                .collect();
        }
        Stage {
            name: "NetworkPolicy".to_owned(),
            fallback: Fallback::Deny,
            policies,
        }
    }

    /// A tier of the cluster-scoped policies. Traffic that none of their rules decides goes on.
    fn cluster_scoped(&self, tier: ClusterTier, direction: PolicyType) -> Stage<'e> {
        let name = match tier {
            ClusterTier::Admin => "admin tier",
            ClusterTier::Baseline => "baseline tier",
        };
        let of_tier = self.cluster_scoped.iter().filter(|it| it.tier() == tier);
        Stage {
            name: name.to_owned(),
            fallback: Fallback::Next,
            policies: of_tier
                .flat_map(|it| it.policies(direction, self.translator))
                .collect(),
        }
    }

    /// The stages of a direction, as the engine composes the dialects.
    fn stages(&self, direction: PolicyType) -> Vec<Stage<'e>> {
        let kubernetes = self.kubernetes(direction);
        if let Some(cilium) = &self.cilium {
            return vec![cilium.stage(direction, kubernetes.policies)];
        }
        if let Some(calico) = &self.calico {
            return calico.stages(direction, self.placed(direction, kubernetes));
        }
        if self.translator.engine.kind != EngineKind::Conformant {
            return vec![kubernetes];
        }
        vec![
            self.cluster_scoped(ClusterTier::Admin, direction),
            kubernetes,
            self.cluster_scoped(ClusterTier::Baseline, direction),
        ]
    }

    /// The places that Calico gives the policies of Kubernetes in its tiers.
    fn placed(&self, direction: PolicyType, kubernetes: Stage<'e>) -> Vec<Placed<'e>> {
        let policies = kubernetes.policies.into_iter();
        let mut placed: Vec<_> = policies
            .map(|policy| Placed {
                tier: "default".to_owned(),
                order: Some(1000.0),
                name: format!(
                    "{}/knp.default.{}",
                    policy.object.namespace().unwrap_or_default(),
                    policy.object.name()
                ),
                policy,
            })
            .collect();
        for it in self.cluster_scoped {
            let policies = it.policies(direction, self.translator).into_iter();
            placed.extend(policies.map(|policy| Placed {
                tier: it.tier_in_calico().to_owned(),
                order: Some(it.priority()),
                name: policy.object.name(),
                policy,
            }));
        }
        placed
    }
}

/// Notes the policies whose dialect the engine doesn't know.
fn note_unenforced<'e>(policies: &[Object<'e>], translator: &Translator<'e>) {
    let engine = translator.engine.kind;
    for object in policies {
        let Some(dialect) = PolicyDialect::of(object) else {
            continue;
        };
        if let Some(message) = reason(engine, dialect) {
            translator.note(NoteKind::NotEnforced, *object, object.anchor(), message);
        }
    }
}

/// Why an engine doesn't enforce a dialect; nothing if it does.
fn reason(engine: EngineKind, dialect: PolicyDialect) -> Option<&'static str> {
    match (engine, dialect) {
        (_, PolicyDialect::CalicoStaged) => {
            Some("a staged policy is a preview: no engine enforces it")
        }
        (EngineKind::None, _) => {
            Some("the cluster has no network policy engine: no policy is enforced")
        }
        (_, PolicyDialect::Kubernetes) => None,
        (EngineKind::Conformant | EngineKind::Calico, PolicyDialect::ClusterScoped)
        | (EngineKind::Calico, PolicyDialect::Calico)
        | (EngineKind::Cilium, PolicyDialect::Cilium) => None,
        (_, PolicyDialect::ClusterScoped) => {
            Some("the engine doesn't enforce admin and cluster network policies")
        }
        (_, PolicyDialect::Calico) => Some("only Calico enforces Calico's own policies"),
        (_, PolicyDialect::Cilium) => Some("only Cilium enforces Cilium's own policies"),
    }
}
