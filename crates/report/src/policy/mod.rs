//! What the policies in force say about an estate: for each definition what puts it in force,
//! which resources break it, and the comparisons that decided.

mod json;
mod model;
mod suite;
mod suite_text;
mod terminal;

pub use json::write as write_json;
pub use model::{
    Comparison, Counts, ListedPolicy, Place, PolicyEntry, PolicyReport, ResourceEntry, Unasked,
};
pub use suite::{SuiteEntry, SuiteReport, TestEntry, TestFailure};
pub use suite_text::{write as write_suites, write_junit as write_suites_junit};
pub use terminal::{write as write_terminal, write_list};
