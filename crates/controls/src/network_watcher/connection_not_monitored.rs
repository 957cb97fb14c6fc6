use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use palisade_document::Value;
use palisade_document::witness::{self, Met};
use palisade_estate::azure::{
    ConnectionMonitor, ManagedCluster, NetworkInterface, network_watcher_scope,
};
use palisade_estate::{ResourceId, Settings, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NW009",
    name: "connection-not-monitored",
    title: "a connection monitor probes the network of every cluster",
    recommendation: Recommendation::NetworkWatcher,
    severity: Severity::Low,
    confidence: Confidence::Medium,
    equivalents: &[Framework::Azqr.id("1e28bbc1-1eb7-486f-8d7f-93943f40219c")],
    parameters: &[],
    page: include_str!("connection_not_monitored.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let monitors: Vec<_> = context
        .estate
        .all::<ConnectionMonitor<'_>>()
        .map(|monitor| Probes::of(context, monitor))
        .collect();
    findings.each(
        context.estate.all::<ManagedCluster<'_>>(),
        |cluster, findings| judge(context, &monitors, cluster, findings),
    );
}

fn judge(
    context: &Context<'_>,
    monitors: &[Probes<'_>],
    cluster: &ManagedCluster<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let network = ClusterNetwork::of(cluster)?;
    let mut undecided = None;
    for probes in monitors {
        if let Some(met) = &probes.met {
            witness::meet(&met.cause, &met.supply);
        }
        let ends = match &probes.ends {
            Ok(ends) => ends,
            Err(unknown) => {
                undecided = Some(unknown.clone());
                continue;
            }
        };
        for (end, at) in ends {
            match network.holds(end) {
                Ok(true) => {
                    let monitor = &probes.monitor;
                    let message = format!("`{}` probes the cluster's network", monitor.name());
                    let finding = findings.pass(**cluster, message);
                    finding.at(*at, "").related(monitor.anchor(), "the monitor");
                    return Ok(());
                }
                Ok(false) => {}
                Err(unknown) => undecided = Some(unknown),
            }
        }
    }
    if let Some(unknown) = undecided {
        return Err(unknown);
    }
    missing(context, cluster, findings);
    Ok(())
}

fn missing(context: &Context<'_>, cluster: &ManagedCluster<'_>, findings: &mut Findings) {
    let region = cluster.location().unwrap_or_else(|| "REGION".to_owned());
    findings
        .missing(
            **cluster,
            context.estate.coverage::<ConnectionMonitor<'_>>(&network_watcher_scope(cluster)),
            "no connection monitor probes the cluster's network",
            format!("az network watcher connection-monitor list --location {region}"),
        )
        .help(format!("az network watcher connection-monitor create --location {region} --name {}-egress --endpoint-source-name nodes --endpoint-source-resource-id MACHINE_ID --endpoint-dest-name registry --endpoint-dest-address mcr.microsoft.com --test-config-name https --protocol Tcp --tcp-port 443", cluster.name()));
}

/// A monitor with the ends that it probes. It is read once for all clusters.
struct Probes<'e> {
    monitor: ConnectionMonitor<'e>,
    ends: Result<Vec<(End, Value<'e>)>, Unknown>,
    /// Something unknown that was taken for a value on the way.
    met: Option<Met>,
}

/// An end of a monitored connection.
enum End {
    Address(IpAddr),
    /// A resource, with the subnets that it stands in if it is a machine.
    Resource(ResourceId, Result<Vec<ResourceId>, Unknown>),
}

impl<'e> Probes<'e> {
    fn of(context: &Context<'e>, monitor: ConnectionMonitor<'e>) -> Self {
        witness::afresh(|| {
            let endpoints = monitor.probed_endpoints();
            let ends = endpoints.map(|endpoints| {
                let end = |endpoint: &Settings<'e>| {
                    Some((End::of(context, endpoint)?, endpoint.anchor()))
                };
                endpoints.iter().filter_map(end).collect()
            });
            Self {
                monitor,
                ends,
                met: witness::met(),
            }
        })
    }
}

impl End {
    fn of(context: &Context<'_>, endpoint: &Settings<'_>) -> Option<Self> {
        if let Some(address) = endpoint.text("address").present()
            && let Ok(address) = address.parse::<IpAddr>()
        {
            return Some(Self::Address(address));
        }
        let id = endpoint.reference("resourceId").present()?;
        let id_type = id.resource_type().unwrap_or_default();
        let subnets = match id_type.starts_with("microsoft.compute/") {
            true => subnets_of_machine(context, &id),
            false => Ok(Vec::new()),
        };
        Some(Self::Resource(id, subnets))
    }
}

/// What belongs to a cluster's network: the virtual networks of its subnets with their address
/// ranges, and its node resource group.
struct ClusterNetwork<'e> {
    networks: BTreeSet<ResourceId>,
    ranges: Vec<IpNet>,
    /// Why some ranges aren't known.
    unread: Option<Unknown>,
    subscription: Option<&'e str>,
    node_group: Option<&'e str>,
}

