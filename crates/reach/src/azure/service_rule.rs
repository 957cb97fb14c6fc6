//! The rules that the cloud provider of Kubernetes writes into the network security group of the
//! nodes for a Service of type `LoadBalancer` (cloud-provider-azure, `loadbalancer.AccessControl`
//! and `securitygroup.RuleHelper`, 2026).
//!
//! With floating IP, which is the default, packets reach the node with the load balancer's
//! frontend as destination: the rules name the frontend and the port of the Service, not the node.

use std::net::IpAddr;

use ipnet::IpNet;
use palisade_document::Value;
use palisade_estate::kubernetes::is_internal_load_balancer;
use palisade_estate::{Object, Unknown};
use palisade_packet::{AddressSet, PacketSet, PortSet, Product, Set, Traffic, Transport};

use super::address::prefix;
use super::reading::{Reading, Readings, parts_in_every_reading};
use super::{Access, Bounds, Candidate, Outcome, Part, Rule, RuleAddresses, first_match};

/// A rule that the cloud provider writes. All are inbound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRule {
    /// How its name begins; the rest is a hash of what it allows.
    pub name_prefix: String,
    /// Its priority: allowing rules from 500 upward, denying ones from 4095 downward.
    pub priority: u16,
    /// What it does.
    pub access: Access,
    /// `Tcp`, `Udp` or `*`.
    pub protocol: &'static str,
    /// Service tags or prefixes.
    pub sources: Vec<String>,
    /// The frontends, or the nodes where floating IP is off.
    pub destinations: Vec<IpAddr>,
    /// The ports; all if there are none.
    pub ports: Vec<u16>,
}

/// What the cloud provider makes of a Service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAccess {
    /// The rules, by priority as in a group without others.
    pub rules: Vec<ServiceRule>,
    /// Whether the rules let the internet in.
    pub is_open_to_internet: bool,
    /// Ranges that can't be read. They let nobody in and shut everybody else out.
    pub invalid_ranges: Vec<String>,
}

const FIRST_ALLOW: u16 = 500;
const FIRST_DENY: u16 = 4095;

/// The rules for a Service whose load balancer has some frontends, in front of nodes with some
/// addresses; or why the cloud provider makes none.
pub fn service_rules(
    service: &Object<'_>,
    frontends: &[IpAddr],
    nodes: &[IpAddr],
) -> Result<ServiceAccess, Unknown> {
    let wanted = Wanted::of(service)?;
    let is_floating = !is_set(service, "azure-disable-load-balancer-floating-ip");
    let destinations = if is_floating { frontends } else { nodes };
    let mut rules = Vec::new();
    let mut priority = FIRST_ALLOW;
    for (protocol, ports) in ports(service, is_floating) {
        for family in Family::BOTH {
            let destinations = family.of(destinations);
            if destinations.is_empty() {
                continue;
            }
            for sources in wanted.sources(family) {
                rules.push(ServiceRule {
                    name_prefix: format!("k8s-azure-lb_allow_{}_", family.as_str()),
                    priority,
                    access: Access::Allow,
                    protocol,
                    sources,
                    destinations: destinations.clone(),
                    ports: ports.clone(),
                });
                priority += 1;
            }
        }
    }
    if wanted.denies_others {
        rules.extend(denials(destinations));
    }
    Ok(ServiceAccess {
        rules,
        is_open_to_internet: wanted.is_open_to_internet,
        invalid_ranges: wanted.invalid,
    })
}

/// Splits packets by the rules of a Service and those that Azure adds, as in a group that holds
/// no others.
pub fn service_rule(
    access: &ServiceAccess,
    service: &Object<'_>,
    addresses: &RuleAddresses<'_, '_>,
    packets: &PacketSet,
) -> Vec<Part<PacketSet>> {
    parts_in_every_reading(addresses.virtual_network(), |readings| {
        let written = access.rules.iter();
        let written = written.map(|rule| candidate(rule, service, addresses, readings.0));
        let added = added(addresses, readings);
        let end = (Rule::absent("DenyAllInBound"), Access::Deny);
        let parts = first_match(packets, written.chain(added), end).into_iter();
        parts.map(|part| part.map(Outcome::from)).collect()
    })
}

