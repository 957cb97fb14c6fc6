// Written by `cargo xtask codegen` from the files beside it. Don't edit.

mod address_range;
mod agic_ingress_drops_waf_policy;
mod agic_listener;
mod allowed_source;
mod backend_over_http;
mod bot_rules_missing;
mod custom_rule_lets_everything_pass;
mod exclusion;
mod front_door_waf_ineffective;
mod gateway_in_one_zone;
mod gateway_part;
mod gateway_tier;
mod gateway_with_one_instance;
mod gateway_without_backends;
mod gateway_without_waf;
mod http2_off;
mod http_application_routing_enabled;
mod http_listener_without_redirect;
mod ingress_nginx_retiring;
mod ingress_nginx_snippet;
mod ingress_to_missing_service;
mod ingress_without_host;
mod ingress_without_tls;
mod legacy_waf_configuration;
mod listener_waf_policy_weaker_than_gateway;
mod managed_rule_disabled;
mod match_condition;
mod no_managed_rule_set;
mod orphan_waf_policy;
mod outdated_rule_set;
mod plain_http_route;
mod protection;
mod public_frontend_of_internal_gateway;
mod public_service_bypasses_waf;
mod redirect;
mod request_body_not_inspected;
mod retired_gateway_tier;
mod rule_override;
mod rule_set;
mod tls_policy;
mod waf_disabled;
mod waf_exclusion_too_broad;
mod waf_only_detects;
mod weak_tls_policy;

use crate::Control;

pub(crate) static CONTROLS: &[&Control] = &[
    &gateway_without_waf::CONTROL,
    &waf_disabled::CONTROL,
    &waf_only_detects::CONTROL,
    &legacy_waf_configuration::CONTROL,
    &outdated_rule_set::CONTROL,
    &no_managed_rule_set::CONTROL,
    &managed_rule_disabled::CONTROL,
    &waf_exclusion_too_broad::CONTROL,
    &request_body_not_inspected::CONTROL,
    &bot_rules_missing::CONTROL,
    &http_listener_without_redirect::CONTROL,
    &weak_tls_policy::CONTROL,
    &custom_rule_lets_everything_pass::CONTROL,
    &listener_waf_policy_weaker_than_gateway::CONTROL,
    &orphan_waf_policy::CONTROL,
    &front_door_waf_ineffective::CONTROL,
    &retired_gateway_tier::CONTROL,
    &public_service_bypasses_waf::CONTROL,
    &ingress_without_tls::CONTROL,
    &ingress_nginx_retiring::CONTROL,
    &agic_ingress_drops_waf_policy::CONTROL,
    &backend_over_http::CONTROL,
    &http2_off::CONTROL,
    &gateway_with_one_instance::CONTROL,
    &gateway_in_one_zone::CONTROL,
    &public_frontend_of_internal_gateway::CONTROL,
    &ingress_to_missing_service::CONTROL,
    &ingress_nginx_snippet::CONTROL,
    &ingress_without_host::CONTROL,
    &http_application_routing_enabled::CONTROL,
    &gateway_without_backends::CONTROL,
];
