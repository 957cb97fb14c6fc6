//! The way of packets through every hop, from the pod's node on.
//!
//! [`starts`] says where the packets of a cluster's pods enter Azure's network and which source
//! address they have then. [`leave`] leads them from there: the filters at the node's network
//! interface and subnet, the route, the firewalls that this leads to and the way behind them, up
//! to the filters at the destination and the route of the reply. [`cross`] leads them from node to
//! node, [`come_in`] in by the load balancer of a Service, [`come_in_by_gateway`] by an Application
//! Gateway, and [`to_api_server`] to the API server. What the cluster's own network policies say
//! comes before that, by [`kubernetes`](crate::kubernetes).

mod api_server;
mod appliance;
mod arrival;
mod cross;
mod declared;
mod firewall;
mod gateway;
mod service;
mod start;
mod trace;
mod walk;
mod way_out;

pub use api_server::{Doorway, at_public_endpoint, private_endpoint_address, to_api_server};
pub use cross::{Crossing, Resident, approach, cross};
pub use gateway::{GatewayRoute, come_in_by_gateway, gateway_routes, gateway_subnet};
pub use service::{Entrance, come_in, frontends};
pub(crate) use start::node_addresses;
pub use start::{Start, starts};
pub use trace::{Hop, HopKind, Trace, verdict};
pub use walk::{Asked, leave};