fn candidate(
    rule: &ServiceRule,
    service: &Object<'_>,
    addresses: &RuleAddresses<'_, '_>,
    reading: Reading,
) -> Candidate<PacketSet, Access> {
    let nothing = Bounds::exactly(AddressSet::empty());
    let sources = rule.sources.iter();
    let sources = sources.fold(nothing, |all, text| all.union(&addresses.of(text, reading)));
    let destinations = rule.destinations.iter().copied().map(AddressSet::from);
    let ports: PortSet = rule.ports.iter().map(|&port| (port, port)).collect();
    let to_ports = |transport| Traffic::to_ports(transport, ports.clone());
    let traffic = match rule.protocol {
        "Tcp" => to_ports(Transport::Tcp),
        "Udp" => to_ports(Transport::Udp),
        _ if rule.ports.is_empty() => Traffic::full(),
        _ => Transport::ALL
            .into_iter()
            .fold(Traffic::empty(), |all, transport| {
                all.union(&to_ports(transport))
            }),
    };
    let there = Bounds::exactly(Product::of(destinations.collect(), traffic));
    Candidate {
        rule: Rule {
            name: format!("rule {}… of the Service", rule.name_prefix),
            resource: None,
            origin: Some(service.anchor().origin()),
        },
        matches: sources.product(&there),
        action: rule.access,
    }
}

/// The rules that Azure adds, but for the last.
fn added(
    addresses: &RuleAddresses<'_, '_>,
    (source, destination): Readings,
) -> [Candidate<PacketSet, Access>; 2] {
    let allow = |name: &str, sources: Bounds<AddressSet>, destinations: Bounds<AddressSet>| {
        let traffic = Bounds::exactly(Traffic::full());
        Candidate {
            rule: Rule::absent(name),
            matches: sources.product(&destinations.product(&traffic)),
            action: Access::Allow,
        }
    };
    let network = |reading| addresses.of("VirtualNetwork", reading);
    let probes = addresses.of("AzureLoadBalancer", source);
    [
        allow("AllowVnetInBound", network(source), network(destination)),
        allow(
            "AllowAzureLoadBalancerInBound",
            probes,
            Bounds::exactly(AddressSet::full()),
        ),
    ]
}

fn denials(destinations: &[IpAddr]) -> Vec<ServiceRule> {
    let families = Family::BOTH.into_iter();
    let denied = families.filter_map(|family| {
        let destinations = family.of(destinations);
        (!destinations.is_empty()).then_some((family, destinations))
    });
    let rules = denied
        .zip(0..)
        .map(|((family, destinations), number)| ServiceRule {
            name_prefix: format!("k8s-azure-lb_deny-all_{}", family.as_str()),
            priority: FIRST_DENY - number,
            access: Access::Deny,
            protocol: "*",
            sources: vec!["*".to_owned()],
            destinations,
            ports: Vec::new(),
        });
    rules.collect()
}

/// Whom a Service wants in.
struct Wanted {
    tags: Vec<String>,
    ranges: Vec<IpNet>,
    invalid: Vec<String>,
    is_open_to_internet: bool,
    denies_others: bool,
}

impl Wanted {
    fn of(service: &Object<'_>) -> Result<Self, Unknown> {
        let mut invalid = Vec::new();
        let field = service.get("spec.loadBalancerSourceRanges");
        let written: Vec<_> = field
            .into_iter()
            .flat_map(Value::items)
            .map(Value::scalar)
            .collect();
        let source_ranges = match written.is_empty() {
            true => read(listed(service, "load-balancer-source-ranges"), &mut invalid),
            false => read(written, &mut invalid),
        };
        let allowed_ranges = read(listed(service, "azure-allowed-ip-ranges"), &mut invalid);
        if !source_ranges.is_empty() && !allowed_ranges.is_empty() {
            return Err(Unknown::because(
                "cannot set both spec.LoadBalancerSourceRanges and service annotation service.beta.kubernetes.io/azure-allowed-ip-ranges",
                "use one of the two: the cloud provider makes no rules until then",
            ));
        }
        let tags = listed(service, "azure-allowed-service-tags");
        let mut tags: Vec<_> = tags.into_iter().map(str::to_owned).collect();
        let ranges = [source_ranges, allowed_ranges].concat();
        let allows_all = ranges.iter().any(|range| range.prefix_len() == 0);
        let is_open_to_internet = tags.is_empty()
            && (ranges.is_empty() || allows_all)
            && invalid.is_empty()
            && (!is_internal_load_balancer(service) || !ranges.is_empty());
        if is_open_to_internet {
            tags.push("Internet".to_owned());
        }
        let denies = is_set(service, "azure-deny-all-except-load-balancer-source-ranges");
        Ok(Self {
            denies_others: (denies && !ranges.is_empty()) || !invalid.is_empty(),
            tags,
            ranges,
            invalid,
            is_open_to_internet,
        })
    }

