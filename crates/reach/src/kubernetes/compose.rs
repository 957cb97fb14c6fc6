//! Which policies count in a cluster, and in which order, by the engine that runs there.

use palisade_estate::Cluster;
use palisade_estate::kubernetes::{PolicyDialect, PolicyType};

use super::program::{Fallback, Layer, NoteKind, Program, Stage};
use super::translator::Translator;
use super::{EngineKind, network_policy};

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
    for direction in [PolicyType::Ingress, PolicyType::Egress] {
        let stages = match engine {
            EngineKind::None => continue,
            _ => vec![Stage {
                name: "NetworkPolicy".to_owned(),
                fallback: Fallback::Deny,
                policies: network_policy::policies(&accepted, direction, translator),
            }],
        };
        program.layers_mut(direction).push(Layer {
            name: "network policy",
            stages,
        });
    }
    program
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
