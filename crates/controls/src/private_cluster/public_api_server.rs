use palisade_document::Value;
use palisade_estate::azure::ManagedCluster;
use palisade_estate::{Field, Unknown};

use super::authorized_range::{AuthorizedRange, Reach, authorized_ranges};
use super::switch::switch;
use crate::azure_cli;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PC001",
    name: "public-api-server",
    title: "the API server has no address on the internet",
    recommendation: Recommendation::PrivateCluster,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("040732e8-d947-40b8-95d6-854c95024bf8"),
        Framework::Mcsb.id("NS-2"),
        Framework::CisAks.id("5.4.2"),
        Framework::Checkov.id("CKV_AZURE_115"),
        Framework::Trivy.id("AZU-0065"),
        Framework::Azqr.id("aks-004"),
        Framework::Prowler.id("aks_clusters_public_access_disabled"),
        Framework::Kubescape.id("C-0252"),
        Framework::Kics.id("aks_private_cluster_disabled"),
        Framework::Cnspec.id("aks-private-cluster-enabled"),
        Framework::Cnspec.id("aks-public-network-access-disabled"),
    ],
    parameters: &[],
    page: include_str!("public_api_server.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ManagedCluster<'_>>(), judge);
}

fn judge(cluster: &ManagedCluster<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let private = switch(cluster, "enablePrivateCluster", cluster.is_private(), false)?;
    if private.is_on {
        findings.pass(**cluster, private.words).at(private.at, "");
        return Ok(());
    }
    let ranges = authorized_ranges(cluster)?;
    let is_narrowed = !ranges.is_empty() && ranges.iter().all(is_narrow);
    let (severity, whom) = if is_narrowed {
        (Severity::Medium, format!("to {}", names(&ranges)))
    } else {
        (Severity::High, "on the internet".to_owned())
    };
    let message = format!("{}: the API server answers {whom}", private.words);
    let finding = findings.fail(**cluster, message);
    finding
        .severity(severity)
        .at(private.at, "the API server has a public address")
        .help(help(cluster));
    if let Some(place) = public_access_switched_off(cluster) {
        finding.confidence(Confidence::Low).related(
            place,
            "what AKS makes of publicNetworkAccess isn't documented",
        );
    }
    Ok(())
}

fn is_narrow(range: &AuthorizedRange<'_>) -> bool {
    match range.reach {
        Reach::Public(network) => network.prefix_len() >= 16,
        Reach::OwnOutboundAddress | Reach::Private => true,
        _ => false,
    }
}

fn names(ranges: &[AuthorizedRange<'_>]) -> String {
    let texts: Vec<_> = ranges.iter().map(|range| range.text).collect();
    texts.join(", ")
}

fn public_access_switched_off<'e>(cluster: &ManagedCluster<'e>) -> Option<Value<'e>> {
    match cluster.public_network_access() {
        Field::Present(access, at) if !access.eq_ignore_ascii_case("enabled") => Some(at),
        _ => None,
    }
}

/// Only a cluster with VNet integration can become private later.
fn help(cluster: &ManagedCluster<'_>) -> String {
    let is_integrated = cluster.has_vnet_integration().present() == Some(true);
    if is_integrated {
        return azure_cli::update(cluster.id(), "--enable-private-cluster");
    }
    azure_cli::update(
        cluster.id(),
        "--enable-apiserver-vnet-integration --apiserver-subnet-id SUBNET_ID, restart the \
         cluster, then the same with --enable-private-cluster",
    )
}
