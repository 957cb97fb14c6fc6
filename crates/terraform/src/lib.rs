//! Terraform: what a plan, a state or a configuration will make of an estate.
//!
//! The readers give Azure resources as ARM bodies and Kubernetes objects as the API has them, each
//! value with the place that decided it. How the attributes of a provider become a body is data
//! (`mapping/tables`).

mod hcl;
mod identity;
mod mapping;
mod plan;
mod reading;
mod state;
mod value;

use palisade_document::{DocumentId, Text};

pub use hcl::{comments, read_configuration};
pub use identity::Scope;
pub use mapping::{known_attributes, mapped_attributes, mapped_types, problems_of_tables};
pub use plan::{is_plan, read_plan};
pub use reading::{Doubt, Object, Reading, Resource};
pub use state::{is_state, read_state};

/// A file of a configuration: `.tf`, `.tf.json` or `.tfvars`, recognised by the name.
#[derive(Clone, Copy, Debug)]
pub struct Source<'s> {
    /// The text with its path.
    pub text: &'s Text,
    /// The number of the document by which places name it.
    pub document: DocumentId,
}
