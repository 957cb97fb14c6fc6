// Written by `cargo xtask codegen` from the files beside it. Don't edit.

mod node_subnet_without_firewall_route;
mod outbound_type_bypasses_firewall;

use crate::Control;

pub(crate) static CONTROLS: &[&Control] = &[
    &outbound_type_bypasses_firewall::CONTROL,
    &node_subnet_without_firewall_route::CONTROL,
];
