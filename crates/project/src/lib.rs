//! What a team says about its audits: `palisade.toml`, waivers and the baseline.
//!
//! Nothing here reads files or prints. [`Configuration::read`] takes the text of a file,
//! [`settle`] takes the answers of an audit and says which of them somebody has accepted, and
//! [`Baseline`] is read from text and written as text, so that an editor can use all of it.

mod annotation;
mod baseline;
mod block;
mod bracket;
mod checks;
mod comment;
mod configuration;
mod exemption;
mod keys;
mod matcher;
mod reader;
mod reference;
mod schema;
mod selector;
mod settle;
mod template;
mod waiver;

pub use baseline::{Baseline, Compared, Entry, Gone, Why};
pub use checks::checks;
pub use configuration::{Configuration, FailOn, PathFilter, SHOWN};
pub use matcher::{Matcher, Surroundings};
pub use reference::{parameters, reference};
pub use schema::schema;
pub use selector::{Selector, choose, choose_definition_lints, choose_lints, every_control};
pub use settle::{Settlement, settle};
pub use template::TEMPLATE;
pub use waiver::{Target, Waiver};

/// The name of the configuration file.
pub const FILE_NAME: &str = "palisade.toml";
