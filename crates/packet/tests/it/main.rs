//! The laws of sets, against a model that asks every member one by one.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

mod address;
mod laws;
mod name;
mod name_set;
mod traffic;
