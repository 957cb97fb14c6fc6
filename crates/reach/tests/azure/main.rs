//! What Azure's network does with packets, hop by hop.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

mod effective;
mod egress;
mod estate;
mod firewall;
mod first_match;
mod outbound;
mod path;
mod path_api_server;
mod path_appliance;
mod path_cross;
mod path_firewall;
mod path_gateway;
mod refusal;
mod second_firewall;
mod second_route;
mod second_security;
mod service_tags;
mod spoke;
