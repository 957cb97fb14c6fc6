//! What Terraform files become.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod configuration;
mod hostile;
mod mapping;
mod plan;
mod shape;
