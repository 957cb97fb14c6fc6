//! What an audit found, in the formats that people and programs read.
//!
//! [`Report`] is the model that every format is written from: resolved to files and lines, free
//! of the estate. A format is a function from it to text, or to a
//! writer where a report may be large.

mod answer_table;
pub mod azure_pipelines;
mod baseline;
mod build;
pub mod concise;
pub mod connectivity;
pub mod csv;
pub mod diff;
pub mod egress;
mod framework;
pub mod generation;
pub mod github;
pub mod html;
mod inventory;
pub mod json;
pub mod junit;
mod links;
mod location;
pub mod markdown;
mod model;
pub mod ocsf;
pub mod oscal;
mod plain_text;
pub mod policy;
pub mod prometheus;
mod roll_up;
pub mod sarif;
pub mod terminal;
pub mod xlsx;

pub use inventory::{InventoryItem, inventory};
pub use links::Links;
pub use model::*;
