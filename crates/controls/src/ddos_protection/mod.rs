// Written by `cargo xtask codegen` from the files beside it. Don't edit.

mod attachment;
mod attack_alert;
mod basic_sku_public_address;
mod ddos_attack_not_alerted;
mod ddos_plan_without_networks;
mod ddos_telemetry_not_collected;
mod nat_gateway_address_cannot_be_protected;
mod orphan_public_address;
mod placement;
mod protection;
mod public_address_unprotected;
mod several_ddos_plans;
mod virtual_network_without_ddos_plan;

use crate::Control;

pub(crate) static CONTROLS: &[&Control] = &[
    &virtual_network_without_ddos_plan::CONTROL,
    &public_address_unprotected::CONTROL,
    &nat_gateway_address_cannot_be_protected::CONTROL,
    &basic_sku_public_address::CONTROL,
    &ddos_telemetry_not_collected::CONTROL,
    &ddos_attack_not_alerted::CONTROL,
    &ddos_plan_without_networks::CONTROL,
    &several_ddos_plans::CONTROL,
    &orphan_public_address::CONTROL,
];
