// Written by `cargo xtask codegen` from the files beside it. Don't edit.

mod connection_not_monitored;
mod flow_log;
mod flow_log_disabled;
mod flow_log_failed;
mod flow_log_retention_short;
mod flow_log_version_1;
mod flow_log_without_traffic_analytics;
mod network_watcher_not_provisioned;
mod nsg_flow_log_retiring;
mod region_without_network_watcher;
mod virtual_network_without_flow_log;

use crate::Control;

pub(crate) static CONTROLS: &[&Control] = &[
    &region_without_network_watcher::CONTROL,
    &virtual_network_without_flow_log::CONTROL,
    &flow_log_disabled::CONTROL,
    &flow_log_retention_short::CONTROL,
    &nsg_flow_log_retiring::CONTROL,
    &flow_log_without_traffic_analytics::CONTROL,
    &network_watcher_not_provisioned::CONTROL,
    &flow_log_version_1::CONTROL,
    &connection_not_monitored::CONTROL,
    &flow_log_failed::CONTROL,
];
