// Written by `cargo xtask codegen` from the files beside it. Don't edit.

mod cilium_migration_hazard;
mod construct_ignored;
mod dns_blocked;
mod peer_selects_nobody;
mod policy_pitfall;
mod policy_refused;
mod policy_selects_no_pod;
mod policy_without_effect;
mod port_without_listener;
mod remark;
mod rule_matches_nothing;
mod rule_redundant;
mod rule_shadowed;
mod same_rank_policies_disagree;

use crate::Control;

pub(crate) static CONTROLS: &[&Control] = &[
    &policy_selects_no_pod::CONTROL,
    &rule_matches_nothing::CONTROL,
    &peer_selects_nobody::CONTROL,
    &rule_shadowed::CONTROL,
    &rule_redundant::CONTROL,
    &same_rank_policies_disagree::CONTROL,
    &dns_blocked::CONTROL,
    &port_without_listener::CONTROL,
    &policy_without_effect::CONTROL,
    &policy_refused::CONTROL,
    &construct_ignored::CONTROL,
    &cilium_migration_hazard::CONTROL,
    &policy_pitfall::CONTROL,
];
