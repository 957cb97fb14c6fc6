use palisade_estate::Unknown;
use palisade_estate::azure::ManagedCluster;

use crate::azure_cli;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "MON024",
    name: "defender-profile-off",
    title: "Defender watches what runs in a cluster",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("a1840de2-8088-4ea8-b153-b4c723e9cb01"),
        Framework::Mcsb.id("LT-1"),
        Framework::CisAzure.id("8.1.4.1"),
        Framework::Psrule.id("Azure.AKS.DefenderProfile"),
        Framework::Prowler.id("aks_cluster_defender_enabled"),
    ],
    parameters: &[],
    page: include_str!("defender_profile_off.md"),
    check,
};

const SETTING: &str = "securityProfile.defender.securityMonitoring.enabled";

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ManagedCluster<'_>>(), judge);
}

fn judge(cluster: &ManagedCluster<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let (is_on, at) = cluster.flag(SETTING).or_default(false)?;
    if is_on {
        findings
            .pass(**cluster, "the Defender sensor is on")
            .at(at, "");
        return Ok(());
    }
    findings
        .fail(**cluster, "securityProfile.defender.securityMonitoring.enabled isn't true, so the sensor of Defender watches nothing")
        .help(azure_cli::update(cluster.id(), "--enable-defender"));
    Ok(())
}
