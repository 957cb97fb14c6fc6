//! The smallest set of rules that lets a cluster work.

use std::collections::BTreeSet;

use palisade_packet::{AddressSet, Transport};

use super::name_class::Servers;
use crate::azure::outbound::{Destination, Feature, Need, Needs, Protocol};

/// The FQDN tag that stands for what every cluster needs.
const FQDN_TAG: &str = "AzureKubernetesService";

/// Rules of a firewall that let a cluster work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Whose packets they let pass: the prefixes of nodes and of pods with addresses of the
    /// network.
    pub sources: Vec<String>,
    /// Network rules.
    pub network: Vec<NetworkRule>,
    /// Application rules.
    pub application: Vec<ApplicationRule>,
}

/// A network rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkRule {
    /// Its name, of no other rule of the plan.
    pub name: String,
    /// TCP or UDP.
    pub transport: Transport,
    /// To whom.
    pub to: To,
    /// To which ports, in order.
    pub ports: BTreeSet<u16>,
}

/// The destinations of a network rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// The addresses of a name, which a firewall looks up only with its DNS proxy on.
    Name(String),
    /// Addresses and service tags.
    Addresses(Vec<String>),
}

/// An application rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationRule {
    /// Its name, of no other rule of the plan.
    pub name: String,
    /// HTTP or HTTPS.
    pub protocol: Protocol,
    /// The port.
    pub port: u16,
    /// The names of servers, each perhaps with a `*` at the left.
    pub names: Vec<String>,
    /// FQDN tags.
    pub tags: Vec<String>,
}

/// The rules for what a cluster needs for certain. With `by_tag` the FQDN tag of AKS stands for
/// what every cluster needs, and Microsoft keeps it up to date; what else it lets pass isn't
/// published.
pub fn plan(needs: &Needs, sources: &AddressSet, by_tag: bool) -> Plan {
    let prefixes = sources.prefixes();
    let mut plan = Plan {
        sources: prefixes.iter().map(ToString::to_string).collect(),
        network: Vec::new(),
        application: Vec::new(),
    };
    for need in needs.certain() {
        match need.protocol {
            Protocol::Tcp => plan.add_network(need, Transport::Tcp, &needs.region),
            Protocol::Udp => plan.add_network(need, Transport::Udp, &needs.region),
            Protocol::Http | Protocol::Https => plan.add_application(need, by_tag),
        }
    }
    plan.leave_out_covered();
    plan
}

impl Plan {
    /// Whether there is nothing to let pass.
    pub fn is_empty(&self) -> bool {
        self.network.is_empty() && self.application.is_empty()
    }

    /// How many rules there are.
    pub fn rule_count(&self) -> usize {
        self.network.len() + self.application.len()
    }

    /// Whether the firewall must have its DNS proxy on, as for names in network rules ("Use FQDN
    /// filtering in network rules", Microsoft Learn, 2025-07-01).
    pub fn needs_dns_proxy(&self) -> bool {
        let mut rules = self.network.iter();
        rules.any(|rule| matches!(rule.to, To::Name(_)))
    }

    fn add_network(&mut self, need: &Need, transport: Transport, region: &str) {
        let to = match &need.destination {
            Destination::Name(name) | Destination::ApiServer(Ok(name)) => To::Name(name.clone()),
            Destination::ApiServer(Err(_)) => To::Addresses(vec![format!("AzureCloud.{region}")]),
            Destination::ServiceTag(tag) => To::Addresses(vec![tag.clone()]),
            Destination::Addresses(addresses) => {
                To::Addresses(addresses.iter().map(ToString::to_string).collect())
            }
        };
        let mut alike = self.network.iter_mut();
        if let Some(rule) = alike.find(|rule| rule.transport == transport && rule.to == to) {
            rule.ports.insert(need.port);
            return;
        }
        let what = match &need.destination {
            Destination::ApiServer(_) => "api-server".to_owned(),
            Destination::Addresses(_) => "dns-servers".to_owned(),
            Destination::Name(name) | Destination::ServiceTag(name) => name.to_ascii_lowercase(),
        };
        self.network.push(NetworkRule {
            name: format!("{what}-{}", transport.as_str().to_ascii_lowercase()),
            transport,
            to,
            ports: BTreeSet::from([need.port]),
        });
    }

    fn add_application(&mut self, need: &Need, by_tag: bool) {
        let Destination::Name(name) = &need.destination else {
            return;
        };
        let feature = need.reasons.first().map_or(Feature::Base, |r| r.feature);
        let by_tag = by_tag && feature == Feature::Base;
        let rule_name = format!("{}-{}", feature.as_str(), need.protocol.as_str());
        let mut alike = self.application.iter_mut();
        let known = alike.find(|rule| rule.name == rule_name && rule.port == need.port);
        let rule = match known {
            Some(rule) => rule,
            None => {
                self.application.push(ApplicationRule {
                    name: rule_name,
                    protocol: need.protocol,
                    port: need.port,
                    names: Vec::new(),
                    tags: Vec::new(),
                });
                let Some(rule) = self.application.last_mut() else {
                    return;
                };
                rule
            }
        };
        match by_tag {
            true => rule.tags = vec![FQDN_TAG.to_owned()],
            false => rule.names.push(name.clone()),
        }
    }

    /// Leaves out names that another name of the plan takes in.
    fn leave_out_covered(&mut self) {
        let all: Vec<_> = self
            .application
            .iter()
            .flat_map(|rule| {
                let names = rule.names.iter();
                names.map(|name| (rule.protocol, rule.port, name.clone()))
            })
            .collect();
        for rule in &mut self.application {
            let (protocol, port) = (rule.protocol, rule.port);
            rule.names.retain(|name| {
                !all.iter().any(|(other_protocol, other_port, other)| {
                    (*other_protocol, *other_port) == (protocol, port) && is_within(name, other)
                })
            });
        }
        self.application
            .retain(|rule| !rule.names.is_empty() || !rule.tags.is_empty());
    }
}

/// Whether another name takes in all that a name does, and more.
fn is_within(name: &str, other: &str) -> bool {
    match (Servers::of(name), Servers::of(other)) {
        (Some(own), Some(other)) => own != other && other.take_in(&own),
        _ => false,
    }
}
