// Written by `cargo xtask codegen` from the files beside it. Don't edit.

mod allowed_ports_policy_unassigned;
mod assigned_definition;
mod authorized_ranges_policy_unassigned;
mod builtin_initiatives;
mod container_listens_for_ssh;
mod container_port;
mod deprecated_policy_assigned;
mod external_ips_policy_unassigned;
mod host_network_policy_unassigned;
mod host_port;
mod https_ingress_policy_unassigned;
mod internal_load_balancer_policy_unassigned;
mod node_port_service;
mod policy_add_on_disabled;
mod policy_assignment_not_enforced;
mod policy_assignment_without_description;
mod policy_exemption_without_end;
mod policy_exemption_without_reason;
mod privileged_container_port;
mod security_benchmark_unassigned;
mod service_with_external_addresses;
mod system_namespace;

use crate::Control;

pub(crate) static CONTROLS: &[&Control] = &[
    &policy_add_on_disabled::CONTROL,
    &authorized_ranges_policy_unassigned::CONTROL,
    &https_ingress_policy_unassigned::CONTROL,
    &allowed_ports_policy_unassigned::CONTROL,
    &external_ips_policy_unassigned::CONTROL,
    &host_network_policy_unassigned::CONTROL,
    &deprecated_policy_assigned::CONTROL,
    &policy_assignment_not_enforced::CONTROL,
    &policy_exemption_without_end::CONTROL,
    &service_with_external_addresses::CONTROL,
    &host_port::CONTROL,
    &node_port_service::CONTROL,
    &policy_exemption_without_reason::CONTROL,
    &policy_assignment_without_description::CONTROL,
    &security_benchmark_unassigned::CONTROL,
    &internal_load_balancer_policy_unassigned::CONTROL,
    &container_listens_for_ssh::CONTROL,
    &privileged_container_port::CONTROL,
];
