//! Azure Policy: which definitions a resource breaks, by which assignment, and why.
//!
//! A [`Definition`] is read from any file that holds one; a [`Rulebook`] compiles definitions
//! together with the [aliases](Catalogue) that they use, and answers for a resource whether the
//! condition holds. The answer is `regorus`'; what it can't evaluate exactly is not evaluated,
//! with the reason, and a value that can't be known before deployment gives an unknown answer.

mod aliases;
mod assignment;
pub mod builtin;
mod compliance;
mod condition;
mod definition;
mod difference;
mod effect;
mod equivalence;
mod evaluation;
mod exemption;
mod explanation;
mod expression;
mod facts;
mod force;
mod growth;
mod initiative;
mod library;
mod lint;
mod mutation;
mod names;
mod objects;
mod operation;
mod parameter;
mod plan;
mod program;
mod reading;
mod rule_text;
mod rulebook;
mod scope;
mod selector;
pub mod suite;
mod value;

pub use aliases::{Alias, Catalogue, resource_types};
pub use assignment::is_enforced;
pub use compliance::{Review, Row, State, Target, review};
pub use condition::{Condition, Count, Leaf, Subject};
pub use definition::{Definition, Mode, Rule, Then};
pub use difference::{Difference, differences};
pub use effect::Effect;
pub use evaluation::{Answer, Asker, Candidates, Fired, Lookup, NotEvaluated, Question};
pub use explanation::{Explained, Outcome};
pub use facts::{Body, Facts};
pub use force::{Assignments, Force};
pub use initiative::{Initiative, Member};
pub use library::{Library, Origin};
pub use lint::{Lint, LintKind, lint};
pub use parameter::{Arguments, Parameter};
pub use plan::{Missing, Plan, Planned};
pub use reading::Remark;
pub use rulebook::{Compiled, Rulebook};
pub use value::Datum;
