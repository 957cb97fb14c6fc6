// Written by `cargo xtask codegen` from the files beside it. Don't edit.

mod api_management_outside_virtual_network;
mod api_management_public_access;
mod api_management_weak_cipher;
mod api_management_weak_protocol;
mod api_over_http;
mod api_traffic_not_logged;
mod api_without_subscription;
mod api_without_throttling;
mod backend_without_tls;
mod client_certificate_not_asked;
mod cors_open_to_everybody;
mod defender_for_apis_off;
mod direct_management_enabled;
mod gateway_certificate_expiring;
mod management_api_version_open;
mod named_value_not_in_key_vault;
mod policy_chain;
mod policy_document;
mod policy_markup;
mod policy_without_base;
mod product_without_approval_or_subscription;
mod retired_platform_version;
mod sample_product_left;
mod subscription_to_all_apis;
mod subscription_tracing_allowed;
mod tls_switch;

use crate::Control;

pub(crate) static CONTROLS: &[&Control] = &[
    &api_management_outside_virtual_network::CONTROL,
    &api_management_public_access::CONTROL,
    &api_management_weak_protocol::CONTROL,
    &api_management_weak_cipher::CONTROL,
    &api_without_subscription::CONTROL,
    &api_over_http::CONTROL,
    &backend_without_tls::CONTROL,
    &named_value_not_in_key_vault::CONTROL,
    &product_without_approval_or_subscription::CONTROL,
    &api_traffic_not_logged::CONTROL,
    &management_api_version_open::CONTROL,
    &api_without_throttling::CONTROL,
    &cors_open_to_everybody::CONTROL,
    &subscription_tracing_allowed::CONTROL,
    &retired_platform_version::CONTROL,
    &client_certificate_not_asked::CONTROL,
    &policy_without_base::CONTROL,
    &gateway_certificate_expiring::CONTROL,
    &sample_product_left::CONTROL,
    &subscription_to_all_apis::CONTROL,
    &direct_management_enabled::CONTROL,
    &defender_for_apis_off::CONTROL,
];
