//! All controls, gathered from the folders of the recommendations. Their `mod.rs` are written by
//! `cargo xtask codegen`.

use crate::Control;
use crate::{
    api_gateway, azure_policy, ddos_protection, definition_lint, egress_firewall, monitoring,
    network_policy, network_watcher, policy_lint, private_cluster, web_application_firewall,
};

/// Every control, ordered by recommendation and code.
pub fn all() -> impl Iterator<Item = &'static Control> + Clone {
    let folders = [
        egress_firewall::CONTROLS,
        network_policy::CONTROLS,
        private_cluster::CONTROLS,
        web_application_firewall::CONTROLS,
        api_gateway::CONTROLS,
        ddos_protection::CONTROLS,
        network_watcher::CONTROLS,
        azure_policy::CONTROLS,
        monitoring::CONTROLS,
    ];
    folders.into_iter().flatten().copied()
}

/// Every lint of network policies, ordered by code: controls that are about no recommendation.
pub fn lints() -> impl Iterator<Item = &'static Control> + Clone {
    policy_lint::CONTROLS.iter().copied()
}

/// The controls of recommendation 8 that are about how exemptions and assignments are written,
/// which whoever looks at definitions wants to know too.
pub fn policy_upkeep() -> impl Iterator<Item = &'static Control> + Clone {
    const NAMES: [&str; 3] = [
        "policy-assignment-without-description",
        "policy-exemption-without-end",
        "policy-exemption-without-reason",
    ];
    let own = azure_policy::CONTROLS.iter().copied();
    own.filter(|control| NAMES.contains(&control.name))
}

/// Every lint of Azure Policy's definitions and of what puts them in force, ordered by code.
pub fn definition_lints() -> impl Iterator<Item = &'static Control> + Clone {
    definition_lint::CONTROLS.iter().copied()
}
