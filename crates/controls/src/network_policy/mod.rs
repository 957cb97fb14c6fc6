// Written by `cargo xtask codegen` from the files beside it. Don't edit.

mod address_range;
mod advanced_policy;
mod custom_rule_in_managed_security_group;
mod default_deny;
mod egress_open_to_every_address;
mod engine;
mod exposed_ports;
mod exposure;
mod host_network_pod;
mod ingress_open_to_every_address;
mod isolated;
mod isolation;
mod kubenet_plugin;
mod lateral_management_traffic;
mod load_balancer_allows_every_address;
mod malformed_network_policy;
mod namespace_without_default_deny_egress;
mod namespace_without_default_deny_ingress;
mod network_policy_engine_missing;
mod network_policy_not_enforced;
mod network_policy_selects_nothing;
mod network_security_group_blocks_load_balancer;
mod network_security_group_exposes_management_port;
mod network_security_group_exposes_udp;
mod network_security_group_exposes_web_port;
mod network_security_group_open_to_internet;
mod network_security_group_without_rules;
mod node_security_group;
mod open_address;
mod open_dialect_rule;
mod orphan_network_security_group;
mod pod_flow;
mod pod_open_to_every_namespace;
mod pod_reaches_instance_metadata;
mod pod_without_egress_policy;
mod pod_without_ingress_policy;
mod policy_peer_selects_nothing;
mod retiring_network_policy_engine;
mod security_rule;
mod subnet_without_network_security_group;
mod transit_encryption_off;
mod workload_in_default_namespace;

use crate::Control;

pub(crate) static CONTROLS: &[&Control] = &[
    &network_policy_engine_missing::CONTROL,
    &retiring_network_policy_engine::CONTROL,
    &kubenet_plugin::CONTROL,
    &namespace_without_default_deny_ingress::CONTROL,
    &namespace_without_default_deny_egress::CONTROL,
    &network_policy_not_enforced::CONTROL,
    &network_policy_selects_nothing::CONTROL,
    &ingress_open_to_every_address::CONTROL,
    &egress_open_to_every_address::CONTROL,
    &host_network_pod::CONTROL,
    &transit_encryption_off::CONTROL,
    &subnet_without_network_security_group::CONTROL,
    &network_security_group_exposes_management_port::CONTROL,
    &load_balancer_allows_every_address::CONTROL,
    &malformed_network_policy::CONTROL,
    &pod_without_ingress_policy::CONTROL,
    &pod_without_egress_policy::CONTROL,
    &policy_peer_selects_nothing::CONTROL,
    &workload_in_default_namespace::CONTROL,
    &network_security_group_exposes_web_port::CONTROL,
    &network_security_group_exposes_udp::CONTROL,
    &network_security_group_open_to_internet::CONTROL,
    &orphan_network_security_group::CONTROL,
    &network_security_group_without_rules::CONTROL,
    &network_security_group_blocks_load_balancer::CONTROL,
    &lateral_management_traffic::CONTROL,
    &custom_rule_in_managed_security_group::CONTROL,
    &pod_reaches_instance_metadata::CONTROL,
    &pod_open_to_every_namespace::CONTROL,
];
