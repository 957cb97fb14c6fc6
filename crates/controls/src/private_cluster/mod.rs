// Written by `cargo xtask codegen` from the files beside it. Don't edit.

mod agent_pool;
mod api_server_subnet_open;
mod api_server_without_authorized_ranges;
mod authorized_range;
mod authorized_range_too_wide;
mod interface_with_public_address;
mod local_accounts_enabled;
mod no_bastion_host;
mod node_with_public_address;
mod private_dns_zone_not_linked;
mod private_endpoint_not_approved;
mod public_api_server;
mod public_name_of_private_cluster;
mod run_command_enabled;
mod ssh_open_on_nodes;
mod switch;
mod vpn_client_without_entra;

use crate::Control;

pub(crate) static CONTROLS: &[&Control] = &[
    &public_api_server::CONTROL,
    &api_server_without_authorized_ranges::CONTROL,
    &authorized_range_too_wide::CONTROL,
    &public_name_of_private_cluster::CONTROL,
    &run_command_enabled::CONTROL,
    &node_with_public_address::CONTROL,
    &local_accounts_enabled::CONTROL,
    &private_dns_zone_not_linked::CONTROL,
    &api_server_subnet_open::CONTROL,
    &ssh_open_on_nodes::CONTROL,
    &private_endpoint_not_approved::CONTROL,
    &interface_with_public_address::CONTROL,
    &no_bastion_host::CONTROL,
    &vpn_client_without_entra::CONTROL,
];
