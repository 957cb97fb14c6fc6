// Written by `cargo xtask codegen` from the files beside it. Don't edit.

mod activity_alert;
mod activity_log_not_exported;
mod alert_disabled;
mod alert_without_receiver;
mod api_management_log_not_collected;
mod audience;
mod cluster_change_not_alerted;
mod container_insights_off;
mod control_plane_log_not_collected;
mod defender_for_containers_off;
mod defender_profile_off;
mod diagnostic_setting_without_destination;
mod firewall_change_not_alerted;
mod firewall_log_not_collected;
mod gateway_log_not_collected;
mod log_retention_short;
mod log_storage_public;
mod log_workspace_open_to_public;
mod metrics_not_collected;
mod network_security_group_change_not_alerted;
mod network_security_group_events_not_collected;
mod policy_assignment_change_not_alerted;
mod public_address_change_not_alerted;
mod resource_log;
mod route_change_not_alerted;
mod security_solution_change_not_alerted;
mod service_health_not_alerted;
mod sql_firewall_change_not_alerted;

use crate::Control;

pub(crate) static CONTROLS: &[&Control] = &[
    &control_plane_log_not_collected::CONTROL,
    &container_insights_off::CONTROL,
    &activity_log_not_exported::CONTROL,
    &network_security_group_change_not_alerted::CONTROL,
    &public_address_change_not_alerted::CONTROL,
    &policy_assignment_change_not_alerted::CONTROL,
    &route_change_not_alerted::CONTROL,
    &firewall_change_not_alerted::CONTROL,
    &cluster_change_not_alerted::CONTROL,
    &service_health_not_alerted::CONTROL,
    &firewall_log_not_collected::CONTROL,
    &gateway_log_not_collected::CONTROL,
    &network_security_group_events_not_collected::CONTROL,
    &api_management_log_not_collected::CONTROL,
    &log_retention_short::CONTROL,
    &log_workspace_open_to_public::CONTROL,
    &alert_without_receiver::CONTROL,
    &alert_disabled::CONTROL,
    &diagnostic_setting_without_destination::CONTROL,
    &security_solution_change_not_alerted::CONTROL,
    &sql_firewall_change_not_alerted::CONTROL,
    &log_storage_public::CONTROL,
    &metrics_not_collected::CONTROL,
    &defender_profile_off::CONTROL,
    &defender_for_containers_off::CONTROL,
];
