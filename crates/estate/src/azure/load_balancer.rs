//! Load balancers.

use crate::resource::view;
use crate::{Settings, Unknown};

view! {
    /// A load balancer.
    LoadBalancer = "microsoft.network/loadbalancers"
}

impl<'e> LoadBalancer<'e> {
    /// The frontends.
    pub fn frontends(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("frontendIPConfigurations")
    }

    /// The backend pools.
    pub fn backend_address_pools(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("backendAddressPools")
    }

    /// The inbound NAT rules, each to one backend.
    pub fn inbound_nat_rules(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("inboundNatRules")
    }
}
