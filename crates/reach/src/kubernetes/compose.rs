//! Which policies count in a cluster, and in which order, by the engine that runs there.

use palisade_estate::Cluster;
use palisade_estate::kubernetes::{NetworkPolicy, PolicyDialect, PolicyType};

use super::calico::{Calico, Placed};
use super::cilium::Cilium;
use super::program::{Fallback, Layer, NoteKind, Program, Stage};
use super::translator::Translator;
use super::{EngineKind, istio, network_policy};

/// Translates the policies of a cluster that its engine enforces, and notes those that it
/// doesn't.
pub(super) fn program<'e>(cluster: &Cluster<'e>, translator: &Translator<'e>) -> Program<'e> {
    let mut program = Program::default();
    note_unenforced(cluster, translator);
    let mut accepted = network_policy::accepted(cluster, translator);
    let engine = translator.engine.kind;
    accepted.retain(|policy| match network_policy::is_enforced(policy, engine) {
        Ok(()) => true,
        Err(message) => {
            translator.note(NoteKind::NotEnforced, **policy, policy.anchor(), message);
            false
        }
    });
    let policies = Policies {
        accepted: &accepted,
        calico: (engine == EngineKind::Calico).then(|| Calico::read(cluster, translator)),
        cilium: (engine == EngineKind::Cilium).then(|| Cilium::read(cluster, translator)),
        translator,
    };
    for direction in [PolicyType::Ingress, PolicyType::Egress] {
        if engine == EngineKind::None {
            continue;
        }
        let stages = policies.stages(direction);
        program.layers_mut(direction).push(Layer {
            name: "network policy",
            stages,
        });
    }
    program.ingress.extend(istio::layer(cluster, translator));
    program
}

/// The policies of a cluster, dialect by dialect.
struct Policies<'s, 'e> {
    accepted: &'s [NetworkPolicy<'e>],
    calico: Option<Calico<'s, 'e>>,
    cilium: Option<Cilium<'s, 'e>>,
    translator: &'s Translator<'e>,
}

impl<'e> Policies<'_, 'e> {
    /// NetworkPolicy as Kubernetes documents it: one stage.
    fn kubernetes(&self, direction: PolicyType) -> Stage<'e> {
        Stage {
            name: "NetworkPolicy".to_owned(),
            fallback: Fallback::Deny,
            policies: network_policy::policies(self.accepted, direction, self.translator),
        }
    }

    /// The stages of a direction, as the engine composes the dialects.
    fn stages(&self, direction: PolicyType) -> Vec<Stage<'e>> {
        let kubernetes = self.kubernetes(direction);
        if let Some(cilium) = &self.cilium {
            return vec![cilium.stage(direction, kubernetes.policies)];
        }
        let Some(calico) = &self.calico else {
            return vec![kubernetes];
        };
        // Calico gives NetworkPolicy a place in its tiers.
        let policies = kubernetes.policies.into_iter();
        let placed = policies.map(|policy| Placed {
            tier: "default".to_owned(),
            order: Some(1000.0),
            name: format!(
                "{}/knp.default.{}",
                policy.object.namespace().unwrap_or_default(),
                policy.object.name()
            ),
            policy,
        });
        calico.stages(direction, placed.collect())
    }
}

/// Notes the policies whose dialect the engine doesn't know.
fn note_unenforced<'e>(cluster: &Cluster<'e>, translator: &Translator<'e>) {
    let engine = translator.engine.kind;
    for object in cluster.objects() {
        let Some(dialect) = PolicyDialect::of(&object) else {
            continue;
        };
        if let Some(message) = reason(engine, dialect) {
            translator.note(NoteKind::NotEnforced, object, object.anchor(), message);
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
