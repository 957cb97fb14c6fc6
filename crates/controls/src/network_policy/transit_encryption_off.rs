use palisade_estate::Unknown;
use palisade_estate::azure::{ManagedCluster, PolicyEngine};

use crate::azure_cli;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NP011",
    name: "transit-encryption-off",
    title: "what pods send to pods on other nodes is encrypted",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("DP-3"),
        Framework::Cnspec.id("aks-wireguard-transit-encryption"),
    ],
    parameters: &[],
    page: include_str!("transit_encryption_off.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ManagedCluster<'_>>(), judge);
}

fn judge(cluster: &ManagedCluster<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    if !runs_cilium(cluster)? {
        findings.not_applicable(**cluster, "the encryption needs the data plane cilium");
        return Ok(());
    }
    let (kind, at) = cluster.transit_encryption().or_default("None")?;
    match kind.to_ascii_lowercase().as_str() {
        "wireguard" | "mtls" => {
            require_services(cluster, kind)?;
            findings
                .pass(**cluster, format!("the transit encryption is {kind}"))
                .at(at, "");
        }
        "none" => {
            findings
                .fail(
                    **cluster,
                    "the transit encryption is None, so what pods send can be read on the way",
                )
                .at(at, "")
                .help(command(cluster));
        }
        _ => {
            return Err(Unknown::because(
                format!("the transit encryption {kind} is newer than this version of Palisade"),
                "a newer version of Palisade",
            ));
        }
    }
    Ok(())
}

fn runs_cilium(cluster: &ManagedCluster<'_>) -> Result<bool, Unknown> {
    let (dataplane, _) = cluster.network_dataplane().or_default("azure")?;
    let (engine, _) = cluster.policy_engine().or_default(PolicyEngine::None)?;
    Ok(dataplane.eq_ignore_ascii_case("cilium")
        || engine == PolicyEngine::Cilium
        || cluster.is_automatic())
}

/// The encryption is a part of Advanced Container Networking Services, which is off unless said.
fn require_services(cluster: &ManagedCluster<'_>, kind: &str) -> Result<(), Unknown> {
    let (services, _) = cluster.advanced_networking_enabled().or_default(false)?;
    let (security, _) = cluster
        .advanced_networking_security_enabled()
        .or_default(services)?;
    if services && security {
        return Ok(());
    }
    Err(Unknown::because(
        format!(
            "the transit encryption is {kind}, but the networking services it is a part of are not enabled"
        ),
        format!("az aks show --ids {}", cluster.id()),
    ))
}

fn command(cluster: &ManagedCluster<'_>) -> String {
    let options = "--enable-acns --acns-transit-encryption-type WireGuard";
    azure_cli::update(cluster.id(), options)
}
