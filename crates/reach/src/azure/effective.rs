//! Azure's own answers where the input holds them: effective security rules and routes. They come
//! before what is computed, and what the two don't agree on is said with the rule.

use std::net::IpAddr;

use palisade_estate::azure::{
    Direction, EffectiveRouteTable, EffectiveSecurityGroup, NetworkSecurityGroup, Subnet,
};
use palisade_estate::{Estate, Field, Settings, Unknown};
use palisade_packet::{AddressSet, PacketSet, PortSet, Product, Set, Traffic};

use super::address::{addresses, all_of, ports, prefix};
use super::rule_traffic::traffic;
use super::security_rule::platform;
use super::{Access, Bounds, Candidate, Leads, Outcome, Part, Rule, first_match};

/// The routes of a subnet by Azure's own word, unless the input plans to change them.
pub(super) fn effective_routes<'e>(subnet: &Subnet<'e>) -> Option<EffectiveRouteTable<'e>> {
    let estate = subnet.estate();
    if subnet.is_planned() || subnet.virtual_network().is_some_and(|one| one.is_planned()) {
        return None;
    }
    let mut tables = estate.all::<EffectiveRouteTable<'e>>();
    tables.find(|table| table.is_of(subnet))
}

/// A route by Azure's word.
pub(super) struct EffectiveRoute {
    pub(super) prefix: ipnet::IpNet,
    pub(super) rule: Rule,
    pub(super) leads: Leads,
    /// Whether a user made it, else a gateway or the system.
    pub(super) is_users: bool,
    pub(super) is_gateways: bool,
}

/// The routes that act; nothing if one can't be read.
pub(super) fn read_routes(table: &EffectiveRouteTable<'_>) -> Option<Vec<EffectiveRoute>> {
    let mut read = Vec::new();
    for route in table.routes().ok()? {
        let state = route.text("state").present()?;
        if !state.eq_ignore_ascii_case("Active") {
            continue;
        }
        let source = route.text("source").present().unwrap_or_default();
        let leads = leads(&route)?;
        for (text, _) in route.texts("addressPrefix").ok()? {
            let name = match route.name() {
                "" => format!("effective route to {text}"),
                name => name.to_owned(),
            };
            read.push(EffectiveRoute {
                prefix: prefix(text)?,
                rule: Rule::written(name, table.id(), &route),
                leads: leads.clone(),
                is_users: source.eq_ignore_ascii_case("User"),
                is_gateways: source.eq_ignore_ascii_case("VirtualNetworkGateway"),
            });
        }
    }
    Some(read)
}

/// `nextHopType` of an effective route; nothing for one that isn't known ("Diagnose a virtual
/// machine routing problem", Microsoft Learn).
fn leads(route: &Settings<'_>) -> Option<Leads> {
    let kind = route.text("nextHopType").present()?.to_ascii_lowercase();
    Some(match kind.as_str() {
        "vnetlocal" => Leads::Local,
        "vnetpeering" | "vnetglobalpeering" | "globalvnetpeering" => Leads::Peering(None),
        "virtualnetworkgateway" => Leads::Gateway,
        "internet" => Leads::Internet,
        "virtualnetworkserviceendpoint" => Leads::ServiceEndpoint("a service".to_owned()),
        "virtualappliance" => {
            let addresses = route.texts("nextHopIpAddress").ok()?;
            let address: IpAddr = addresses.first()?.0.parse().ok()?;
            Leads::Appliance(address)
        }
        "none" => Leads::Nowhere,
        _ => return None,
    })
}

/// A group at a subnet by Azure's own word, unless the input plans to change it.
pub(super) fn effective_group<'e>(
    estate: &'e Estate,
    group: &NetworkSecurityGroup<'_>,
    subnet: &Subnet<'_>,
) -> Option<EffectiveSecurityGroup<'e>> {
    if group.is_planned() || subnet.is_planned() {
        return None;
    }
    let mut groups = estate.all::<EffectiveSecurityGroup<'e>>();
    groups.find(|effective| effective.is_of(group, subnet))
}

