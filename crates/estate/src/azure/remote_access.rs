//! Ways in for people: Bastion hosts and VPN gateways.

use crate::resource::view;
use crate::{Field, Settings, Unknown};

view! {
    /// A Bastion host.
    BastionHost = "microsoft.network/bastionhosts"
}

view! {
    /// A gateway of a virtual network: VPN or ExpressRoute.
    VirtualNetworkGateway = "microsoft.network/virtualnetworkgateways"
}

impl<'e> VirtualNetworkGateway<'e> {
    /// `vpnClientConfiguration`: how people's devices connect; absent when they don't.
    pub fn vpn_clients(&self) -> Field<'e, Settings<'e>> {
        self.property("vpnClientConfiguration").map(Settings::of)
    }

    /// `vpnClientConfiguration.vpnAuthenticationTypes`: `AAD`, `Certificate` and `Radius`.
    pub fn vpn_authentication_types(&self) -> Result<Vec<&'e str>, Unknown> {
        let types = self.texts("vpnClientConfiguration.vpnAuthenticationTypes")?;
        Ok(types.into_iter().map(|(name, _)| name).collect())
    }
}
