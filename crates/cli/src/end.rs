//! The ends of a flow, as a user names them.

use std::collections::BTreeMap;
use std::net::IpAddr;

use palisade_estate::Estate;
use palisade_estate::azure::PublicIpAddress;
use palisade_packet::{AddressSet, PortSet, Set, Traffic, Transport};
use palisade_reach::azure::address::{PLATFORM, public_addresses};
use palisade_reach::azure::firewall::{ApplicationProtocol, Carries, Question, Request};
use palisade_reach::kubernetes::{Analysis, EndpointId, EndpointKind, EndpointSet};
use palisade_reach::path::Asked;

/// One end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// All public addresses.
    Internet,
    /// One address.
    Address(IpAddr),
    /// A workload or a node by its name, or a server that isn't in the cluster.
    Named(String),
}

/// A server by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Server {
    /// Its name.
    pub(crate) name: String,
    /// What it is spoken to in, where the user says.
    protocol: Option<ApplicationProtocol>,
    port: Option<u16>,
    /// Its addresses: those that the user gives, else any public ones but those of the estate.
    pub(crate) addresses: AddressSet,
}

impl End {
    pub(crate) fn read(text: &str) -> Self {
        match text.parse() {
            Ok(address) => Self::Address(address),
            Err(_) if text == "internet" => Self::Internet,
            Err(_) => Self::Named(text.to_owned()),
        }
    }

    /// The endpoints of a cluster that it stands for, or those where a server may be.
    pub(crate) fn endpoints(
        &self,
        analysis: &Analysis<'_>,
        server: Option<&Server>,
    ) -> EndpointSet {
        match (self, server) {
            (Self::Internet, _) => analysis.endpoints.outside(),
            (Self::Address(address), _) => at(analysis, *address),
            (Self::Named(_), Some(server)) => {
                let outside = analysis.endpoints.outside();
                let may_be = |id: &EndpointId| {
                    let range = &analysis.endpoints.get(*id).addresses;
                    !range.is_disjoint(&server.addresses)
                };
                outside.iter().filter(may_be).collect()
            }
            (Self::Named(name), None) => named(analysis, name),
        }
    }

    /// The addresses that are asked about where an endpoint is outside: one, those of the server, or
    /// the public ones of its range.
    pub(crate) fn addresses(
        &self,
        analysis: &Analysis<'_>,
        id: EndpointId,
        server: Option<&Server>,
    ) -> AddressSet {
        let range = &analysis.endpoints.get(id).addresses;
        match (self, server) {
            (Self::Address(address), _) => AddressSet::from(*address),
            (_, Some(server)) => range.intersection(&server.addresses),
            (_, None) => range.intersection(&anywhere()),
        }
    }

    /// The addresses that are asked about where nobody in the cluster is.
    pub(crate) fn outside(&self, analysis: &Analysis<'_>) -> Option<AddressSet> {
        match self {
            Self::Internet => Some(anywhere()),
            Self::Address(address) => {
                let holders = at(analysis, *address);
                let is_outside = holders.is_subset(&analysis.endpoints.outside());
                is_outside.then(|| AddressSet::from(*address))
            }
            Self::Named(_) => None,
        }
    }

    /// What to call an endpoint. An address or a server that was asked about is called by itself,
    /// not by the range that it lies in.
    pub(crate) fn name(
        &self,
        analysis: &Analysis<'_>,
        id: EndpointId,
        server: Option<&Server>,
    ) -> String {
        let outside = analysis.endpoints.outside();
        match (self, server) {
            (Self::Address(address), _) if outside.contains(id) => address.to_string(),
            (Self::Named(_), Some(server)) => {
                let range = &analysis.endpoints.get(id).addresses;
                match server.addresses.is_subset(range) {
                    true => server.name.clone(),
                    false => format!("{} in {range}", server.name),
                }
            }
            _ => name(analysis, id),
        }
    }
}

