//! Which endpoints one cluster needs.

use std::net::IpAddr;

use palisade_document::Origin;
use palisade_estate::azure::{AzureFirewall, ManagedCluster, OutboundType, Subnet};
use palisade_estate::{Cluster, Field, Unknown};

use super::{Endpoint, Exemption, Feature, Presence, Protocol, REGION, Table, Target};
use crate::azure::address::PLATFORM;
use crate::azure::service_tags::Cloud;

/// What a cluster needs outbound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs {
    /// The region in Azure's short form.
    pub region: String,
    /// The cloud.
    pub cloud: Cloud,
    /// The setting by which the cluster is network isolated and needs nothing.
    pub isolated: Option<Origin>,
    /// What it needs or may need, each once.
    pub needs: Vec<Need>,
    /// The features, and whether the cluster has them.
    pub features: Vec<(Feature, Presence)>,
}

/// An endpoint that a cluster needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// How it is spoken to.
    pub protocol: Protocol,
    /// The port.
    pub port: u16,
    /// Who it is.
    pub destination: Destination,
    /// What needs it.
    pub reasons: Vec<Reason>,
    /// Why it isn't known whether it is needed.
    pub doubt: Option<Unknown>,
    /// The name that takes the place of this one, and is needed, too.
    pub superseded_by: Option<String>,
}

/// Whom a cluster needs to reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Servers by their name; with a `*` at the left all below.
    Name(String),
    /// The addresses of a service tag.
    ServiceTag(String),
    /// The public endpoint of its API server, by its name.
    ApiServer(Result<String, Unknown>),
    /// Some addresses.
    Addresses(Vec<IpAddr>),
}

/// A feature that needs an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The feature.
    pub feature: Feature,
    /// The setting that says that the cluster has it; nothing if the user does.
    pub origin: Option<Origin>,
}

/// What a cluster needs by a list. `with` are features that it is taken to have whatever its
/// settings say, `without` those that it isn't.
pub fn needs(
    cluster: &ManagedCluster<'_>,
    table: &Table,
    with: &[Feature],
    without: &[Feature],
) -> Result<Needs, Unknown> {
    let region = cluster.location().filter(|region| is_region(region));
    let region = region.ok_or_else(|| {
        Unknown::because(
            format!("the region of `{}` isn't in the input", cluster.name()),
            "az aks show",
        )
    })?;
    let features = Feature::ALL.map(|feature| {
        let presence = match (with.contains(&feature), without.contains(&feature)) {
            (_, true) => Presence::HasNot,
            (true, false) => Presence::Has(None),
            (false, false) => feature.presence(cluster),
        };
        (feature, presence)
    });
    let mut found = Needs {
        cloud: Cloud::of_region(&region),
        region,
        isolated: isolated(cluster),
        needs: Vec::new(),
        features: features.into(),
    };
    if found.isolated.is_some() {
        return Ok(found);
    }
    for endpoint in &table.endpoints {
        if !endpoint.is_in(found.cloud) {
            continue;
        }
        let presences = found.features.iter();
        let presence = presences.filter(|(feature, _)| *feature == endpoint.feature);
        let (origin, doubt) = match presence.map(|(_, presence)| presence).next() {
            Some(Presence::Has(origin)) => (*origin, None),
            Some(Presence::Unknown(unknown)) => (None, Some(unknown.clone())),
            Some(Presence::HasNot) | None => continue,
        };
        let Some((destination, unsure)) = destination(cluster, &found.region, endpoint) else {
            continue;
        };
        let doubt = match exemption(cluster, endpoint) {
            Exempt::Yes => continue,
            Exempt::No => doubt.or(unsure),
            Exempt::Unknown(unknown) => doubt.or(unsure).or(Some(unknown)),
        };
        let reason = Reason {
            feature: endpoint.feature,
            origin,
        };
        found.add(endpoint, destination, reason, doubt);
    }
    Ok(found)
}

