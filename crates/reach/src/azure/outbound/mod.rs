//! What clusters of Azure Kubernetes Service need outbound.
//!
//! Microsoft lists it by cloud and by feature of a cluster ("Outbound network and FQDN rules for
//! Azure Kubernetes Service (AKS) clusters", Microsoft Learn). A dated copy in a format of our
//! own is built in; `cargo xtask aks-outbound` writes it.

mod feature;
mod needs;
mod table;

use std::sync::OnceLock;

use palisade_packet::NamePattern;

pub use feature::{Feature, Presence};
pub use needs::{Destination, Need, Needs, Reason, needs};
pub use table::Table;

use super::service_tags::Cloud;

/// What stands for the region of a cluster in a name.
const REGION: &str = "{region}";

/// An endpoint that clusters with a feature need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The feature.
    pub feature: Feature,
    /// The cloud in which they need it; nothing for all.
    pub cloud: Option<Cloud>,
    /// How it is spoken to. What goes over HTTP is allowed by the name of the server.
    pub protocol: Protocol,
    /// The port.
    pub port: u16,
    /// Who it is.
    pub target: Target,
    /// Whether clusters work without it.
    pub is_optional: bool,
    /// Clusters of which kinds don't need it.
    pub unless: Vec<Exemption>,
    /// The name that takes the place of this one, which is listed beside it until it goes.
    pub superseded_by: Option<String>,
}

/// A protocol of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// Any over TCP.
    Tcp,
    /// Any over UDP.
    Udp,
    /// HTTP without TLS.
    Http,
    /// HTTP within TLS.
    Https,
}

/// Who an endpoint is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// Servers by their name; with a `*` at the left all below. `{region}` stands for the region
    /// of the cluster in Azure's short form.
    Name(String),
    /// The addresses of a service tag.
    ServiceTag(String),
    /// The public endpoint of the cluster's own API server.
    ApiServer,
    /// The DNS servers that the cluster's network names in place of Azure's.
    DnsServers,
}

/// A kind of cluster that doesn't need an endpoint which others do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exemption {
    /// Private clusters.
    Private,
    /// Those that speak with their control plane by the agent of Konnectivity.
    KonnectivityAgent,
    /// Those whose nodes are all younger than March 2021.
    NodesAfterMarch2021,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Tcp, Self::Udp, Self::Http, Self::Https];

    /// Its name in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// Whether a firewall can allow it by the name of the server.
    pub fn names_its_server(self) -> bool {
        matches!(self, Self::Http | Self::Https)
    }
}

impl Exemption {
    /// All of them.
    pub const ALL: [Self; 3] = [
        Self::Private,
        Self::KonnectivityAgent,
        Self::NodesAfterMarch2021,
    ];

    /// What the file calls it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::KonnectivityAgent => "konnectivity-agent",
            Self::NodesAfterMarch2021 => "nodes-after-2021-03",
        }
    }
}

/// The list that is built in.
pub fn built_in() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| Table::read(include_str!("aks.endpoints")).0)
}

/// Whether a server is for certain among those that the FQDN tag `AzureKubernetesService` of
/// Azure Firewall stands for in a cloud.
///
/// What the tag holds isn't published as a list. It takes in all names that are listed as required
/// ("Limit network traffic with Azure Firewall in AKS", Microsoft Learn), which those of features
/// have at times not been. So the names that every cluster needs are certain, and no others.
pub fn is_in_fqdn_tag(cloud: Cloud, name: &str) -> bool {
    let mut endpoints = built_in().endpoints.iter();
    endpoints.any(|endpoint| {
        let is_of_all = endpoint.feature == Feature::Base && !endpoint.is_optional;
        is_of_all
            && endpoint.is_in(cloud)
            && endpoint.protocol.names_its_server()
            && endpoint.is_named(name)
    })
}

impl Endpoint {
    /// Whether clusters of a cloud need it.
    pub fn is_in(&self, cloud: Cloud) -> bool {
        self.cloud.is_none_or(|own| own == cloud)
    }

    /// Whether a server is one of its, in whichever region.
    fn is_named(&self, name: &str) -> bool {
        let Target::Name(pattern) = &self.target else {
            return false;
        };
        let Some((_, behind)) = pattern.split_once(REGION) else {
            return NamePattern::azure_firewall(pattern).matches(name);
        };
        let name = name.to_ascii_lowercase();
        let before = name.strip_suffix(behind);
        let region = before.and_then(|before| before.rsplit('.').next());
        region.is_some_and(|region| {
            !region.is_empty()
                && NamePattern::azure_firewall(&pattern.replace(REGION, region)).matches(&name)
        })
    }
}
