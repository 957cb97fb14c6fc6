//! Private endpoints and private DNS.

use crate::resource::view;
use crate::{Field, ResourceId};

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

impl<'e> PrivateDnsZoneLink<'e> {
    /// `virtualNetwork.id`.
    pub fn virtual_network(&self) -> Field<'e, ResourceId> {
        self.reference("virtualNetwork")
    }
}
