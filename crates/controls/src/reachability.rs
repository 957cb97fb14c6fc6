//! What the engine of network policies says about each cluster: computed when the first control
//! asks, once for all.

use palisade_estate::{Cluster, Estate, Unknown};
use palisade_reach::kubernetes::{Analysis, Engine, EngineKind, Lint, Options, analyse};

use crate::once::Once;

/// The clusters of an estate, each with what is known about it so far.
pub(crate) struct Reachabilities<'e> {
    /// The engine where somebody has named one; else it is that of the managed cluster.
    engine: Option<EngineKind>,
    clusters: Vec<(Cluster<'e>, Once<Result<Reachability<'e>, Unknown>>)>,
}

/// What the policies of a cluster allow, as its engine enforces them.
pub(crate) struct Reachability<'e> {
    /// The evaluator.
    pub(crate) analysis: Analysis<'e>,
    lints: Once<Vec<Lint<'e>>>,
}

impl<'e> Reachabilities<'e> {
    /// Nothing is computed yet.
    pub(crate) fn of(estate: &'e Estate, engine: Option<EngineKind>) -> Self {
        let clusters = estate.clusters();
        Self {
            engine,
            clusters: clusters.map(|cluster| (cluster, Once::new())).collect(),
        }
    }

    /// What is known about a cluster; why nothing is, if its engine isn't known.
    pub(crate) fn get(&self, cluster: &Cluster<'e>) -> Result<&Reachability<'e>, Unknown> {
        let known = self.clusters.iter().find(|(known, _)| known == cluster);
        let Some((_, once)) = known else {
            return Err(Unknown::because(
                "the cluster isn't one of the estate",
                "the files that its objects are in",
            ));
        };
        let found = once.get(|| {
            let engine = match self.engine {
                Some(kind) => Engine::new(kind),
                None => Engine::of(cluster)?,
            };
            Ok(Reachability {
                analysis: analyse(cluster, &Options::new(engine)),
                lints: Once::new(),
            })
        });
        found.as_ref().map_err(Clone::clone)
    }
}

impl<'e> Reachability<'e> {
    /// The remarks about the policies.
    pub(crate) fn lints(&self) -> &[Lint<'e>] {
        self.lints.get(|| self.analysis.lint())
    }
}
