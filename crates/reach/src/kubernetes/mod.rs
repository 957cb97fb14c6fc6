//! What a cluster's network policies allow.
//!
//! 1. [`Endpoints`] are the things that send and receive, those that no policy can tell apart
//!    merged into one; outside addresses come in ranges.
//! 2. Every dialect is translated into one form ([`Program`]): for each direction a few *layers*,
//!    in each ordered *stages* of policies with rules. [`Translator`] gives translations what
//!    they need: selectors resolved to sets of endpoints, port names to numbers.
//! 3. [`evaluation`] walks that form for one endpoint and a set of others, and says which traffic
//!    may be allowed and which may be denied. One pair is a set of one; all pairs are the same
//!    walk over everything, once for each group of endpoints with the same policies
//!    ([`Connectivity`]).

mod ambient;
mod analysis;
mod calico;
mod cilium;
mod cluster_policy;
mod compose;
mod connectivity;
mod duplicate;
mod endpoint;
mod endpoint_set;
mod engine;
mod entry;
pub mod evaluation;
mod explanation;
mod exposure;
mod isolation;
mod istio;
mod label_index;
mod lint;
mod matched;
mod migration;
mod namespace;
mod network_policy;
mod npm;
mod outside;
mod own_node;
mod program;
mod service_backend;
mod services;
mod stand_in;
mod table;
mod translator;
mod workload;

pub use analysis::{Analysis, Options, analyse};
pub use connectivity::{Cells, Connectivity, Group, OutcomeId, Rectangle, Row};
pub use endpoint::{Endpoint, EndpointKind, Endpoints, NamedPort};
pub use endpoint_set::{EndpointId, EndpointSet};
pub use engine::{Engine, EngineKind, require_no_unmanaged};
pub use entry::{Entry, EntryKind, SeenSource};
pub use evaluation::{Outcome, Pair, Verdict};
pub use explanation::{Caveat, Decision, Explanation, Hop, MissingRule, Obstacle, PeerNames};
pub use exposure::{Exposure, Home, LabelClass, LabelValue, expose};
pub use isolation::{Isolation, Isolations};
pub use label_index::LabelIndex;
pub use lint::{Lint, LintKind};
pub use namespace::Namespace;
pub use program::{
    Action, Condition, Fallback, Layer, Note, NoteKind, OwnNode, Peers, Policy, Program, Rule,
    Stage,
};
pub use stand_in::StandIns;
pub use table::{ConditionId, TrafficId, TrafficTable};
pub use translator::{Ports, Selected, Translator};
pub use workload::{Labels, Workload};

pub(crate) use endpoint::own_range;
pub(crate) use explanation::lasting;
pub(crate) use services::Services;
