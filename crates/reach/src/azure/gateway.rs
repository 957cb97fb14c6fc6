//! What a network learns from gateways: the addresses behind VPN and ExpressRoute.

use palisade_estate::azure::{Subnet, VirtualNetwork};
use palisade_estate::{Field, Resource, Settings, Unknown};

use super::peering::Peer;
use super::{Prefixes, Rule};

/// Prefixes that a gateway announces to a network.
#[derive(Clone)]
pub struct Learned {
    /// The gateway, or what stands for it.
    pub rule: Rule,
    /// The prefixes.
    pub prefixes: Prefixes,
}

const GATEWAYS: &str = "microsoft.network/virtualnetworkgateways";
const CONNECTIONS: &str = "microsoft.network/connections";

/// What a network learns from its own gateway and from those of its peers that it uses.
pub(super) fn learned<'e>(network: &VirtualNetwork<'e>, peers: &[Peer<'e>]) -> Vec<Learned> {
    let mut learned = of_network(network);
    for peer in peers {
        match (&peer.uses_gateway, &peer.remote) {
            (Ok(false), _) => {}
            (Ok(true), Field::Present(remote, _)) => {
                match network.estate().require::<VirtualNetwork<'e>>(remote) {
                    Ok(remote) if has_gateway(&remote) => learned.extend(of_network(&remote)),
                    Ok(remote) => learned.push(unseen(&remote)),
                    Err(unknown) => learned.push(hidden(peer, unknown)),
                }
            }
            (Ok(true), _) => learned.push(hidden(peer, routes_hidden(peer.peering.name()))),
            (Err(unknown), _) => learned.push(hidden(peer, unknown.clone())),
        }
    }
    learned
}

fn hidden(peer: &Peer<'_>, unknown: Unknown) -> Learned {
    let name = format!("gateway behind peering `{}`", peer.peering.name());
    Learned {
        rule: Rule::written(name, peer.peering.id(), &peer.peering),
        prefixes: Prefixes::unknown(unknown),
    }
}

fn unseen(network: &VirtualNetwork<'_>) -> Learned {
    Learned {
        rule: Rule::implied(format!("gateway of `{}`", network.name()), network.id()),
        prefixes: Prefixes::unknown(routes_hidden(network.name())),
    }
}

fn routes_hidden(name: &str) -> Unknown {
    Unknown::because(
        format!("the input doesn't hold the routes that the gateway of `{name}` learns"),
        "az network nic show-effective-route-table for a machine of the subnet",
    )
}

fn subnet_called<'e>(network: &VirtualNetwork<'e>, name: &str) -> Option<Subnet<'e>> {
    let mut subnets = network.subnets().into_iter();
    subnets.find(|subnet| subnet.is_called(&[name]))
}

fn has_gateway(network: &VirtualNetwork<'_>) -> bool {
    subnet_called(network, "GatewaySubnet").is_some()
        || subnet_called(network, "RouteServerSubnet").is_some()
}

fn of_network<'e>(network: &VirtualNetwork<'e>) -> Vec<Learned> {
    let mut learned = Vec::new();
    if let Some(subnet) = subnet_called(network, "GatewaySubnet") {
        let gateways = subnet.referrers_among(&[GATEWAYS]);
        if gateways.is_empty() {
            learned.push(unseen(network));
        }
        learned.extend(gateways.iter().map(of_gateway));
    }
    if let Some(subnet) = subnet_called(network, "RouteServerSubnet") {
        learned.push(Learned {
            rule: Rule::written("route server", subnet.id(), &subnet),
            prefixes: Prefixes::unknown(routes_hidden(network.name())),
        });
    }
    learned
}

/// A VPN gateway without BGP knows the ranges of its local network gateways and of its clients;
/// any other learns what the other side announces.
fn of_gateway(gateway: &Resource<'_>) -> Learned {
    Learned {
        rule: Rule::written(gateway.name(), gateway.id(), gateway),
        prefixes: prefixes(gateway).unwrap_or_else(Prefixes::unknown),
    }
}

fn prefixes(gateway: &Resource<'_>) -> Result<Prefixes, Unknown> {
    let (kind, _) = gateway.text("gatewayType").or_default("Vpn")?;
    let (speaks_bgp, _) = gateway.flag("enableBgp").or_default(false)?;
    let is_static = kind.eq_ignore_ascii_case("vpn") && !speaks_bgp;
    let mut all = read(
        gateway,
        "vpnClientConfiguration.vpnClientAddressPool.addressPrefixes",
    );
    for connection in gateway.referrers_among(&[CONNECTIONS]) {
        let site = connection.reference("localNetworkGateway2");
        let Field::Present(site, _) = site else {
            // A connection to another network's gateway or to an ExpressRoute circuit.
            return Ok(all.union(&Prefixes::unknown(routes_hidden(gateway.name()))));
        };
        let site = gateway.estate().find(&site).ok_or_else(|| {
            Unknown::because(
                format!("`{}` is outside the input", site.name()),
                format!("az resource show --ids {site}"),
            )
        })?;
        all = all.union(&read(&site, "localNetworkAddressSpace.addressPrefixes"));
    }
    match is_static {
        true => Ok(all),
        false => Ok(all.union(&Prefixes::unknown(routes_hidden(gateway.name())))),
    }
}

fn read(settings: &Settings<'_>, path: &str) -> Prefixes {
    let texts = settings.texts(path);
    Prefixes::read(texts.map(|texts| texts.into_iter().map(|(text, _)| text)))
}
