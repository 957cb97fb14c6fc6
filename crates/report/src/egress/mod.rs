//! What clusters need outbound, what firewalls do with it, and the rules that would do.

mod json;
mod model;
mod terminal;

pub use json::{schema, write as write_json};
pub use model::*;
pub use terminal::write as write_terminal;
