//! What is concluded from the isolation of pods, and why nothing may be: shared by the controls
//! about namespaces and about workloads.

use palisade_estate::kubernetes::{
    NetworkPolicy, PolicyDialect, PolicySyntax, PolicyType, policy_syntax, refusals,
};
use palisade_estate::{Cluster, Object, Unknown};
use palisade_reach::kubernetes::{Condition, EndpointId, EngineKind, Isolation};

use crate::reachability::Proof;

/// The policies by which a pod is isolated.
pub(super) struct Isolated<'e> {
    /// One that doesn't let everything back in.
    pub(super) closed: Option<Object<'e>>,
    /// Else one that does.
    pub(super) open: Option<Object<'e>>,
}

impl<'e> Isolated<'e> {
    /// Those of a pod that is isolated. Unknown where the evaluator takes the cluster's engine to
    /// enforce what the version that AKS ships may not know.
    pub(super) fn by(
        proof: &Proof<'e>,
        direction: PolicyType,
        pod: EndpointId,
    ) -> Result<Self, Unknown> {
        let analysis = &proof.analysis;
        let policies = analysis.isolating(direction, pod);
        let (open, closed): (Vec<_>, Vec<_>) = policies
            .into_iter()
            .partition(|policy| analysis.lets_everything_through(direction, *policy));
        let is_sure =
            |policy: &&Object<'e>| PolicyDialect::of(policy) != Some(PolicyDialect::ClusterScoped);
        let sure = closed.iter().find(is_sure);
        if let (None, Some(policy)) = (sure, closed.first()) {
            return Err(depends_on_version(
                *policy,
                engine_name(analysis.engine.kind),
            ));
        }
        if let Some(policy) = sure.and_then(|policy| NetworkPolicy::try_of(*policy))
            && policy_syntax(&policy) == PolicySyntax::Doubtful
        {
            return Err(depends_on_application(&policy, direction));
        }
        Ok(Self {
            closed: sure.copied(),
            open: open.first().copied(),
        })
    }
}

/// Whether an engine enforces a policy of a dialect that it has learnt only lately.
pub(super) fn depends_on_version(policy: Object<'_>, engine: &str) -> Unknown {
    Unknown::because(
        format!(
            "whether {engine} enforces a {} depends on the version that AKS ships",
            policy.kind()
        ),
        "a waiver that names the engine's version, or the same rules as NetworkPolicies",
    )
}

/// A policy of a namespace that acts on a direction and of which nobody can say what it becomes
/// when it is applied.
pub(super) fn doubtful_policy(
    cluster: &Cluster<'_>,
    namespace: &str,
    direction: PolicyType,
) -> Option<Unknown> {
    let mut own = NetworkPolicy::all(cluster)
        .filter(|policy| policy.namespace() == Some(namespace) && policy.isolates(direction));
    let policy = own.find(|policy| match policy_syntax(policy) {
        PolicySyntax::Doubtful => true,
        // What it is refused for, a tool has yet to fill in.
        PolicySyntax::Sound => !refusals(policy).is_empty(),
        PolicySyntax::Refused => false,
    })?;
    Some(depends_on_application(&policy, direction))
}

fn depends_on_application(policy: &NetworkPolicy<'_>, direction: PolicyType) -> Unknown {
    Unknown::because(
        format!(
            "what {} does to {} traffic depends on how it is applied: see NP015",
            policy.display_name(),
            direction.section()
        ),
        "the policy as it is in the cluster: kubectl get networkpolicy --output yaml",
    )
}

/// The engines under which each dialect of a cluster's policies means something.
pub(super) fn supposed_engines(cluster: &Cluster<'_>) -> Vec<EngineKind> {
    let mut engines = vec![EngineKind::Conformant];
    let dialects: Vec<_> = cluster
        .objects()
        .filter_map(|object| PolicyDialect::of(&object))
        .collect();
    for (dialect, engine) in [
        (PolicyDialect::Calico, EngineKind::Calico),
        (PolicyDialect::Cilium, EngineKind::Cilium),
    ] {
        if dialects.contains(&dialect) {
            engines.push(engine);
        }
    }
    engines
}

/// The policy by which a pod would be isolated under another engine, and isn't because the
/// cluster's own doesn't enforce it. `pod` is the pod's number under the other one.
pub(super) fn not_enforced<'e>(
    own: &Proof<'e>,
    other: &Proof<'e>,
    direction: PolicyType,
    pod: EndpointId,
) -> Option<Object<'e>> {
    if own.analysis.engine.kind == other.analysis.engine.kind
        || *other.isolations(direction).get(pod) != Isolation::Whole
    {
        return None;
    }
    let is_left_out = |policy: &Object<'e>| {
        let mut notes = own.analysis.notes.iter();
        notes.any(|note| {
            note.kind == palisade_reach::kubernetes::NoteKind::NotEnforced && note.object == *policy
        })
    };
    let policies = other.analysis.isolating(direction, pod);
    policies.into_iter().find(|policy| {
        is_left_out(policy) && !other.analysis.lets_everything_through(direction, *policy)
    })
}

/// What a condition says, as an unknown.
pub(super) fn of_conditions(conditions: &[Condition]) -> Unknown {
    match conditions.first() {
        Some(Condition::Unknown { cause, supply }) => Unknown::because(cause, supply),
        Some(Condition::Layer7(request)) => Unknown::because(
            format!("it hangs on what is asked for: {request}"),
            "a rule about ports alone",
        ),
        Some(Condition::Name(name)) => Unknown::because(
            format!("it hangs on the addresses of {name}"),
            "a rule about address ranges",
        ),
        None => Unknown::because(
            "the policies don't tell",
            "the objects as kubectl get prints them",
        ),
    }
}

/// What to call an engine in a sentence.
fn engine_name(engine: EngineKind) -> &'static str {
    match engine {
        EngineKind::None => "no engine",
        EngineKind::Conformant => "the engine",
        EngineKind::AzureNpm => "Azure NPM",
        EngineKind::Calico => "Calico",
        EngineKind::Cilium => "Cilium",
    }
}
