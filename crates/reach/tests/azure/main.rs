//! What Azure's network does with packets, hop by hop.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

mod first_match;
mod service_tags;
