use palisade_estate::Unknown;
use palisade_estate::azure::ManagedCluster;

use super::switch::switch;
use crate::azure_cli;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PC004",
    name: "public-name-of-private-cluster",
    title: "a private cluster has no name in public DNS",
    recommendation: Recommendation::PrivateCluster,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-2"),
        Framework::CisAks.id("5.4.2"),
        Framework::Cnspec.id("aks-private-cluster-public-fqdn-disabled"),
    ],
    parameters: &[],
    page: include_str!("public_name_of_private_cluster.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ManagedCluster<'_>>(), judge);
}

fn judge(cluster: &ManagedCluster<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    if !cluster.is_private().or_default(false)?.0 {
        findings.not_applicable(**cluster, "the cluster isn't private, see PC001");
        return Ok(());
    }
    let public_name = switch(
        cluster,
        "enablePrivateClusterPublicFQDN",
        cluster.public_name_enabled(),
        true,
    )?;
    if !public_name.is_on {
        findings
            .pass(**cluster, public_name.words)
            .at(public_name.at, "");
        return Ok(());
    }
    let message = format!(
        "{}: public DNS tells the API server's private address",
        public_name.words
    );
    findings
        .fail(**cluster, message)
        .at(public_name.at, "")
        .help(help(cluster));
    Ok(())
}

/// Without a zone the public name is the only one, and AKS refuses to switch it off.
fn help(cluster: &ManagedCluster<'_>) -> String {
    let zone = cluster.private_dns_zone().present();
    if zone.is_some_and(|zone| zone.eq_ignore_ascii_case("none")) {
        return "privateDNSZone is none, which leaves this name only: create the cluster anew \
                with --private-dns-zone system --disable-public-fqdn"
            .to_owned();
    }
    azure_cli::update(cluster.id(), "--disable-public-fqdn")
}
