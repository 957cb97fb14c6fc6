//! Cilium's objects (`cilium.io/v2`), read as the types of the API say (cilium/cilium,
//! `pkg/policy/api`, 1.18).

mod cidr_group;
mod network_policy;
mod peers;
mod ports;
mod stance;

pub use cidr_group::CiliumCidrGroup;
pub use network_policy::{CiliumEntry, CiliumNetworkPolicy, CiliumSpec, CiliumSubject};
pub use peers::{CiliumCidr, CiliumEntity, CiliumName, CiliumPeers, CiliumService};
pub use ports::{CiliumIcmp, CiliumPort, CiliumPortNumber, CiliumPortRule, CiliumRequests};
pub use stance::CiliumRule;
