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
}
