//! The ARM template language: what a template deploys, with the place of every value.
//!
//! [`expand`] takes a template as it was parsed and gives the resources that Azure would create:
//! loops unrolled, conditions decided, nested and linked deployments opened, every expression
//! evaluated. What can't be known before the deployment is unknown with its cause, and never
//! stops the rest. Nothing here reads files, and nothing knows what the resources mean.

mod body;
mod declarations;
mod deployment;
mod environment;
mod evaluator;
mod expand;
pub mod expression;
mod fault;
mod functions;
mod partial;
mod place;
mod reference;
mod resource;
mod scope;
mod secrets;
mod settle;
mod types;
mod user_function;
mod value;

pub use expand::{ExpandedResource, Expansion, Options, expand, is_parameter_file, is_template};
pub use functions::names as function_names;
pub use resource::Existence;
pub use scope::{Level, Scope};
pub use secrets::{secret_defaults, secrets_given};
