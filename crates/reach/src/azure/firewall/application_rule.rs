//! Application rules, which go by the name of the server.
//!
//! HTTP is matched by its `Host` header, TLS by the server name of the handshake and, if the rule
//! ends TLS, by the header within, too ("Azure Firewall rule processing logic", Microsoft Learn,
//! 2026-03-23). A `*` stands only at the left of a name: `*.contoso.com` is every name below, at
//! any depth, and `*contoso.com` every name that ends so ("Azure Firewall FAQ").

use palisade_estate::{Field, Settings, Unknown};
use palisade_packet::{
    AddressSet, NamePattern, PacketSet, PortSet, Product, Set, Traffic, Transport,
};

use super::question::{ApplicationProtocol, Carries, Request};
use super::rule_side::Lookup;
use crate::azure::Bounds;
use crate::azure::outbound::is_in_fqdn_tag;
use crate::azure::service_tags::Cloud;

/// The names that a `targetFqdns` entry matches, or nothing for one that Azure refuses: a `*`
/// anywhere but at the left.
pub fn target_fqdn(text: &str) -> Option<NamePattern> {
    let rest = text.strip_prefix('*').unwrap_or(text);
    (!text.is_empty() && !rest.contains('*')).then(|| NamePattern::azure_firewall(text))
}

/// What an application rule matches of packets that carry something.
pub(super) fn packets(
    rule: &Settings<'_>,
    lookup: &Lookup<'_, '_>,
    carries: &Carries,
) -> Bounds<PacketSet> {
    let request = match carries {
        Carries::Other => return Bounds::exactly(PacketSet::empty()),
        Carries::Unknown => None,
        Carries::Request(request) => Some(request),
    };
    let named = match request {
        Some(request) => is_named(rule, request, lookup.tags.cloud),
        None => Err(Unknown::because(
            "what the packets carry, and the name of the server, isn't asked",
            "ask about a name",
        )),
    };
    if named == Ok(false) {
        return Bounds::exactly(PacketSet::empty());
    }
    let rest = destinations(rule, lookup).product(&traffic(rule, request.map(|r| r.protocol)));
    let packets = lookup.sources(rule).product(&rest);
    match named {
        Ok(_) => packets,
        Err(unknown) => doubtful(packets, unknown),
    }
}

fn doubtful(packets: Bounds<PacketSet>, unknown: Unknown) -> Bounds<PacketSet> {
    let mut causes = packets.causes;
    causes.push(unknown);
    Bounds::between(PacketSet::empty(), packets.most, causes)
}

/// Application rules may name destinations; how these go with names isn't documented.
fn destinations(rule: &Settings<'_>, lookup: &Lookup<'_, '_>) -> Bounds<AddressSet> {
    let texts = match rule.texts("destinationAddresses") {
        Ok(texts) => texts,
        Err(unknown) => return Bounds::unknown(unknown),
    };
    let read = texts.iter().map(|(text, _)| lookup.destination(text));
    let Some(written) = read.reduce(|all, one| all.union(&one)) else {
        return Bounds::exactly(AddressSet::full());
    };
    let unknown = Unknown::because(
        "how destination addresses of an application rule act isn't documented",
        "leave them out",
    );
    written.union(&Bounds::between(
        AddressSet::empty(),
        AddressSet::full(),
        vec![unknown],
    ))
}

/// The ports at which the rule looks for a protocol; for any, without one.
fn traffic(rule: &Settings<'_>, protocol: Option<ApplicationProtocol>) -> Bounds<Traffic> {
    let protocols = match rule.elements("protocols") {
        Ok(protocols) => protocols,
        Err(unknown) => return Bounds::unknown(unknown),
    };
    let nothing = Bounds::exactly(Traffic::empty());
    protocols.iter().fold(nothing, |all, one| {
        let ports = match port(one) {
            Ok(port) => Bounds::exactly(PortSet::one(port)),
            Err(unknown) => Bounds::unknown(unknown),
        };
        let to = |ports: &PortSet| Traffic::to_ports(Transport::Tcp, ports.clone());
        let traffic = Bounds::between(to(&ports.least), to(&ports.most), ports.causes);
        match (kind(one), protocol) {
            (Ok(own), Some(protocol)) if own != protocol => all,
            (Ok(_), _) => all.union(&traffic),
            (Err(unknown), _) => {
                let mut causes = traffic.causes;
                causes.push(unknown);
                all.union(&Bounds::between(Traffic::empty(), traffic.most, causes))
            }
        }
    })
}

fn port(protocol: &Settings<'_>) -> Result<u16, Unknown> {
    let port = match protocol.number("port") {
        Field::Present(port, _) => u16::try_from(port).ok(),
        Field::Absent(_) => None,
        Field::Unknown(unknown) => return Err(unknown),
    };
    port.ok_or_else(|| Unknown::because("a protocol of the rule has no port", "correct the rule"))
}

fn kind(protocol: &Settings<'_>) -> Result<ApplicationProtocol, Unknown> {
    let text = match protocol.text("protocolType") {
        Field::Present(text, _) => text,
        Field::Absent(_) => "",
        Field::Unknown(unknown) => return Err(unknown),
    };
    ApplicationProtocol::named(text).ok_or_else(|| {
        let cause = format!("`{text}` is no protocol of an application rule");
        Unknown::because(cause, "correct the rule")
    })
}

