//! Changes that mend findings: edits of files, and files to deploy.
//!
//! A remedy is made from the text at which a finding shows. What is made here is a proposal: that
//! the finding passes with it is known when the audit has been asked again, with the edited text.

mod edit;
pub mod egress;
mod opposite;
mod waiver;

pub use edit::{Edit, Remedy, apply};
pub use opposite::opposite;
pub use waiver::waiver;
