use std::collections::BTreeMap;

use palisade_estate::azure::{BastionHost, ManagedCluster, VirtualNetwork, VirtualNetworkPeering};
use palisade_estate::{Field, ResourceId, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity, Subject};

pub(super) static CONTROL: Control = Control {
    code: "PC013",
    name: "no-bastion-host",
    title: "administrators reach machines through a Bastion host",
    recommendation: Recommendation::PrivateCluster,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::CisAzure.id("8.4.1"),
        Framework::Psrule.id("Azure.VNET.BastionSubnet"),
        Framework::Prowler.id("network_bastion_host_exists"),
    ],
    parameters: &[],
    page: include_str!("no_bastion_host.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (subscription, cluster) in private_clusters(context) {
        let subject = Subject::scope(context.estate, &subscription).part("Bastion");
        let mut hosts = context.estate.all::<BastionHost<'_>>();
        match hosts.find(|host| host.id().is_within(&subscription)) {
            Some(host) => {
                let message = format!("`{}` leads administrators in", host.name());
                findings.pass(subject, message).at(host.anchor(), "");
            }
            None if let Some((host, network)) = peered_host(context, &cluster) => {
                let message = format!(
                    "`{}` leads administrators in, from the peered network `{}`",
                    host.name(),
                    network.name()
                );
                findings.pass(subject, message).at(host.anchor(), "");
            }
            None if context.estate.all::<BastionHost<'_>>().len() > 0 => {
                let unknown = Unknown::because(
                    "a Bastion host of another subscription may reach the network by peering",
                    "a waiver that names the Bastion host",
                );
                findings
                    .unknown(subject, unknown)
                    .related(cluster.anchor(), "this cluster is private");
            }
            None => {
                let coverage = context.estate.coverage::<BastionHost<'_>>(&subscription);
                findings
                    .missing(subject, coverage, "no Bastion host", "az network bastion list")
                    .related(cluster.anchor(), "this cluster is private")
                    .help("az network bastion create --resource-group GROUP --name bas-hub --vnet-name vnet-hub --public-ip-address pip-bastion --sku Standard");
            }
        }
    }
}

/// A Bastion host in the cluster's network or in one that is peered with it, and its network.
fn peered_host<'e>(
    context: &Context<'e>,
    cluster: &ManagedCluster<'e>,
) -> Option<(BastionHost<'e>, ResourceId)> {
    let (subnet, _) = cluster.subnet_ids().ok()?.into_iter().next()?;
    let own = subnet.parent()?;
    let network = context.estate.require::<VirtualNetwork<'_>>(&own).ok()?;
    let peers = network.peerings().into_iter().filter(is_connected);
    let mut reached: Vec<_> = peers
        .filter_map(|peering| peering.remote_virtual_network().present())
        .collect();
    reached.push(own);
    context.estate.all::<BastionHost<'_>>().find_map(|host| {
        let place = network_of(&host).filter(|place| reached.contains(place))?;
        Some((host, place))
    })
}

/// A peering carries packets when both sides have made it.
fn is_connected(peering: &VirtualNetworkPeering<'_>) -> bool {
    matches!(peering.text("peeringState"), Field::Present(state, _) if state.eq_ignore_ascii_case("Connected"))
}

/// The network in whose `AzureBastionSubnet` the host stands.
fn network_of(host: &BastionHost<'_>) -> Option<ResourceId> {
    let configurations = host.elements("ipConfigurations").ok()?;
    configurations
        .iter()
        .find_map(|one| one.reference("subnet").present()?.parent())
}

/// The subscriptions with clusters whose API server answers in the network only, each with the
/// first such cluster.
fn private_clusters<'e>(context: &Context<'e>) -> BTreeMap<ResourceId, ManagedCluster<'e>> {
    let mut found = BTreeMap::new();
    for cluster in context.estate.all::<ManagedCluster<'_>>() {
        let is_private = matches!(cluster.is_private(), Field::Present(true, _));
        if let Some(subscription) = cluster.id().subscription_scope().filter(|_| is_private) {
            found.entry(subscription).or_insert(cluster);
        }
    }
    found
}
