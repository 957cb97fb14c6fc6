//! What the admission controllers of a cluster would say about its objects: Gatekeeper's
//! constraints and Kubernetes' own admission policies, evaluated without a cluster.
//!
//! Nothing here knows of Azure. Whatever can't be evaluated as the cluster would is undecided
//! with its cause; it is never taken for compliant.

mod admission_policy;
mod candidate;
mod constraint;
mod defaults;
mod definition;
mod expansion;
mod expression;
mod gatekeeper;
mod inventory;
mod json;
mod judgement;
pub mod library;
mod matching;
mod mutation;
mod native_policy;
mod rego;
mod resources;
mod review;
mod template;

pub use candidate::Source;
pub use definition::{Compliance, Definition, Difference, evaluate};
pub use gatekeeper::UndecidedRule;
pub use judgement::{Action, Judgement, RuleName, Verdict, Violation};
pub use matching::{Fault, Match};
pub use mutation::Mutator;
pub use review::{Admission, judge};
