//! Into a cluster by an Application Gateway, which takes requests at its listeners and sends them on
//! from its own subnet.

use std::net::IpAddr;

use palisade_estate::azure::{ApplicationGateway, Direction, ManagedCluster, Subnet, WafPolicy};
use palisade_estate::{Field, ResourceId, Settings, Unknown};
use palisade_packet::{AddressSet, PacketSet, PortSet, Product, Set, Traffic, Transport};

use super::arrival::{replied, settles};
use super::start::node_sites;
use super::trace::{Hop, HopKind, Trace, led_on};
use super::walk::{Asked, Sender, Walk, filtered, of_one_family, routed};
use crate::azure::address::public_addresses;
use crate::azure::{Filters, Group, Network, Outcome, Rule, Vicinity};

/// A rule of a gateway with one of the servers that it sends requests to.
#[derive(Clone)]
pub struct GatewayRoute<'e> {
    /// The rule, or the path of one.
    pub rule: Settings<'e>,
    /// The listener that takes the requests.
    pub listener: Settings<'e>,
    /// Its port.
    pub port: u16,
    /// Whether it listens at a public address.
    pub is_public: bool,
    /// The address of the server.
    pub backend: IpAddr,
    /// The port of the server.
    pub backend_port: u16,
}

/// Where a gateway sends requests, as far as its servers are named by address, and why there may be
/// more.
pub fn gateway_routes<'e>(
    gateway: &ApplicationGateway<'e>,
) -> (Vec<GatewayRoute<'e>>, Vec<Unknown>) {
    let (mut routes, mut unknown) = (Vec::new(), Vec::new());
    match gateway.request_routing_rules() {
        Ok(rules) => {
            for rule in rules {
                match of_rule(gateway, &rule) {
                    Ok(some) => routes.extend(some),
                    Err(cause) => unknown.push(cause),
                }
            }
        }
        Err(cause) => unknown.push(cause),
    }
    (routes, unknown)
}

fn of_rule<'e>(
    gateway: &ApplicationGateway<'e>,
    rule: &Settings<'e>,
) -> Result<Vec<GatewayRoute<'e>>, Unknown> {
    let Some(listener) = part(gateway.http_listeners()?, rule, "httpListener")? else {
        return Ok(Vec::new());
    };
    let Some(port) = part(
        gateway.elements("frontendPorts")?,
        &listener,
        "frontendPort",
    )?
    else {
        return Ok(Vec::new());
    };
    let frontends = gateway.elements("frontendIPConfigurations")?;
    let frontend = part(frontends, &listener, "frontendIPConfiguration")?;
    let is_public = frontend
        .is_some_and(|frontend| matches!(frontend.property("publicIPAddress"), Field::Present(..)));
    // A rule sends requests on by itself, or by the paths of a map.
    let mut places = vec![*rule];
    if let Some(map) = part(gateway.url_path_maps()?, rule, "urlPathMap")? {
        places.push(map);
        places.extend(map.elements("pathRules")?);
    }
    let mut routes = Vec::new();
    for place in places {
        for (backend, backend_port) in servers(gateway, &place)? {
            routes.push(GatewayRoute {
                rule: place,
                listener,
                port: number(&port)?,
                is_public,
                backend,
                backend_port,
            });
        }
    }
    Ok(routes)
}

/// The servers of a rule, path or map by address.
fn servers<'e>(
    gateway: &ApplicationGateway<'e>,
    place: &Settings<'e>,
) -> Result<Vec<(IpAddr, u16)>, Unknown> {
    let either = |list: &str, own: &str, default: &str| {
        let parts = gateway.elements(list)?;
        match part(parts.clone(), place, own)? {
            Some(found) => Ok(Some(found)),
            None => part(parts, place, default),
        }
    };
    let pool = either(
        "backendAddressPools",
        "backendAddressPool",
        "defaultBackendAddressPool",
    )?;
    let settings = either(
        "backendHttpSettingsCollection",
        "backendHttpSettings",
        "defaultBackendHttpSettings",
    )?;
    let (Some(pool), Some(settings)) = (pool, settings) else {
        return Ok(Vec::new());
    };
    let port = number(&settings)?;
    let addresses = pool.elements("backendAddresses")?;
    let texts = addresses
        .iter()
        .filter_map(|address| address.text("ipAddress").present());
    let addresses = texts.filter_map(|text| text.parse::<IpAddr>().ok());
    Ok(addresses.map(|address| (address, port)).collect())
}

fn number(settings: &Settings<'_>) -> Result<u16, Unknown> {
    let (port, _) = settings.number("port").or_default(0)?;
    u16::try_from(port)
        .map_err(|_| Unknown::because(format!("`{port}` is no port"), "correct the gateway"))
}

/// The part of a gateway that another part names.
fn part<'e>(
    parts: Vec<Settings<'e>>,
    from: &Settings<'e>,
    path: &str,
) -> Result<Option<Settings<'e>>, Unknown> {
    let id: ResourceId = match from.reference(path) {
        Field::Present(id, _) => id,
        Field::Absent(_) => return Ok(None),
        Field::Unknown(unknown) => return Err(unknown),
    };
    let mut parts = parts.into_iter();
    Ok(parts.find(|part| part.is_named(id.name())))
}