impl<'e> ClusterNetwork<'e> {
    fn of(cluster: &ManagedCluster<'e>) -> Result<Self, Unknown> {
        let subnets = cluster.subnet_ids()?;
        let (mut ranges, mut unread) = (Vec::new(), None);
        for subnet in cluster.subnets()? {
            match subnet.and_then(|subnet| subnet.address_prefixes()) {
                Ok(prefixes) => ranges.extend(
                    prefixes
                        .iter()
                        .filter_map(|prefix| prefix.parse::<IpNet>().ok()),
                ),
                Err(unknown) => unread = Some(unknown),
            }
        }
        Ok(Self {
            networks: subnets.iter().filter_map(|(id, _)| id.parent()).collect(),
            ranges,
            unread,
            subscription: cluster.id().subscription(),
            node_group: cluster.node_resource_group().present(),
        })
    }

    /// Whether an end of a monitored connection stands in the network.
    fn holds(&self, end: &End) -> Result<bool, Unknown> {
        match end {
            End::Address(address) => {
                let is_inside = self.ranges.iter().any(|range| range.contains(address));
                match &self.unread {
                    Some(unknown) if !is_inside => Err(unknown.clone()),
                    _ => Ok(is_inside),
                }
            }
            End::Resource(id, _) if self.contains(id) => Ok(true),
            End::Resource(_, subnets) => {
                let subnets = subnets.as_ref().map_err(Clone::clone)?;
                Ok(subnets.iter().any(|subnet| self.contains(subnet)))
            }
        }
    }

    fn contains(&self, id: &ResourceId) -> bool {
        let is_in_node_group = id.subscription() == self.subscription
            && matches!((id.resource_group(), self.node_group), (Some(group), Some(nodes)) if group.eq_ignore_ascii_case(nodes));
        is_in_node_group || self.networks.iter().any(|network| id.is_within(network))
    }
}

/// The subnets of a machine's interfaces or of a scale set's.
fn subnets_of_machine(context: &Context<'_>, id: &ResourceId) -> Result<Vec<ResourceId>, Unknown> {
    let Some(machine) = context.estate.find(id) else {
        return Err(Unknown::because(
            format!(
                "a connection monitor probes `{}`, which is outside the input",
                id.name()
            ),
            format!("az resource show --ids {id}"),
        ));
    };
    let mut configurations = Vec::new();
    for interface in
        machine.elements("virtualMachineProfile.networkProfile.networkInterfaceConfigurations")?
    {
        configurations.extend(interface.elements("ipConfigurations")?);
    }
    for interface in machine.elements("networkProfile.networkInterfaces")? {
        if let Some(id) = interface.reference("id").present() {
            let interface = context.estate.require::<NetworkInterface<'_>>(&id)?;
            configurations.extend(interface.elements("ipConfigurations")?);
        }
    }
    let subnets = configurations
        .iter()
        .filter_map(|configuration| configuration.reference("subnet").present());
    Ok(subnets.collect())
}
