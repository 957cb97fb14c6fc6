use palisade_estate::Unknown;
use palisade_estate::azure::ManagedCluster;

use super::azure_cli;
use super::switch::switch;
use crate::{
    Confidence, Context, Control, Equivalent, Findings, Framework, Recommendation, Severity,
};

pub(super) static CONTROL: Control = Control {
    code: "PC004",
    name: "public-name-of-private-cluster",
    title: "a private cluster has no name in public DNS",
    recommendation: Recommendation::PrivateCluster,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[Equivalent {
        framework: Framework::Mcsb,
        id: "NS-2",
    }],
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
        .help(azure_cli::update(cluster.id(), "--disable-public-fqdn"));
    Ok(())
}
