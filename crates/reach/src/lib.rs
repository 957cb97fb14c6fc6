//! Who can reach whom, by the rules of what the packets pass.
//!
//! [`kubernetes`] answers for the network policies of a cluster, [`azure`] for what Azure's
//! network does with packets between machines, and [`path`] leads packets from hop to hop;
//! [`intent`] is what the owner says of all, and [`proof`] holds it against every packet;
//! [`egress`] is what a firewall has to let pass of a cluster, and [`least_privilege`] the policies
//! that allow what manifests need and nothing else. Nothing here reads files or the network: bad
//! input gives an answer and diagnostics, never an early stop.

pub mod azure;
pub mod egress;
pub mod intent;
pub mod kubernetes;
pub mod least_privilege;
pub mod path;
pub mod proof;