impl Server {
    /// `example.com`, `example.com:8443` or `https://example.com`. `resolved` are the addresses of
    /// names in lower case.
    pub(crate) fn read(
        text: &str,
        resolved: &BTreeMap<String, AddressSet>,
        estate: &Estate,
    ) -> Option<Self> {
        let (protocol, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(ApplicationProtocol::named(scheme)?), rest),
            None => (None, text),
        };
        let (name, port) = match rest.split_once(':') {
            Some((name, port)) => (name, Some(port.parse().ok()?)),
            None => (rest, None),
        };
        let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        if !name.contains('.') || !name.bytes().all(is_of_name) {
            return None;
        }
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        Some(Self {
            addresses: match resolved.get(&name) {
                Some(addresses) => addresses.clone(),
                None => anywhere().difference(&own_addresses(estate)),
            },
            name,
            protocol,
            port,
        })
    }

    /// The traffic that its name asks about; HTTPS where it doesn't say.
    pub(crate) fn traffic(&self) -> Traffic {
        let usual = match self.protocol {
            Some(ApplicationProtocol::Http) => 80,
            Some(ApplicationProtocol::Mssql) => 1433,
            Some(ApplicationProtocol::Https) | None => 443,
        };
        let port = PortSet::one(self.port.unwrap_or(usual));
        Traffic::to_ports(Transport::Tcp, port)
    }

    /// What firewalls are asked about traffic to it. Its protocol is the one that the user says,
    /// else the one that the port is for.
    pub(crate) fn asked(
        &self,
        traffic: &Traffic,
        resolved: &BTreeMap<String, AddressSet>,
    ) -> Asked {
        let usual = [
            (443, ApplicationProtocol::Https),
            (80, ApplicationProtocol::Http),
            (1433, ApplicationProtocol::Mssql),
        ];
        let is_for = |port| *traffic == Traffic::to_ports(Transport::Tcp, PortSet::one(port));
        let by_port = usual.into_iter().find(|(port, _)| is_for(*port));
        let protocol = self.protocol.or(by_port.map(|(_, protocol)| protocol));
        let carries = match protocol {
            Some(protocol) => Carries::Request(Request::to(protocol, &self.name)),
            None => Carries::Unknown,
        };
        Asked {
            name: Some(self.name.clone()),
            question: Question {
                carries,
                resolved: resolved.clone(),
                ..Question::default()
            },
        }
    }
}

/// `NAME=ADDRESS`, with more addresses behind commas.
pub(crate) fn parse_resolved(text: &str) -> Result<(String, AddressSet), String> {
    let refused = || format!("`{text}` is no name with its addresses; write NAME=ADDRESS,ADDRESS");
    let (name, list) = text.split_once('=').ok_or_else(refused)?;
    let mut addresses = AddressSet::empty();
    for address in list.split(',') {
        let address: IpAddr = address.trim().parse().map_err(|_| refused())?;
        addresses = addresses.union(&AddressSet::from(address));
    }
    Ok((name.to_ascii_lowercase(), addresses))
}

fn anywhere() -> AddressSet {
    public_addresses().difference(&AddressSet::from(PLATFORM))
}

/// The public addresses of an estate.
fn own_addresses(estate: &Estate) -> AddressSet {
    let all = estate.all::<PublicIpAddress<'_>>();
    let texts = all.filter_map(|address| address.text("ipAddress").present());
    let addresses = texts.filter_map(|text| text.parse::<IpAddr>().ok());
    addresses.map(AddressSet::from).collect()
}

/// The workloads and nodes of a name.
fn named(analysis: &Analysis<'_>, name: &str) -> EndpointSet {
    let endpoints = &analysis.endpoints;
    let workloads = endpoints.workloads().iter();
    let named = workloads.filter(|workload| {
        let short = format!("{}/{}", workload.namespace, workload.name);
        let long = format!("{}/{}/{}", workload.namespace, workload.kind, workload.name);
        name == short || name.eq_ignore_ascii_case(&long)
    });
    let mut found: EndpointSet = named
        .flat_map(|workload| workload.endpoints.iter().copied())
        .collect();
    for (id, endpoint) in endpoints.iter() {
        if matches!(&endpoint.kind, EndpointKind::Node(node) if node.name() == name) {
            found.extend(&EndpointSet::one(id));
        }
    }
    found
}

/// Who has an address: pods and nodes that are known to have it, else what is outside.
fn at(analysis: &Analysis<'_>, address: IpAddr) -> EndpointSet {
    let endpoints = &analysis.endpoints;
    let inside = endpoints.inside();
    let holders = inside.iter().filter(|&id| {
        let endpoint = endpoints.get(id);
        endpoint.is_located && endpoint.addresses.contains(&address)
    });
    let found: EndpointSet = holders.collect();
    match endpoints.outside_at(address) {
        Some(outside) if found.is_empty() => EndpointSet::one(outside),
        _ => found,
    }
}

fn name(analysis: &Analysis<'_>, id: EndpointId) -> String {
    let endpoints = &analysis.endpoints;
    let endpoint = endpoints.get(id);
    match &endpoint.kind {
        EndpointKind::Pods { workloads, .. } | EndpointKind::HostPods { workloads, .. } => {
            let names = workloads.iter().map(|&number| {
                let workload = &endpoints.workloads()[number];
                format!("{}/{}/{}", workload.namespace, workload.kind, workload.name)
            });
            names.collect::<Vec<_>>().join(", ")
        }
        EndpointKind::Node(node) => format!("node {}", node.name()),
        EndpointKind::Outside => endpoint.addresses.to_string(),
    }
}
