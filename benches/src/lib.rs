//! Estates of any size, made up from a seed: the same numbers give the same bytes, everywhere.
//!
//! What is made has the size, the shape and the cross references of real exports, so that time
//! and memory spent on it tell something; its names and addresses lead nowhere.

pub mod algebra;
mod azure;
pub mod chart;
mod kubernetes;
mod layout;
mod policies;
mod random;
mod yaml;

pub use layout::{Size, Written, generate};
pub use policies::{ClusterSize, cluster};