    /// The sources of each allowing rule: one for each tag, one for all ranges of the family.
    fn sources(&self, family: Family) -> Vec<Vec<String>> {
        let mut rules: Vec<_> = self.tags.iter().map(|tag| vec![tag.clone()]).collect();
        let ranges = self
            .ranges
            .iter()
            .filter(|range| family.has(&range.network()));
        let ranges: Vec<_> = ranges.map(IpNet::to_string).collect();
        if !ranges.is_empty() {
            rules.push(ranges);
        }
        rules
    }
}

fn listed<'e>(service: &Object<'e>, annotation: &str) -> Vec<&'e str> {
    let annotation = format!("service.beta.kubernetes.io/{annotation}");
    let list = service.annotation(&annotation).map(Value::scalar);
    let entries = list.into_iter().flat_map(|list| list.trim().split(','));
    entries
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .collect()
}

/// Whether an annotation has the value `true`.
fn is_set(service: &Object<'_>, annotation: &str) -> bool {
    let annotation = format!("service.beta.kubernetes.io/{annotation}");
    let value = service.annotation(&annotation);
    value.is_some_and(|value| value.scalar().eq_ignore_ascii_case("true"))
}

/// The prefixes among texts. What is none, or has bits behind the prefix, is invalid.
fn read(texts: Vec<&str>, invalid: &mut Vec<String>) -> Vec<IpNet> {
    let mut ranges = Vec::new();
    for text in texts {
        match text.trim().parse::<IpNet>() {
            Ok(range) if prefix(text) == Some(range) => ranges.push(range),
            _ => invalid.push(text.trim().to_owned()),
        }
    }
    ranges
}

/// The ports by the protocol of the rule; what is neither TCP nor UDP goes by `*`.
fn ports(service: &Object<'_>, is_floating: bool) -> Vec<(&'static str, Vec<u16>)> {
    let mut by_protocol = vec![("Tcp", Vec::new()), ("Udp", Vec::new()), ("*", Vec::new())];
    let ports = service.get("spec.ports").into_iter().flat_map(Value::items);
    for port in ports {
        let protocol = match port.get("protocol").map(Value::scalar) {
            None | Some("TCP") => "Tcp",
            Some("UDP") => "Udp",
            Some(_) => "*",
        };
        let name = if is_floating { "port" } else { "nodePort" };
        let number = port.get(name).and_then(|number| number.as_i64());
        let number = number.and_then(|number| u16::try_from(number).ok());
        let mut lists = by_protocol.iter_mut();
        if let Some((_, list)) = lists.find(|(known, _)| *known == protocol) {
            list.extend(number);
        }
    }
    by_protocol.retain(|(_, ports)| !ports.is_empty());
    by_protocol
}

#[derive(Clone, Copy)]
enum Family {
    V4,
    V6,
}

impl Family {
    const BOTH: [Self; 2] = [Self::V4, Self::V6];

    fn as_str(self) -> &'static str {
        match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        }
    }

    fn has(self, address: &IpAddr) -> bool {
        matches!(
            (self, address),
            (Self::V4, IpAddr::V4(_)) | (Self::V6, IpAddr::V6(_))
        )
    }

    fn of(self, addresses: &[IpAddr]) -> Vec<IpAddr> {
        let own = addresses.iter().filter(|address| self.has(address));
        own.copied().collect()
    }
}
