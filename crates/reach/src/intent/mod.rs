//! Intents: what the owner says must or must not be reachable.
//!
//! ```yaml
//! intents:
//!   - name: only the API talks to the database
//!     from: [internet, {namespace: shop, podSelector: {matchLabels: {app: web}}}]
//!     to: {namespace: shop, workload: StatefulSet/orders-db}
//!     ports: [tcp/5432]
//!     expect: deny
//! ```
//!
//! An intent is about every packet of `ports` from each of `from` to each of `to`. `deny` holds if
//! none of them gets through, `allow` if all of them do, and `{only-via: firewall}` if none gets
//! through on a way that doesn't pass a firewall.

mod read;
mod traffic;

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use palisade_document::{Diagnostic, Value};
use palisade_estate::kubernetes::Selector;
use palisade_packet::Traffic;

pub use read::read;
pub use traffic::parse_traffic;

/// The name of a file of intents.
pub const FILE_NAME: &str = "palisade.intents.yaml";

/// The intents of a file, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Intents<'d> {
    /// The intents, in their order.
    pub list: Vec<Intent<'d>>,
    /// What couldn't be read: each an error, since an intent that is left out proves nothing.
    pub diagnostics: Vec<Diagnostic>,
}

/// A statement about reachability.
#[derive(Debug)]
pub struct Intent<'d> {
    /// What the owner calls it.
    pub name: &'d str,
    /// Where it stands.
    pub at: Value<'d>,
    /// The sources: each of these.
    pub from: Vec<Party<'d>>,
    /// The destinations: each of these.
    pub to: Vec<Party<'d>>,
    /// The traffic; all there is where the intent names none.
    pub traffic: Traffic,
    /// What should become of it.
    pub expect: Expect<'d>,
}

/// What should become of traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect<'d> {
    /// All of it gets through.
    Allow,
    /// None of it gets through.
    Deny,
    /// None of it gets through without passing a place.
    OnlyVia(Via<'d>),
}

impl Expect<'_> {
    /// The word for it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::OnlyVia(_) => "only-via",
        }
    }
}

/// A place on the way out of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via<'d> {
    /// An Azure Firewall.
    Firewall,
    /// An Azure Firewall or another appliance that a route leads to.
    Appliance,
    /// A NAT gateway.
    NatGateway,
    /// A private endpoint.
    PrivateEndpoint,
    /// The appliance at an address.
    Address(IpAddr),
    /// The resource of this name or id.
    Resource(&'d str),
}

impl<'d> Via<'d> {
    /// The place that a text names: a kind, an address, or a resource.
    pub fn named(text: &'d str) -> Self {
        match text {
            "firewall" => Self::Firewall,
            "appliance" => Self::Appliance,
            "nat-gateway" => Self::NatGateway,
            "private-endpoint" => Self::PrivateEndpoint,
            _ => text.parse().map_or(Self::Resource(text), Self::Address),
        }
    }
}

impl fmt::Display for Via<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Firewall => f.write_str("firewall"),
            Self::Appliance => f.write_str("appliance"),
            Self::NatGateway => f.write_str("nat-gateway"),
            Self::PrivateEndpoint => f.write_str("private-endpoint"),
            Self::Address(address) => address.fmt(f),
            Self::Resource(name) => f.write_str(name),
        }
    }
}

/// One side of an intent.
#[derive(Debug)]
pub enum Party<'d> {
    /// Addresses outside the cluster that are public.
    Internet,
    /// All addresses outside the cluster.
    Outside,
    /// All pods and nodes.
    Cluster,
    /// Addresses outside the cluster.
    Prefix(IpNet),
    /// A node, by its name.
    Node(&'d str),
    /// Pods.
    Pods(Pods<'d>),
}

/// Pods: those that fulfil everything that is asked for.
#[derive(Debug, Default)]
pub struct Pods<'d> {
    /// Of the namespace of this name.
    pub namespace: Option<&'d str>,
    /// Of namespaces with such labels.
    pub namespaces: Option<Selector<'d>>,
    /// With such labels.
    pub labels: Option<Selector<'d>>,
    /// Of the workload of this name, which may have its kind before it: `Deployment/web`.
    pub workload: Option<&'d str>,
}
