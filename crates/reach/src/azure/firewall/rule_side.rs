//! The addresses, protocols and ports that a rule of a firewall matches.

use palisade_estate::azure::IpGroup;
use palisade_estate::{Estate, Field, ResourceId, Settings, Unknown};
use palisade_packet::{AddressSet, PacketSet, PortSet, Set, Traffic, Transport};

use super::question::Question;
use crate::azure::address::{addresses, all_of, ports};
use crate::azure::vicinity::no_tag;
use crate::azure::{Bounds, ServiceTags};

/// What the names in rules stand for.
pub(super) struct Lookup<'n, 'e> {
    pub(super) estate: &'e Estate,
    pub(super) tags: &'n ServiceTags,
    /// Where the addresses of names stand.
    pub(super) question: &'n Question,
}

const ICMP: u8 = 1;

impl Lookup<'_, '_> {
    /// What a network or NAT rule matches.
    pub(super) fn packets(&self, rule: &Settings<'_>) -> Bounds<PacketSet> {
        let destinations = self.destinations(rule);
        let rest = destinations.product(&traffic(rule));
        self.sources(rule).product(&rest)
    }

    /// The sources of a rule of any kind: addresses and IP groups. What else may stand there is
    /// in preview and isn't known.
    pub(super) fn sources(&self, rule: &Settings<'_>) -> Bounds<AddressSet> {
        let others = ["sourceGeoLocations", "sourceKubeSelectorGroups"];
        let written = self.written(rule, "sourceAddresses", |text| match addresses(text) {
            Some(addresses) => Bounds::exactly(addresses),
            None => Bounds::unknown(Unknown::because(
                format!("`{text}` is no source of a firewall's rule"),
                "correct the rule",
            )),
        });
        self.side(
            rule,
            "source",
            [written, self.groups(rule, "sourceIpGroups")],
            &others,
        )
    }

    fn destinations(&self, rule: &Settings<'_>) -> Bounds<AddressSet> {
        let written = self.written(rule, "destinationAddresses", |text| self.destination(text));
        let names = self.written(rule, "destinationFqdns", |name| self.name(name));
        let groups = self.groups(rule, "destinationIpGroups");
        let others = ["destinationGeoLocations"];
        self.side(rule, "destination", [written, groups, names], &others)
    }

    /// An address, prefix, range, or service tag.
    pub(super) fn destination(&self, text: &str) -> Bounds<AddressSet> {
        let known = addresses(text).or_else(|| self.tags.addresses(text));
        match known {
            Some(addresses) => Bounds::exactly(addresses),
            None => Bounds::unknown(no_tag(text, self.tags)),
        }
    }

    /// Network and NAT rules go by the addresses that the firewall's own DNS says, and know no
    /// wildcards ("Use FQDN filtering in network rules", Microsoft Learn, 2025-07-01).
    fn name(&self, name: &str) -> Bounds<AddressSet> {
        if name.contains('*') {
            return Bounds::unknown(Unknown::because(
                format!("`{name}` has a wildcard, which network rules don't take"),
                "use an application rule",
            ));
        }
        match self.question.resolved.get(&name.to_ascii_lowercase()) {
            Some(addresses) => Bounds::exactly(addresses.clone()),
            None if self.question.others_are_elsewhere => Bounds::exactly(AddressSet::empty()),
            None => Bounds::unknown(Unknown::because(
                format!("the addresses that `{name}` resolves to aren't in the input"),
                "ask with the addresses of the name",
            )),
        }
    }

    fn written(
        &self,
        rule: &Settings<'_>,
        path: &str,
        read: impl Fn(&str) -> Bounds<AddressSet>,
    ) -> Option<Bounds<AddressSet>> {
        match rule.texts(path) {
            Ok(texts) => texts
                .into_iter()
                .map(|(text, _)| read(text))
                .reduce(|all, one| all.union(&one)),
            Err(unknown) => Some(Bounds::unknown(unknown)),
        }
    }