impl Needs {
    /// What isn't in doubt.
    pub fn certain(&self) -> impl Iterator<Item = &Need> {
        self.needs.iter().filter(|need| need.doubt.is_none())
    }

    fn add(
        &mut self,
        endpoint: &Endpoint,
        destination: Destination,
        reason: Reason,
        doubt: Option<Unknown>,
    ) {
        let known = self.needs.iter_mut().find(|need| {
            need.protocol == endpoint.protocol
                && need.port == endpoint.port
                && need.destination == destination
        });
        match known {
            Some(need) => match (&need.doubt, &doubt) {
                (None, Some(_)) => {}
                (Some(_), None) => {
                    need.reasons = vec![reason];
                    need.doubt = None;
                }
                _ => need.reasons.push(reason),
            },
            None => self.needs.push(Need {
                protocol: endpoint.protocol,
                port: endpoint.port,
                destination,
                reasons: vec![reason],
                doubt,
                superseded_by: endpoint.superseded_by.clone(),
            }),
        }
    }
}

/// The setting by which nodes take all that they need from a registry in the network ("Network
/// isolated AKS clusters", Microsoft Learn, 2026-06-15).
fn isolated(cluster: &ManagedCluster<'_>) -> Option<Origin> {
    let (outbound, at) = cluster.outbound_type().found()?;
    let (source, _) = cluster.text("bootstrapProfile.artifactSource").found()?;
    let is_shut = matches!(outbound, OutboundType::None | OutboundType::Block);
    (is_shut && source.eq_ignore_ascii_case("Cache")).then(|| at.origin())
}

/// Whom an endpoint means for a cluster, perhaps in doubt; nothing if nobody.
fn destination(
    cluster: &ManagedCluster<'_>,
    region: &str,
    endpoint: &Endpoint,
) -> Option<(Destination, Option<Unknown>)> {
    match &endpoint.target {
        Target::Name(name) => Some((Destination::Name(name.replace(REGION, region)), None)),
        Target::ServiceTag(tag) => Some((Destination::ServiceTag(tag.clone()), None)),
        Target::ApiServer => match is_reached_privately(cluster) {
            Ok(true) => None,
            Ok(false) => Some((api_server(cluster), None)),
            Err(unknown) => Some((api_server(cluster), Some(unknown))),
        },
        Target::DnsServers => match dns_servers(cluster) {
            Ok(servers) if servers.is_empty() => None,
            Ok(servers) => Some((Destination::Addresses(servers), None)),
            Err(unknown) => Some((Destination::Addresses(Vec::new()), Some(unknown))),
        },
    }
}

fn api_server(cluster: &ManagedCluster<'_>) -> Destination {
    Destination::ApiServer(match cluster.text("fqdn") {
        Field::Present(name, _) if is_host_name(name) => Ok(name.to_ascii_lowercase()),
        Field::Present(..) | Field::Absent(_) => Err(Unknown::because(
            format!(
                "the name of the API server of `{}` isn't in the input",
                cluster.name()
            ),
            "az aks show",
        )),
        Field::Unknown(unknown) => Err(unknown),
    })
}

/// What names of servers hold goes into rules, so it must be what Azure writes.
fn is_region(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric())
}

fn is_host_name(text: &str) -> bool {
    let is_fit = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    !text.is_empty() && text.chars().all(is_fit)
}

