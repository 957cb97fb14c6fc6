// Written by `cargo xtask codegen` from the files beside it. Don't edit.

mod address_set;
mod default_outbound_access;
mod dnat_to_management_port;
mod dns_proxy_off;
mod firewall_address;
mod firewall_below_premium;
mod firewall_health_not_alerted;
mod firewall_in_one_zone;
mod firewall_policy_analytics_off;
mod firewall_rule_allows_any_destination;
mod firewall_rules;
mod firewall_with_few_addresses;
mod firewall_without_policy;
mod fqdn_suffix_without_dot;
mod inherited_mode;
mod interface_forwards_packets;
mod intrusion_detection_not_denying;
mod learned_routes_override_firewall;
mod network_security_group_allows_any_egress;
mod node_subnet;
mod node_subnet_without_firewall_route;
mod orphan_ip_group;
mod orphan_nat_gateway;
mod orphan_route_table;
mod outbound_type_bypasses_firewall;
mod public_load_balancer_behind_firewall_route;
mod route_more_specific_than_firewall;
mod service_endpoint_bypasses_firewall;
mod threat_intelligence_not_denying;

use crate::Control;

pub(crate) static CONTROLS: &[&Control] = &[
    &outbound_type_bypasses_firewall::CONTROL,
    &node_subnet_without_firewall_route::CONTROL,
    &firewall_without_policy::CONTROL,
    &threat_intelligence_not_denying::CONTROL,
    &intrusion_detection_not_denying::CONTROL,
    &firewall_rule_allows_any_destination::CONTROL,
    &dnat_to_management_port::CONTROL,
    &fqdn_suffix_without_dot::CONTROL,
    &dns_proxy_off::CONTROL,
    &default_outbound_access::CONTROL,
    &learned_routes_override_firewall::CONTROL,
    &service_endpoint_bypasses_firewall::CONTROL,
    &public_load_balancer_behind_firewall_route::CONTROL,
    &route_more_specific_than_firewall::CONTROL,
    &orphan_route_table::CONTROL,
    &orphan_ip_group::CONTROL,
    &orphan_nat_gateway::CONTROL,
    &firewall_in_one_zone::CONTROL,
    &firewall_health_not_alerted::CONTROL,
    &firewall_with_few_addresses::CONTROL,
    &firewall_below_premium::CONTROL,
    &network_security_group_allows_any_egress::CONTROL,
    &firewall_policy_analytics_off::CONTROL,
    &interface_forwards_packets::CONTROL,
];
