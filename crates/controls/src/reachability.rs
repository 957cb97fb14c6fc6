//! What the engine of network policies says about each cluster: computed when the first control
//! asks, once for all.

use std::collections::HashMap;
use std::sync::OnceLock;

use palisade_estate::kubernetes::{PodTemplate, PolicyType};
use palisade_estate::{Cluster, Estate, Unknown};
use palisade_reach::kubernetes::{
    Analysis, EndpointSet, Engine, EngineKind, Isolations, Labels, Lint, Options, analyse,
};

use crate::once::Once;

/// The clusters of an estate, each with what is known about it so far.
pub(crate) struct Reachabilities<'e> {
    /// The engine where somebody has named one; else it is that of the managed cluster.
    engine: Option<EngineKind>,
    clusters: Vec<Known<'e>>,
}

/// What is known about a cluster so far.
struct Known<'e> {
    cluster: Cluster<'e>,
    engine: Once<Result<Engine, Unknown>>,
    reachability: Once<Reachability<'e>>,
    proof: Once<Proof<'e>>,
    /// Under engines that the cluster doesn't run, or may not run, in the order of [`SUPPOSED`].
    supposed: [Once<Proof<'e>>; SUPPOSED.len()],
}

/// The engines that are tried where it isn't known which one runs, or where it doesn't enforce a
/// policy.
const SUPPOSED: [EngineKind; 3] = [
    EngineKind::Conformant,
    EngineKind::Calico,
    EngineKind::Cilium,
];

/// What the policies of a cluster allow, as its engine enforces them.
pub(crate) struct Reachability<'e> {
    /// The evaluator.
    pub(crate) analysis: Analysis<'e>,
    lints: Once<Vec<Lint<'e>>>,
}

/// The same for the pods of the cluster and for those that it could have, so that what it says of
/// a namespace is proved for pods that nobody has thought of yet.
pub(crate) struct Proof<'e> {
    /// The evaluator, which knows a stand-in for the pods of each namespace.
    pub(crate) analysis: Analysis<'e>,
    /// The workloads by namespace, kind and name.
    workloads: HashMap<(&'e str, &'e str, String), usize>,
    ingress: OnceLock<Isolations>,
    egress: OnceLock<Isolations>,
}

impl<'e> Reachabilities<'e> {
    /// Nothing is computed yet.
    pub(crate) fn of(estate: &'e Estate, engine: Option<EngineKind>) -> Self {
        let known = |cluster| Known {
            cluster,
            engine: Once::new(),
            reachability: Once::new(),
            proof: Once::new(),
            supposed: [const { Once::new() }; SUPPOSED.len()],
        };
        Self {
            engine,
            clusters: estate.clusters().map(known).collect(),
        }
    }

    /// What is known about a cluster; why nothing is, if its engine isn't known.
    pub(crate) fn get(&self, cluster: &Cluster<'e>) -> Result<&Reachability<'e>, Unknown> {
        let known = self.known(cluster)?;
        let engine = self.engine(known)?;
        Ok(known.reachability.get(|| Reachability {
            analysis: analyse(cluster, &Options::new(engine)),
            lints: Once::new(),
        }))
    }

    /// The same for pods that the cluster could have.
    pub(crate) fn prove(&self, cluster: &Cluster<'e>) -> Result<&Proof<'e>, Unknown> {
        let known = self.known(cluster)?;
        let engine = self.engine(known)?;
        Ok(known.proof.get(|| Proof::of(cluster, engine)))
    }

    /// The same as it would be under an engine with all of its options: one of [`SUPPOSED`].
    pub(crate) fn suppose(
        &self,
        cluster: &Cluster<'e>,
        engine: EngineKind,
    ) -> Result<&Proof<'e>, Unknown> {
        let known = self.known(cluster)?;
        let place = SUPPOSED.iter().position(|kind| *kind == engine);
        let once = &known.supposed[place.unwrap_or_default()];
        Ok(once.get(|| Proof::of(cluster, Engine::new(engine))))
    }

    fn known(&self, cluster: &Cluster<'e>) -> Result<&Known<'e>, Unknown> {
        let mut clusters = self.clusters.iter();
        clusters
            .find(|known| known.cluster == *cluster)
            .ok_or_else(|| {
                Unknown::because(
                    "the cluster isn't one of the estate",
                    "the files that its objects are in",
                )
            })
    }

    fn engine(&self, known: &Known<'e>) -> Result<Engine, Unknown> {
        let engine = known.engine.get(|| match self.engine {
            Some(kind) => Ok(Engine::new(kind)),
            None => Engine::of(&known.cluster),
        });
        engine.clone()
    }
}

impl<'e> Reachability<'e> {
    /// The remarks about the policies.
    pub(crate) fn lints(&self) -> &[Lint<'e>] {
        self.lints.get(|| self.analysis.lint())
    }
}

impl<'e> Proof<'e> {
    fn of(cluster: &Cluster<'e>, engine: Engine) -> Self {
        let options = Options {
            with_stand_ins: true,
            ..Options::new(engine)
        };
        let analysis = analyse(cluster, &options);
        let workloads = analysis.endpoints.workloads().iter().enumerate();
        Self {
            workloads: workloads
                .map(|(number, it)| ((it.namespace, it.kind, it.name.clone()), number))
                .collect(),
            analysis,
            ingress: OnceLock::new(),
            egress: OnceLock::new(),
        }
    }

    /// The pods of a template: those of its workload, or else those that are like it.
    pub(crate) fn pods_of(&self, template: &PodTemplate<'e>) -> EndpointSet {
        let endpoints = &self.analysis.endpoints;
        let (namespace, owner) = (template.namespace(), template.owner);
        let key = (namespace, owner.kind(), owner.name());
        if let Some(&number) = self.workloads.get(&key) {
            let own = &endpoints.workloads()[number].endpoints;
            return own.iter().copied().collect();
        }
        let labels = template
            .metadata
            .and_then(|metadata| metadata.get("labels"));
        let labels = Labels::read(labels);
        let Some(number) = endpoints.namespace(namespace) else {
            return EndpointSet::empty();
        };
        let beside = endpoints.real_pods_of(number);
        let like = beside
            .iter()
            .filter(|id| endpoints.get(*id).labels == labels);
        like.collect()
    }

    /// Which pods are isolated in a direction. Nothing of the estate is read for it.
    pub(crate) fn isolations(&self, direction: PolicyType) -> &Isolations {
        let once = match direction {
            PolicyType::Ingress => &self.ingress,
            PolicyType::Egress => &self.egress,
        };
        once.get_or_init(|| self.analysis.isolations(direction))
    }
}
