//! What an audit found, in the formats that people and programs read.
//!
//! [`Report`] is the model that every format is written from: resolved to files and lines, free
//! of the estate. A format is a function from it to text.

mod build;
pub mod concise;
mod framework;
pub mod html;
pub mod json;
mod location;
mod model;
pub mod sarif;
pub mod terminal;

pub use model::*;