    fn groups(&self, rule: &Settings<'_>, path: &str) -> Option<Bounds<AddressSet>> {
        self.written(rule, path, |text| match self.group(text) {
            Ok(bounds) => bounds,
            Err(unknown) => Bounds::unknown(unknown),
        })
    }

    fn group(&self, text: &str) -> Result<Bounds<AddressSet>, Unknown> {
        let id = ResourceId::parse(text).ok_or_else(|| {
            let cause = format!("`{text}` is not the id of an IP group");
            Unknown::because(cause, "correct the rule")
        })?;
        let group = self.estate.require::<IpGroup<'_>>(&id)?;
        Ok(all_of(group.addresses(), "address", addresses))
    }

    /// What stands on a side; nothing at all is an error, since Azure takes no such rule.
    fn side<const N: usize>(
        &self,
        rule: &Settings<'_>,
        what: &str,
        known: [Option<Bounds<AddressSet>>; N],
        others: &[&str],
    ) -> Bounds<AddressSet> {
        let unread = others.iter().filter_map(|path| match rule.property(path) {
            Field::Present(value, _) if value.items().next().is_none() => None,
            Field::Absent(_) => None,
            _ => Some(Bounds::unknown(Unknown::because(
                format!(
                    "what `{path}` of rule `{}` stands for isn't known",
                    rule.name()
                ),
                "ask about an address that another rule decides about",
            ))),
        });
        let all = known.into_iter().flatten().chain(unread);
        all.reduce(|all, one| all.union(&one)).unwrap_or_else(|| {
            Bounds::unknown(Unknown::because(
                format!("rule `{}` names no {what}", rule.name()),
                "correct the rule",
            ))
        })
    }
}

/// The protocols and ports of a network or NAT rule. `Any` with all ports is every protocol, with
/// some ports TCP and UDP ("Azure Firewall rule processing logic").
fn traffic(rule: &Settings<'_>) -> Bounds<Traffic> {
    // Classic rules say `protocols`.
    let protocols = match rule.texts("ipProtocols") {
        Ok(texts) if texts.is_empty() => rule.texts("protocols"),
        texts => texts,
    };
    let protocols = match protocols {
        Ok(protocols) => protocols,
        Err(unknown) => return Bounds::unknown(unknown),
    };
    let texts = rule.texts("destinationPorts");
    let texts = texts.map(|texts| texts.into_iter().map(|(text, _)| text).collect());
    let ports = all_of(texts, "port", ports);
    let all = protocols
        .into_iter()
        .map(|(text, _)| protocol(text, &ports));
    all.reduce(|all, one| all.union(&one)).unwrap_or_else(|| {
        Bounds::unknown(Unknown::because(
            format!("rule `{}` names no protocol", rule.name()),
            "correct the rule",
        ))
    })
}

fn protocol(text: &str, ports: &Bounds<PortSet>) -> Bounds<Traffic> {
    let to = |transport| {
        Bounds::between(
            Traffic::to_ports(transport, ports.least.clone()),
            Traffic::to_ports(transport, ports.most.clone()),
            ports.causes.clone(),
        )
    };
    match text.to_ascii_lowercase().as_str() {
        "tcp" => to(Transport::Tcp),
        "udp" => to(Transport::Udp),
        "icmp" => Bounds::exactly(Traffic::protocol(ICMP)),
        "any" => {
            let every = |ports: &PortSet| match ports.is_full() {
                true => Traffic::full(),
                false => Traffic::empty(),
            };
            let all = Bounds::between(
                every(&ports.least),
                every(&ports.most),
                ports.causes.clone(),
            );
            all.union(&to(Transport::Tcp)).union(&to(Transport::Udp))
        }
        _ => Bounds::unknown(Unknown::because(
            format!("`{text}` is no protocol of a network rule"),
            "correct the rule",
        )),
    }
}
