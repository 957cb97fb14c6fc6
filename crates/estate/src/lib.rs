//! The typed model of an estate: everything known at one time of Azure resources, clusters and
//! Kubernetes objects.
//!
//! Nothing is copied out of the documents that an estate was read from. A [`Resource`] or an
//! [`Object`] is a handle to a value in a document, the views over them read a setting when
//! asked, and so every answer knows its place in a file. A setting is a [`Field`]: present,
//! absent or unknown.

mod assembly;
pub mod azure;
mod cluster;
mod coverage;
mod estate;
mod field;
pub mod kubernetes;
mod object;
mod reading;
mod relations;
mod resource;
mod resource_id;
mod settings;
mod written;

pub use cluster::Cluster;
pub use coverage::{Coverage, Snapshot};
pub use estate::Estate;
pub use field::{Field, Unknown};
pub use object::Object;
pub use reading::{FoundResource, Reading};
pub use resource::{Resource, View};
pub use resource_id::ResourceId;
pub use settings::Settings;
