//! Where routes lead.

use std::net::IpAddr;

use palisade_estate::{ResourceId, Unknown};

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leads {
    /// To Azure's platform at the machine itself.
    Platform,
    /// To the destination within the network.
    Local,
    /// To the destination in a peered network, if it is known which.
    Peering(Option<ResourceId>),
    /// To the gateway, and what is behind it.
    Gateway,
    /// To the internet, by the subnet's way out.
    Internet,
    /// To the public address of a service, past every other route.
    ServiceEndpoint(String),
    /// To a private endpoint.
    PrivateEndpoint(ResourceId),
    /// To the private address of an appliance or a firewall.
    Appliance(IpAddr),
    /// Nowhere: the packet is dropped.
    Nowhere,
    /// It isn't known where.
    Unknown(Unknown),
}

/// Where packets are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Routed {
    /// There.
    To(Leads),
    /// The input doesn't tell.
    Uncertain {
        /// Where they may be sent; other ways are possible if one of these is unknown.
        leads: Vec<Leads>,
        /// Why it isn't known, and what to supply.
        causes: Vec<Unknown>,
    },
}

impl Leads {
    /// Whether the way is the same, though it may not be known to whom it leads.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Peering(_), Self::Peering(_))
            | (Self::ServiceEndpoint(_), Self::ServiceEndpoint(_)) => true,
            (own, other) => own == other,
        }
    }

    /// Where it leads, in words.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Platform => "to the platform".to_owned(),
            Self::Local => "stays in the network".to_owned(),
            Self::Peering(Some(remote)) => format!("over the peering to `{}`", remote.name()),
            Self::Peering(None) => "over a peering".to_owned(),
            Self::Gateway => "to the gateway".to_owned(),
            Self::Internet => "to the internet".to_owned(),
            Self::ServiceEndpoint(service) => format!("by the service endpoint to {service}"),
            Self::PrivateEndpoint(id) => format!("to private endpoint `{}`", id.name()),
            Self::Appliance(address) => format!("to the appliance at {address}"),
            Self::Nowhere => "nowhere: dropped".to_owned(),
            Self::Unknown(unknown) => format!("unknown: {}", unknown.cause),
        }
    }
}
