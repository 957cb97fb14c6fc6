//! Typed views over Azure resources, one file a field of Azure. A view reads settings from the
//! resource's body when asked; property names are those of the ARM schema.

mod api_management;
mod cluster;
mod compute;
mod ddos;
mod defender;
mod edge;
mod effective;
mod firewall;
mod load_balancer;
mod monitor;
mod network;
mod network_watcher;
mod policy;
mod private_link;
mod remote_access;
mod storage;

pub use api_management::*;
pub use cluster::*;
pub use compute::*;
pub use ddos::*;
pub use defender::*;
pub use edge::*;
pub use effective::*;
pub use firewall::*;
pub use load_balancer::*;
pub use monitor::*;
pub use network::*;
pub use network_watcher::*;
pub use policy::*;
pub use private_link::*;
pub use remote_access::*;
pub use storage::*;
