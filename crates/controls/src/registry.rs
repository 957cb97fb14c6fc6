// Written by `cargo xtask codegen` from the files beside it. Don't edit.

use crate::Control;

#[path = "api_gateway/mod.rs"]
mod api_gateway;
#[path = "azure_policy/mod.rs"]
mod azure_policy;
#[path = "ddos_protection/mod.rs"]
mod ddos_protection;
#[path = "egress_firewall/mod.rs"]
mod egress_firewall;
#[path = "monitoring/mod.rs"]
mod monitoring;
#[path = "network_policy/mod.rs"]
mod network_policy;
#[path = "network_watcher/mod.rs"]
mod network_watcher;
#[path = "private_cluster/mod.rs"]
mod private_cluster;
#[path = "web_application_firewall/mod.rs"]
mod web_application_firewall;

/// Every control, ordered by recommendation and code.
pub fn all() -> impl Iterator<Item = &'static Control> + Clone {
    [
        egress_firewall::CONTROLS,
        network_policy::CONTROLS,
        private_cluster::CONTROLS,
        web_application_firewall::CONTROLS,
        api_gateway::CONTROLS,
        ddos_protection::CONTROLS,
        network_watcher::CONTROLS,
        azure_policy::CONTROLS,
        monitoring::CONTROLS,
    ]
    .into_iter()
    .flatten()
    .copied()
}
