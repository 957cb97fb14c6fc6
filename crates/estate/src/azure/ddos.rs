//! DDoS Network Protection.

use crate::resource::view;
use crate::{Settings, Unknown};

view! {
    /// A plan of DDoS Network Protection.
    DdosProtectionPlan = "microsoft.network/ddosprotectionplans"
}

impl<'e> DdosProtectionPlan<'e> {
    /// The virtual networks that the plan protects, of any subscription of the tenant. Azure
    /// keeps the list.
    pub fn virtual_networks(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("virtualNetworks")
    }

    /// The public addresses that name the plan themselves. Azure keeps the list.
    pub fn public_ip_addresses(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("publicIPAddresses")
    }
}
