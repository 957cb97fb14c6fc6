//! Who reaches the API server of a cluster, and by which way in.
//!
//! The ways are the public endpoint, guarded by authorized IP ranges; the private endpoint of
//! private link, or the address in the cluster's network with VNet integration, which the ranges
//! don't guard; and run command, which goes through Azure Resource Manager and needs no network
//! path ("API server authorized IP ranges", "Private clusters", "Access a private cluster",
//! Microsoft Learn, 2026).

use ipnet::IpNet;
use palisade_estate::azure::{ManagedCluster, PublicIpAddress};
use palisade_estate::{Field, Unknown};
use palisade_packet::{AddressSet, PacketSet, PortSet, Product, Set, Traffic, Transport};

use super::address::{prefix, public_addresses};
use super::{Access, Bounds, Candidate, Outcome, Part, Rule, first_match};

/// The way to the API server within networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivateWay {
    /// There is none.
    None,
    /// A private endpoint in the subnet of the nodes.
    PrivateLink,
    /// An address in a subnet of the network.
    VnetIntegration,
}

/// The settings that decide who reaches an API server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiServerAccess {
    /// Whether there is a public endpoint.
    pub is_public: Result<bool, Unknown>,
    /// The way within networks.
    pub private_way: Result<PrivateWay, Unknown>,
    /// Whether run command leads in past every network.
    pub run_command: Result<bool, Unknown>,
}

/// How an API server is reached.
pub fn api_server_access(cluster: &ManagedCluster<'_>) -> ApiServerAccess {
    let flag = |field: Field<'_, bool>| field.or_default(false).map(|(set, _)| set);
    let is_private = flag(cluster.is_private());
    let integration = flag(cluster.has_vnet_integration());
    let private_way = match (&is_private, integration) {
        (_, Ok(true)) => Ok(PrivateWay::VnetIntegration),
        (Ok(true), Ok(false)) => Ok(PrivateWay::PrivateLink),
        (Ok(false), Ok(false)) => Ok(PrivateWay::None),
        (Err(unknown), _) => Err(unknown.clone()),
        (_, Err(unknown)) => Err(unknown),
    };
    ApiServerAccess {
        is_public: is_private.map(|is_private| !is_private),
        private_way,
        run_command: flag(cluster.run_command_disabled()).map(|disabled| !disabled),
    }
}

/// Splits packets to the public endpoint by what lets them in. All packets are taken to be for
/// the endpoint, whatever address it has.
pub fn api_server_endpoint(
    cluster: &ManagedCluster<'_>,
    packets: &PacketSet,
) -> Vec<Part<PacketSet>> {
    let written = |name: &str, at| Rule {
        name: name.to_owned(),
        resource: Some(cluster.id().clone()),
        origin: Some(at),
    };
    let private = cluster.is_private();
    let mut candidates = Vec::new();
    match private {
        Field::Present(false, _) | Field::Absent(_) => {}
        Field::Present(true, at) => candidates.push(Candidate {
            rule: written("private cluster", at.origin()),
            matches: Bounds::exactly(PacketSet::full()),
            action: Access::Deny,
        }),
        Field::Unknown(unknown) => candidates.push(Candidate {
            rule: Rule::implied("private cluster", cluster.id()),
            matches: Bounds::unknown(unknown),
            action: Access::Deny,
        }),
    }
    candidates.push(Candidate {
        rule: Rule::implied("port of the API server", cluster.id()),
        matches: Bounds::exactly(to_the_port().complement()),
        action: Access::Deny,
    });
    let end = match cluster.authorized_ip_ranges() {
        Field::Absent(at) => {
            let rule = written("no authorized IP ranges", at.origin());
            return decided(packets, candidates, (rule, Access::Allow));
        }
        Field::Unknown(unknown) => {
            let rule = Rule::implied("authorized IP ranges", cluster.id());
            candidates.push(Candidate {
                rule: rule.clone(),
                matches: Bounds::unknown(unknown),
                action: Access::Allow,
            });
            rule
        }
        Field::Present(ranges, at) => {
            for range in ranges {
                let text = range.value().scalar();
                candidates.push(Candidate {
                    rule: written(text, range.value().origin()),
                    matches: from(match Unknown::of(range.value()) {
                        Some(unknown) => Bounds::unknown(unknown),
                        None => authorized(cluster, text),
                    }),
                    action: Access::Allow,
                });
            }
            written("authorized IP ranges", at.origin())
        }
    };
    candidates.push(Candidate {
        rule: Rule::implied("outbound addresses of the cluster", cluster.id()),
        matches: from(outbound_addresses(cluster)),
        action: Access::Allow,
    });
    decided(packets, candidates, (end, Access::Deny))
}

fn decided(
    packets: &PacketSet,
    candidates: Vec<Candidate<PacketSet, Access>>,
    end: (Rule, Access),
) -> Vec<Part<PacketSet>> {
    let parts = first_match(packets, candidates, end).into_iter();
    parts.map(|part| part.map(Outcome::from)).collect()
}

fn to_the_port() -> PacketSet {
    let https = Traffic::to_ports(Transport::Tcp, PortSet::one(443));
    Product::of(AddressSet::full(), Product::of(AddressSet::full(), https))
}

fn from(sources: Bounds<AddressSet>) -> Bounds<PacketSet> {
    let anywhere = Bounds::exactly(Product::of(AddressSet::full(), Traffic::full()));
    sources.product(&anywhere)
}

/// The addresses of a range. `0.0.0.0/32` stands for the cluster's outbound addresses alone,
/// which are let in beside any ranges.
fn authorized(cluster: &ManagedCluster<'_>, text: &str) -> Bounds<AddressSet> {
    if text == "0.0.0.0/32" {
        return outbound_addresses(cluster);
    }
    match prefix(text) {
        Some(range) => Bounds::exactly(AddressSet::from(range)),
        None => Bounds::between(
            AddressSet::empty(),
            public_addresses(),
            vec![Unknown::because(
                format!("`{text}` isn't a range of addresses; service tags here are in preview"),
                "name ranges",
            )],
        ),
    }
}

/// The public addresses of the cluster's own load balancer or NAT gateway, as far as the input
/// holds them.
fn outbound_addresses(cluster: &ManagedCluster<'_>) -> Bounds<AddressSet> {
    let hidden = || {
        let cause = Unknown::because(
            format!(
                "the input doesn't hold the outbound addresses of `{}`",
                cluster.name()
            ),
            "az network public-ip list",
        );
        Bounds::between(AddressSet::empty(), public_addresses(), vec![cause])
    };
    let mut all = Bounds::exactly(AddressSet::empty());
    let mut is_listed = false;
    for profile in ["loadBalancerProfile", "natGatewayProfile"] {
        let path = format!("networkProfile.{profile}.effectiveOutboundIPs");
        let Ok(addresses) = cluster.elements(&path) else {
            return hidden();
        };
        for address in addresses {
            is_listed = true;
            let id = address.reference("id").present();
            let resource =
                id.and_then(|id| cluster.estate().require::<PublicIpAddress<'_>>(&id).ok());
            let text = resource.and_then(|resource| resource.text("ipAddress").present());
            let read = text.and_then(|text| text.parse::<IpNet>().ok().or_else(|| prefix(text)));
            all = all.union(&match read {
                Some(address) => Bounds::exactly(AddressSet::from(address)),
                None => hidden(),
            });
        }
    }
    match is_listed {
        true => all,
        false => hidden(),
    }
}
