//! What Terraform files become.

mod configuration;
mod mapping;
mod plan;
mod shape;