/// Whether a rule is for the name of a request.
fn is_named(rule: &Settings<'_>, request: &Request, cloud: Cloud) -> Result<bool, Unknown> {
    let Some(name) = request.name() else {
        let cause = "the request doesn't name its server";
        return Err(Unknown::because(cause, "ask about a name"));
    };
    let ends_tls = match request.protocol {
        ApplicationProtocol::Https => rule.flag("terminateTLS").or_default(false)?.0,
        _ => false,
    };
    let outer = is_for(rule, name, cloud);
    match request.host_name() {
        Some(host) if ends_tls => both(outer, is_for(rule, host, cloud)),
        _ => outer,
    }
}

fn both(one: Result<bool, Unknown>, other: Result<bool, Unknown>) -> Result<bool, Unknown> {
    match (one, other) {
        (Ok(false), _) | (_, Ok(false)) => Ok(false),
        (Err(unknown), _) | (_, Err(unknown)) => Err(unknown),
        _ => Ok(true),
    }
}

/// Whether a target is a name in a cloud.
type IsTarget = fn(&str, &str, Cloud) -> Result<bool, Unknown>;

/// Whether one of a rule's targets is a name; in doubt if only a doubtful one may be.
fn is_for(rule: &Settings<'_>, name: &str, cloud: Cloud) -> Result<bool, Unknown> {
    let mut doubt = None;
    let mut has_target = false;
    let targets: [(&str, IsTarget); 4] = [
        ("targetFqdns", |text, name, _| is_fqdn(text, name)),
        ("targetUrls", |text, name, _| is_url(text, name)),
        ("fqdnTags", is_tagged),
        ("webCategories", |category, name, _| {
            Err(Unknown::because(
                format!("whether `{name}` is of web category `{category}` isn't published"),
                "az network firewall policy show, or the portal's web category check",
            ))
        }),
    ];
    for (path, is_target) in targets {
        for (text, _) in rule.texts(path)? {
            has_target = true;
            match is_target(text, name, cloud) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(unknown) => doubt = doubt.or(Some(unknown)),
            }
        }
    }
    match doubt {
        Some(unknown) => Err(unknown),
        None if has_target => Ok(false),
        None => Err(Unknown::because(
            format!("rule `{}` names no target", rule.name()),
            "correct the rule",
        )),
    }
}

fn is_fqdn(text: &str, name: &str) -> Result<bool, Unknown> {
    let pattern = target_fqdn(text).ok_or_else(|| {
        Unknown::because(
            format!("`{text}` has a `*` that isn't at its left, which Azure refuses"),
            "correct the rule",
        )
    })?;
    Ok(pattern.matches(name))
}

fn is_tagged(tag: &str, name: &str, cloud: Cloud) -> Result<bool, Unknown> {
    if tag.eq_ignore_ascii_case("AzureKubernetesService") && is_in_fqdn_tag(cloud, name) {
        return Ok(true);
    }
    Err(Unknown::because(
        format!("which names FQDN tag `{tag}` stands for isn't published"),
        "name them in a rule of their own",
    ))
}

/// A URL is of another name for certain if its host is.
fn is_url(text: &str, name: &str) -> Result<bool, Unknown> {
    let without_scheme = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = without_scheme.split('/').next().unwrap_or_default();
    match NamePattern::azure_firewall(host).matches(name) {
        false => Ok(false),
        true => Err(Unknown::because(
            format!("whether the request is for `{text}` hangs on its path, which isn't asked"),
            "ask about a name that no URL of a rule has",
        )),
    }
}

/// The domains in which Azure Firewall's own infrastructure rules allow names: platform images and
/// managed disks (storage), and diagnostics ("Infrastructure FQDNs for Azure Firewall"). Which
/// names isn't published.
pub(super) const INFRASTRUCTURE: [&str; 5] = [
    "*.core.windows.net",
    "*.core.usgovcloudapi.net",
    "*.core.chinacloudapi.cn",
    "*.msftcloudes.com",
    "*.monitor.azure.com",
];

/// The packets that the firewall's own infrastructure rules, which come last, may allow.
pub(super) fn infrastructure(carries: &Carries) -> Bounds<PacketSet> {
    let may_be = |name: &str| {
        let mut domains = INFRASTRUCTURE.iter();
        domains.any(|domain| NamePattern::azure_firewall(domain).matches(name))
    };
    let is_possible = match carries {
        Carries::Other => false,
        Carries::Unknown => true,
        Carries::Request(request) => request.name().is_none_or(may_be),
    };
    if !is_possible {
        return Bounds::exactly(PacketSet::empty());
    }
    let web = PortSet::one(80).union(&PortSet::one(443));
    let there = Product::of(AddressSet::full(), Traffic::to_ports(Transport::Tcp, web));
    let unknown = Unknown::because(
        "which names the firewall's own infrastructure rules allow isn't published",
        "decide about the name in a rule",
    );
    Bounds::between(
        PacketSet::empty(),
        Product::of(AddressSet::full(), there),
        vec![unknown],
    )
}
