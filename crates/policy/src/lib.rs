//! Azure Policy: which definitions a resource breaks, by which assignment, and why.
//!
//! A [`Definition`] is read from any file that holds one; a [`Rulebook`] compiles definitions
//! together with the [aliases](Catalogue) that they use, and answers for a resource whether the
//! condition holds. The answer is `regorus`'; what it can't evaluate exactly is not evaluated,
//! with the reason, and a value that can't be known before deployment gives an unknown answer.

mod aliases;
mod condition;
mod definition;
mod effect;
mod evaluation;
mod expression;
mod facts;
mod names;
mod parameter;
mod program;
mod reading;
mod rule_text;
mod value;

pub use aliases::{Alias, Catalogue, resource_types};
pub use condition::{Condition, Count, Leaf, Subject};
pub use definition::{Definition, Mode, Rule, Then};
pub use effect::Effect;
pub use evaluation::{
    Answer, Asker, Candidates, Compiled, Fired, Lookup, NotEvaluated, Question, Rulebook,
};
pub use facts::{Body, Facts};
pub use parameter::{Arguments, Parameter};
pub use reading::Remark;
pub use value::Datum;