/// What a group does with packets over IPv4 by its effective rules; nothing if one can't be read.
pub(super) fn effective_parts(
    effective: &EffectiveSecurityGroup<'_>,
    group: &NetworkSecurityGroup<'_>,
    direction: Direction,
    packets: &PacketSet,
) -> Option<Vec<Part<PacketSet>>> {
    let own = group.rules(direction).unwrap_or_default();
    let mut candidates = Vec::new();
    for rule in effective.rules().ok()? {
        let way = rule.text("direction").present()?;
        let is_asked = match direction {
            Direction::Inbound => way.eq_ignore_ascii_case("Inbound"),
            Direction::Outbound => way.eq_ignore_ascii_case("Outbound"),
        };
        if !is_asked {
            continue;
        }
        let name = rule.name().rsplit('/').next().unwrap_or_default();
        let mut written = own
            .iter()
            .filter(|own| own.name().eq_ignore_ascii_case(name));
        let named = match (written.next(), group.default_rule(name)) {
            (Some(own), _) => Rule::written(name, group.id(), own),
            (None, Some(own)) => Rule::written(name, group.id(), &own),
            (None, None) => Rule::written(name, group.id(), &rule),
        };
        let access = match rule.text("access").present()? {
            text if text.eq_ignore_ascii_case("Allow") => Access::Allow,
            text if text.eq_ignore_ascii_case("Deny") => Access::Deny,
            _ => return None,
        };
        candidates.push((
            rule.number("priority").present()?,
            Candidate {
                rule: named,
                matches: matches(&rule, direction)?,
                action: access,
            },
        ));
    }
    if direction == Direction::Outbound {
        let there = Product::of(platform(), Traffic::full());
        let reached = Candidate {
            rule: Rule::implied("platform addresses", group.id()),
            matches: Bounds::exactly(Product::of(AddressSet::full(), there)),
            action: Access::Allow,
        };
        candidates.push((FIRST_DEFAULT - 1, reached));
    }
    candidates.sort_by_key(|(priority, _)| *priority);
    let candidates = candidates.into_iter().map(|(_, candidate)| candidate);
    let end = (Rule::implied("no effective rule", group.id()), Access::Deny);
    let parts = first_match(packets, candidates, end).into_iter();
    Some(parts.map(|part| part.map(Outcome::from)).collect())
}

/// The priority of the first rule that Azure adds.
const FIRST_DEFAULT: i64 = 65000;

fn matches(rule: &Settings<'_>, direction: Direction) -> Option<Bounds<PacketSet>> {
    let sources = side(rule, "source")?;
    let mut destinations = side(rule, "destination")?;
    let tag = rule.text("destinationAddressPrefix").present();
    let is_platform = tag.is_some_and(|tag| tag.to_ascii_lowercase().starts_with("azureplatform"));
    if direction == Direction::Outbound && !is_platform {
        destinations = destinations.difference(&platform());
    }
    let traffic = traffic(
        rule.text("protocol"),
        &port_set(rule, "source"),
        &port_set(rule, "destination"),
    );
    let there = Bounds::exactly(destinations).product(&traffic);
    Some(Bounds::exactly(sources).product(&there))
}

/// The prefixes that a tag or several prefixes stand for, else the one that is written.
fn side(rule: &Settings<'_>, side: &str) -> Option<AddressSet> {
    let capital = match side {
        "source" => "Source",
        _ => "Destination",
    };
    let lists = [
        format!("expanded{capital}AddressPrefix"),
        format!("{side}AddressPrefixes"),
        format!("{side}AddressPrefix"),
    ];
    for path in &lists {
        let texts: Vec<_> = match rule.property(path) {
            Field::Present(value, _) if value.as_str().is_some() => vec![value.scalar()],
            _ => {
                let texts = rule.texts(path).ok()?;
                texts.into_iter().map(|(text, _)| text).collect()
            }
        };
        if texts.is_empty() {
            continue;
        }
        let sets: Option<Vec<_>> = texts.into_iter().map(addresses).collect();
        return sets.map(|sets| sets.into_iter().collect());
    }
    None
}

fn port_set(rule: &Settings<'_>, side: &str) -> Bounds<PortSet> {
    let many = rule.texts(&format!("{side}PortRanges")).unwrap_or_default();
    let texts: Vec<_> = match many.is_empty() {
        false => many.into_iter().map(|(text, _)| text).collect(),
        true => rule
            .text(&format!("{side}PortRange"))
            .present()
            .into_iter()
            .collect(),
    };
    match texts.is_empty() {
        true => Bounds::unknown(Unknown::because(
            "the rule names no port",
            "export it again",
        )),
        false => all_of(Ok(texts), "port", ports),
    }
}

/// Azure's parts, each with what was computed said beside its rule where that is something else.
pub(super) fn beside<P: Set, O>(
    azure: Vec<Part<P, O>>,
    computed: &[Part<P, O>],
    otherwise: impl Fn(&O, &O) -> Option<String>,
) -> Vec<Part<P, O>>
where
    O: Clone + PartialEq,
{
    let mut noted: Vec<Part<P, O>> = Vec::new();
    for part in azure {
        for other in computed {
            let packets = part.packets.intersection(&other.packets);
            if packets.is_empty() {
                continue;
            }
            let mut rule = part.rule.clone();
            if let Some(text) = otherwise(&part.outcome, &other.outcome) {
                rule.name
                    .push_str(&format!(" (by Azure's word; computed: {text})"));
            }
            let is_alike =
                |known: &&mut Part<P, O>| known.rule == rule && known.outcome == part.outcome;
            match noted.iter_mut().find(is_alike) {
                Some(known) => known.packets = known.packets.union(&packets),
                None => noted.push(Part {
                    packets,
                    rule,
                    outcome: part.outcome.clone(),
                }),
            }
        }
    }
    noted
}
