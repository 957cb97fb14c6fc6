//! What `palisade init` writes.

/// A `palisade.toml` in which everything is a comment or a default.
pub const TEMPLATE: &str = include_str!("palisade.toml");
