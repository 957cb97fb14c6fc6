use palisade_estate::azure::{ManagedCluster, PrivateDnsZoneLink, VirtualNetwork};
use palisade_estate::{Field, ResourceId, Unknown, View};

use crate::azure_cli;
use crate::{Confidence, Context, Control, Finding, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PC008",
    name: "private-dns-zone-not-linked",
    title: "the cluster's network resolves the API server's private name",
    recommendation: Recommendation::PrivateCluster,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[Framework::Mcsb.id("NS-10")],
    parameters: &[],
    page: include_str!("private_dns_zone_not_linked.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<ManagedCluster<'_>>(),
        |cluster, findings| {
            if !cluster.is_private().or_default(false)?.0 {
                findings.not_applicable(**cluster, "the cluster isn't private, see PC001");
                return Ok(());
            }
            let (zone, _) = cluster.private_dns_zone().or_default("system")?;
            match (zone.to_ascii_lowercase().as_str(), ResourceId::parse(zone)) {
                ("system", _) => {
                    findings.not_applicable(
                        **cluster,
                        "AKS keeps the zone and links it to the \
                         cluster's network",
                    );
                    Ok(())
                }
                ("none", _) => without_zone(cluster, findings),
                (_, Some(zone)) => own_zone(context, cluster, &zone, findings),
                _ => Err(Unknown::because(
                    format!(
                        "privateDNSZone is {zone}, which is neither system, none nor the id \
                         of a zone"
                    ),
                    "correct the value",
                )),
            }
        },
    );
}

/// Without a zone only public DNS can tell the API server's address.
fn without_zone(cluster: &ManagedCluster<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let (has_public_name, at) = cluster.public_name_enabled().or_default(true)?;
    if has_public_name {
        findings.not_applicable(
            **cluster,
            "privateDNSZone is none: public DNS tells the private address",
        );
        return Ok(());
    }
    findings
        .fail(
            **cluster,
            "privateDNSZone is none and the public name is off, so nobody can \
             resolve the API server",
        )
        .at(at, "")
        .help(azure_cli::update(cluster.id(), "--enable-public-fqdn"));
    Ok(())
}

fn own_zone(
    context: &Context<'_>,
    cluster: &ManagedCluster<'_>,
    zone: &ResourceId,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let network = network_of(cluster)?;
    let links = context.estate.children::<PrivateDnsZoneLink<'_>>(zone);
    let linked = linked_networks(&links)?;
    if let Some((_, link)) = linked.iter().find(|(id, _)| *id == network) {
        let finding = findings.pass(
            **cluster,
            format!(
                "the zone `{}` is linked to `{}`",
                zone.name(),
                network.name()
            ),
        );
        finding.at(link.anchor(), "");
        name_unlinked_peers(context, &network, &linked, finding);
        return Ok(());
    }
    asks_azure(context, &network)?;
    let finding = findings.missing(
        **cluster,
        context.estate.coverage::<PrivateDnsZoneLink<'_>>(zone),
        format!(
            "no link joins the zone `{}` to the nodes' network `{}`",
            zone.name(),
            network.name()
        ),
        format!(
            "az network private-dns link vnet list --resource-group {} --zone-name {}",
            zone.resource_group().unwrap_or("GROUP"),
            zone.name()
        ),
    );
    finding.help(format!(
        "az network private-dns link vnet create --resource-group {} --zone-name {} --name \
         {} --virtual-network {network} --registration-enabled false",
        zone.resource_group().unwrap_or("GROUP"),
        zone.name(),
        network.name()
    ));
    Ok(())
}

/// The nodes' network. One that AKS manages is named nowhere in the cluster's body.
fn network_of(cluster: &ManagedCluster<'_>) -> Result<ResourceId, Unknown> {
    let subnets = cluster.subnet_ids()?;
    let node_subnet = subnets.into_iter().next().map(|(subnet, _)| subnet);
    let subnet = node_subnet.or_else(|| cluster.api_server_subnet().present());
    subnet.and_then(|subnet| subnet.parent()).ok_or_else(|| {
        let group = cluster
            .node_resource_group()
            .present()
            .unwrap_or("NODE_GROUP");
        Unknown::because(
            "the nodes are in a network that AKS manages and the cluster doesn't name",
            format!("az network vnet list --resource-group {group}"),
        )
    })
}

fn linked_networks<'e>(
    links: &[PrivateDnsZoneLink<'e>],
) -> Result<Vec<(ResourceId, PrivateDnsZoneLink<'e>)>, Unknown> {
    let mut networks = Vec::new();
    for link in links {
        match link.virtual_network() {
            Field::Present(network, _) => networks.push((network, *link)),
            Field::Absent(_) => {}
            Field::Unknown(unknown) => return Err(unknown),
        }
    }
    Ok(networks)
}

/// A network with DNS servers of its own doesn't need the link; they need one, or a forwarder.
fn asks_azure(context: &Context<'_>, network: &ResourceId) -> Result<(), Unknown> {
    const AZURE_DNS: &str = "168.63.129.16";
    let network = context.estate.require::<VirtualNetwork<'_>>(network)?;
    network
        .property("dhcpOptions")
        .or_default(network.value())?;
    let servers = network.dns_servers()?;
    let other = servers.iter().find(|(address, _)| *address != AZURE_DNS);
    match other {
        None => Ok(()),
        Some((address, _)) => Err(Unknown::because(
            format!(
                "`{}` asks the DNS server {address}, and whether that one resolves the zone \
                 isn't in the input",
                network.name()
            ),
            "a waiver that names the forwarder and the network its zone link is in",
        )),
    }
}

fn name_unlinked_peers(
    context: &Context<'_>,
    network: &ResourceId,
    linked: &[(ResourceId, PrivateDnsZoneLink<'_>)],
    finding: &mut Finding,
) {
    let Some(network) = context
        .estate
        .find(network)
        .and_then(VirtualNetwork::try_of)
    else {
        return;
    };
    for peering in network.peerings() {
        if let Field::Present(peer, at) = peering.remote_virtual_network()
            && linked.iter().all(|(id, _)| *id != peer)
        {
            finding.related(
                at,
                format!("`{}` is peered but not linked to the zone", peer.name()),
            );
        }
    }
}