/// Leads packets of clients to a gateway, and its own ones to the nodes of a cluster.
///
/// The network security group of the gateway's subnet sees clients; behind it the source is the
/// gateway ("Application Gateway infrastructure configuration", Microsoft Learn).
pub fn come_in_by_gateway<'e>(
    network: &Network<'e>,
    cluster: &ManagedCluster<'e>,
    gateway: &ApplicationGateway<'e>,
    route: &GatewayRoute<'e>,
    sources: &AddressSet,
) -> Result<Vec<Trace>, Unknown> {
    let subnet = gateway_subnet(gateway)?;
    let vicinity = Vicinity::of(network, subnet);
    let own = vicinity.subnet_prefixes().addresses().most;
    let tcp = |port| Traffic::to_ports(Transport::Tcp, PortSet::one(port));
    let to_listener = Product::of(own.clone(), tcp(route.port));
    let packets: PacketSet = Product::of(sources.clone(), to_listener);
    let filters = || Filters::at(&vicinity, Group::None);
    let asked = Asked::default();
    let mut walk = Walk::from(network, &asked, Sender::Machine);
    walk.receivers = node_sites(cluster)?;
    let traces = at_frontend(gateway, route, &packets.intersection(&of_one_family()));
    let traces = led_on(traces, |trace| {
        filtered(network, &vicinity, &filters(), Direction::Inbound, trace)
    });
    let traces = led_on(traces, |trace| {
        vec![replied(network, &vicinity, trace, None, &settles)]
    });
    let backend = AddressSet::from(route.backend);
    let onward: PacketSet = Product::of(own, Product::of(backend, tcp(route.backend_port)));
    let onward = onward.intersection(&of_one_family());
    let traces = led_on(traces, |trace| {
        vec![trace.further(sent_on(gateway, route, onward.clone()))]
    });
    let traces = led_on(traces, |trace| {
        filtered(network, &vicinity, &filters(), Direction::Outbound, trace)
    });
    Ok(led_on(traces, |trace| routed(&walk, &vicinity, trace)))
}

/// The subnet that a gateway stands in.
pub fn gateway_subnet<'e>(gateway: &ApplicationGateway<'e>) -> Result<Subnet<'e>, Unknown> {
    for configuration in gateway.elements("gatewayIPConfigurations")? {
        if let Field::Present(id, _) = configuration.reference("subnet") {
            return gateway.estate().require(&id);
        }
    }
    Err(Unknown::because(
        format!(
            "the subnet of gateway `{}` isn't in the input",
            gateway.name()
        ),
        "az network application-gateway show",
    ))
}

fn at_frontend(
    gateway: &ApplicationGateway<'_>,
    route: &GatewayRoute<'_>,
    packets: &PacketSet,
) -> Vec<Trace> {
    let from = |sources: AddressSet| -> PacketSet {
        let anywhere = Product::of(AddressSet::full(), Traffic::full());
        packets.intersection(&Product::of(sources, anywhere))
    };
    let hop = |packets: PacketSet, effect: &str, outcome| {
        Trace::of(packets.clone()).further(Hop {
            kind: HopKind::Gateway,
            at: Some(gateway.id().clone()),
            rule: Rule::written(route.listener.name(), gateway.id(), &route.listener),
            effect: effect.to_owned(),
            packets,
            outcome,
        })
    };
    if route.is_public {
        let effect = "listens at a public address";
        return vec![hop(packets.clone(), effect, Outcome::Allowed)];
    }
    let (public, private) = (
        from(public_addresses()),
        from(public_addresses().complement()),
    );
    let cases = [
        (public, "listens inside the network alone", Outcome::Denied),
        (private, "listens inside the network", Outcome::Allowed),
    ];
    let cases = cases
        .into_iter()
        .filter(|(packets, ..)| !packets.is_empty());
    cases
        .map(|(packets, effect, outcome)| hop(packets, effect, outcome))
        .collect()
}

/// The request goes on as the gateway's own, unless its web application firewall stops it: that
/// hangs on what it asks for.
fn sent_on(gateway: &ApplicationGateway<'_>, route: &GatewayRoute<'_>, onward: PacketSet) -> Hop {
    let (address, port) = (route.backend, route.backend_port);
    Hop {
        kind: HopKind::Gateway,
        at: Some(gateway.id().clone()),
        rule: Rule::written(route.rule.name(), gateway.id(), &route.rule),
        effect: format!(
            "sends requests on to {address} port {port}, {}",
            firewall(gateway, route)
        ),
        packets: onward,
        outcome: Outcome::Allowed,
    }
}

/// The web application firewall that reads the requests, in words.
fn firewall(gateway: &ApplicationGateway<'_>, route: &GatewayRoute<'_>) -> String {
    let places = [
        route.rule.reference("firewallPolicy"),
        route.listener.reference("firewallPolicy"),
        gateway.firewall_policy(),
    ];
    let mut policies = places.into_iter().filter_map(Field::present);
    let Some(id) = policies.next() else {
        return match gateway.legacy_waf_configuration() {
            Field::Present(..) => "read by the gateway's own firewall".to_owned(),
            Field::Absent(_) => "which no web application firewall reads".to_owned(),
            Field::Unknown(unknown) => format!("read perhaps: {}", unknown.cause),
        };
    };
    let Ok(policy) = gateway.estate().require::<WafPolicy<'_>>(&id) else {
        return format!(
            "read by firewall policy `{}`, which isn't in the input",
            id.name()
        );
    };
    let is_off = matches!(policy.is_enabled(), Field::Present(false, _));
    let mode = policy
        .mode()
        .present()
        .unwrap_or("unknown")
        .to_ascii_lowercase();
    match (is_off, mode.as_str()) {
        (true, _) => format!(
            "which firewall policy `{}`, turned off, doesn't read",
            id.name()
        ),
        (false, "prevention") => {
            format!("but for those that firewall policy `{}` stops", id.name())
        }
        (false, mode) => format!("read by firewall policy `{}` in mode {mode}", id.name()),
    }
}
