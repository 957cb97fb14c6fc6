//! Private endpoints and private DNS.

use crate::resource::view;
use crate::{Field, ResourceId, Settings, Unknown};

view! {
    /// A private endpoint.
    PrivateEndpoint = "microsoft.network/privateendpoints"
}

view! {
    /// A private DNS zone.
    PrivateDnsZone = "microsoft.network/privatednszones"
}

view! {
    /// The link of a private DNS zone to a virtual network that resolves by it.
    PrivateDnsZoneLink = "microsoft.network/privatednszones/virtualnetworklinks"
}

impl<'e> PrivateEndpoint<'e> {
    /// The connections, approved by the service or on request: `privateLinkServiceConnections`
    /// and `manualPrivateLinkServiceConnections`.
    pub fn connections(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        let mut connections = self.elements("privateLinkServiceConnections")?;
        connections.extend(self.elements("manualPrivateLinkServiceConnections")?);
        Ok(connections)
    }
}

impl<'e> PrivateDnsZoneLink<'e> {
    /// `virtualNetwork.id`.
    pub fn virtual_network(&self) -> Field<'e, ResourceId> {
        self.reference("virtualNetwork")
    }
}