/// The DNS servers of the cluster's networks, but for the platform's and for firewalls, whose DNS
/// proxy answers without asking their rules.
fn dns_servers(cluster: &ManagedCluster<'_>) -> Result<Vec<IpAddr>, Unknown> {
    let firewalls = cluster.estate().all::<AzureFirewall<'_>>();
    let addresses = firewalls.filter_map(|firewall| firewall.private_ip_addresses().ok());
    let proxies: Vec<&str> = addresses.flatten().collect();
    let mut servers = Vec::new();
    for (id, _) in cluster.subnet_ids()? {
        let subnet: Subnet<'_> = cluster.estate().require(&id)?;
        let network = subnet.virtual_network().ok_or_else(|| {
            Unknown::because(
                format!(
                    "the virtual network of subnet `{}` isn't in the input",
                    id.name()
                ),
                "az network vnet list",
            )
        })?;
        for (text, _) in network.dns_servers()? {
            let server = text
                .parse::<IpAddr>()
                .ok()
                .filter(|server| *server != PLATFORM);
            if proxies.contains(&text) {
                continue;
            }
            servers.extend(server.filter(|server| !servers.contains(server)));
        }
    }
    Ok(servers)
}

enum Exempt {
    Yes,
    No,
    Unknown(Unknown),
}

fn exemption(cluster: &ManagedCluster<'_>, endpoint: &Endpoint) -> Exempt {
    let mut answer = Exempt::No;
    for exemption in &endpoint.unless {
        match is_exempt(cluster, *exemption) {
            Ok(true) => return Exempt::Yes,
            Ok(false) => {}
            Err(unknown) => answer = Exempt::Unknown(unknown),
        }
    }
    answer
}

fn is_exempt(cluster: &ManagedCluster<'_>, exemption: Exemption) -> Result<bool, Unknown> {
    match exemption {
        Exemption::Private => is_reached_privately(cluster),
        Exemption::KonnectivityAgent => has_konnectivity_agent(cluster),
        Exemption::NodesAfterMarch2021 => has_young_nodes(cluster),
    }
}

/// Nodes and pods of a private cluster reach the API server at a private address, and so they do
/// where it stands in the cluster's network ("Create an AKS cluster with API Server VNet
/// Integration", Microsoft Learn).
fn is_reached_privately(cluster: &ManagedCluster<'_>) -> Result<bool, Unknown> {
    let (is_private, _) = cluster.is_private().or_default(false)?;
    let (is_integrated, _) = cluster.has_vnet_integration().or_default(false)?;
    Ok(is_private || is_integrated)
}

fn has_konnectivity_agent(cluster: &ManagedCluster<'_>) -> Result<bool, Unknown> {
    let mut clusters = cluster.estate().clusters();
    let own = clusters.find(|other| other.id() == Some(cluster.id()));
    let is_agent = |own: Cluster<'_>| {
        let mut deployments = own.objects_of("apps", "Deployment");
        deployments.any(|object| {
            object.namespace() == Some("kube-system") && object.name() == "konnectivity-agent"
        })
    };
    match own.is_some_and(is_agent) {
        true => Ok(true),
        false => Err(Unknown::because(
            format!(
                "whether `{}` has the agent of Konnectivity isn't in the input",
                cluster.name()
            ),
            "kubectl get deployments --namespace kube-system --output json",
        )),
    }
}

/// Nodes with a Kubernetes that came out after March 2021 are younger: 1.21 of April 2021
/// (<https://kubernetes.io/releases/>).
fn has_young_nodes(cluster: &ManagedCluster<'_>) -> Result<bool, Unknown> {
    let pools = cluster.agent_pools()?;
    for pool in &pools {
        let current = pool.text("currentOrchestratorVersion");
        let version = match current {
            Field::Absent(_) => pool.text("orchestratorVersion"),
            known => known,
        };
        let text = match version {
            Field::Present(text, _) => text,
            Field::Absent(_) => cluster.text("kubernetesVersion").or_default("")?.0,
            Field::Unknown(unknown) => return Err(unknown),
        };
        let mut numbers = text.split('.').map(str::parse::<u32>);
        let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else {
            return Err(Unknown::because(
                format!(
                    "the Kubernetes of pool `{}` isn't in the input",
                    pool.name()
                ),
                "az aks nodepool list",
            ));
        };
        if (major, minor) < (1, 21) {
            return Ok(false);
        }
    }
    Ok(!pools.is_empty())
}
