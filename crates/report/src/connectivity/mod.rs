//! Who reaches whom in a cluster, in the formats that people and programs read.
//!
//! [`ConnectivityReport`] is the model: endpoints that nothing tells apart are one *party*, and
//! what gets through between parties is text. A format is a function from it.

pub mod change;
mod change_text;
pub mod combination;
pub mod csv;
pub mod dot;
pub mod exposure;
pub mod exposure_text;
pub mod flow;
pub mod json;
pub mod markdown;
pub mod matrix;
mod model;
mod party;
pub mod proof;
pub mod svg;
pub mod terminal;
pub mod way;

pub(crate) use change_text::{markdown_section, summary, terminal_section};
pub use model::*;
use terminal::traffic_text;
