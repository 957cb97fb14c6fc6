//! The least that the network policies of a cluster can allow: default deny in every namespace,
//! and open what the manifests evidently need.
//!
//! 1. [`party`](self::party) puts pods together that policies can't tell apart by their labels.
//! 2. [`flow`](self::flow) collects flows with the places that are their evidence: Services that
//!    workloads name ([`mention`](self::mention)), ways in from outside and through controllers
//!    ([`entry`](self::entry)), what the API server calls and who calls it
//!    ([`control_plane`](self::control_plane)), and metrics ([`metrics`](self::metrics)). What
//!    isn't evident is listed as undecided, and nothing is opened for it.
//! 3. [`policy`](self::policy) makes policies of the flows, [`write`](self::write) writes them in
//!    a dialect.
//! 4. [`proof`](self::proof) compares what the evaluator says of the cluster with these policies,
//!    pair by pair, with the flows.
//!
//! Probes of the kubelet need no rule: they come from the pod's own node, which every engine lets
//! in whatever a policy says ([`own_node`](crate::kubernetes)).

mod control_plane;
mod entry;
mod flow;
mod host_name;
mod mention;
mod metrics;
mod namespace;
mod party;
mod policy;
mod proof;
mod write;

use palisade_document::Origin;
use palisade_estate::kubernetes::PolicyDialect;
use palisade_estate::{Cluster, Object};
use palisade_packet::Traffic;

use crate::kubernetes::{Analysis, EngineKind};

pub use namespace::{Exclusion, is_managed};
pub use proof::{Counterexample, Proof, Refuted};
pub use write::NamespacePolicies;

use flow::Flows;
use party::Parties;

/// What policies are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `networking.k8s.io/v1` NetworkPolicy, which every engine enforces.
    Kubernetes,
    /// `cilium.io/v2` CiliumNetworkPolicy.
    Cilium,
    /// `projectcalico.org/v3` NetworkPolicy.
    Calico,
}

impl Dialect {
    /// The engine to take where the cluster's isn't known.
    pub fn engine(self) -> EngineKind {
        match self {
            Self::Kubernetes => EngineKind::Conformant,
            Self::Cilium => EngineKind::Cilium,
            Self::Calico => EngineKind::Calico,
        }
    }
}

/// What to generate.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The dialect.
    pub dialect: Dialect,
    /// The namespaces to write policies for; all if there are none.
    pub namespaces: Vec<String>,
}

/// A place that speaks for a flow, or for one that can't be decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The place.
    pub at: Origin,
    /// What it is: `env API_URL of Deployment/web`.
    pub what: String,
}

/// Something that pods may need and that isn't evident. Nothing is opened for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Undecided {
    /// The namespace that it is about.
    pub namespace: String,
    /// Why nothing is opened: lower case, no final stop.
    pub message: String,
    /// The places that ask for it.
    pub evidence: Vec<Evidence>,
}

/// A flow that is kept open.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Who sends: `shop/web`, or addresses.
    pub from: String,
    /// Who receives.
    pub to: String,
    /// What.
    pub traffic: Traffic,
    /// What speaks for it.
    pub evidence: Vec<Evidence>,
}

/// The least that the policies of a cluster can allow.
pub struct LeastPrivilege<'a, 'e> {
    analysis: &'a Analysis<'e>,
    dialect: Dialect,
    parties: Parties<'e>,
    flows: Flows,
    /// The namespaces that get no policies, with the reason, by name.
    pub excluded: Vec<(&'e str, Exclusion)>,
    /// What isn't evident, by namespace.
    pub undecided: Vec<Undecided>,
}

impl<'a, 'e> LeastPrivilege<'a, 'e> {
    /// What the manifests of a cluster need. Of the analysis only the endpoints and the engine
    /// count here; [`prove`](Self::prove) asks its policies.
    pub fn of(cluster: &Cluster<'e>, analysis: &'a Analysis<'e>, wanted: &Wanted) -> Self {
        let (governed, excluded) = namespace::divide(analysis, &wanted.namespaces);
        let parties = Parties::of(analysis, governed);
        let (flows, undecided) = flow::collect(cluster, analysis, &parties, wanted.dialect);
        Self {
            analysis,
            dialect: wanted.dialect,
            parties,
            flows,
            excluded,
            undecided,
        }
    }

    /// The namespaces that get policies, by name.
    pub fn namespaces(&self) -> Vec<&'e str> {
        let all = self.analysis.endpoints.namespaces();
        let governed = self.parties.governed.iter();
        governed.map(|&number| all[number].name).collect()
    }

    /// The flows that are kept open, but for look-ups of names.
    pub fn flows(&self) -> Vec<Flow> {
        let flows = self.flows.iter();
        flows
            .map(|((from, to), need)| Flow {
                from: self.parties.name_of(from),
                to: self.parties.name_of(to),
                traffic: need.traffic.clone(),
                evidence: need.evidence.clone(),
            })
            .collect()
    }

    /// The policies of every namespace that gets some. `place` prints a place, as `file:line`.
    pub fn policies(&self, place: impl Fn(Origin) -> String) -> Vec<NamespacePolicies> {
        let governed = self.parties.governed.iter();
        governed
            .map(|&namespace| write::namespace(self, namespace, &place))
            .collect()
    }
}

/// The policies whose place generated ones take: those, of whatever dialect, that are objects of
/// these namespaces. Policies of the whole cluster stay.
pub fn replaced<'e>(cluster: &Cluster<'e>, namespaces: &[&str]) -> Vec<Object<'e>> {
    let is_of = |policy: &Object<'e>| {
        let namespace = policy.namespace();
        namespace.is_some_and(|name| namespaces.contains(&name))
    };
    cluster
        .objects()
        .filter(|object| {
            PolicyDialect::of(object).is_some_and(|it| it != PolicyDialect::CalicoStaged)
        })
        .filter(is_of)
        .collect()
}
