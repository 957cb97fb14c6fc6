//! What the policies in force say about an estate: for each definition what puts it in force,
//! which resources break it, and the comparisons that decided.

mod admission;
mod deciding;
mod finding;
mod json;
mod model;
mod page;
mod refusal;
mod resolve;
mod suite;
mod suite_text;
mod terminal;

pub use json::{schema, write as write_json};
pub use model::{
    Comparison, ConstraintEntry, Counts, DifferenceEntry, ListedPolicy, MutatorEntry, Place,
    PolicyEntry, PolicyReport, ResourceEntry, Unasked,
};
pub use suite::{SuiteEntry, SuiteReport, TestEntry, TestFailure};
pub use suite_text::{write as write_suites, write_junit as write_suites_junit};
pub use terminal::{write as write_terminal, write_list};
