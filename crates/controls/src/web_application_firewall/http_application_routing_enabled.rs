use palisade_estate::Unknown;
use palisade_estate::azure::ManagedCluster;

use crate::azure_cli;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF030",
    name: "http-application-routing-enabled",
    title: "no cluster has the HTTP application routing add-on",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-8"),
        Framework::Psrule.id("Azure.AKS.HttpAppRouting"),
        Framework::Checkov.id("CKV_AZURE_246"),
        Framework::Azqr.id("aks-010"),
    ],
    parameters: &[],
    page: include_str!("http_application_routing_enabled.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ManagedCluster<'_>>(), judge);
}

fn judge(cluster: &ManagedCluster<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let setting = "addonProfiles.httpApplicationRouting.enabled";
    let (is_on, at) = cluster.flag(setting).or_default(false)?;
    if !is_on {
        let message = "the add-on httpApplicationRouting is off, as by default";
        findings.pass(**cluster, message);
        return Ok(());
    }
    let message = "the add-on httpApplicationRouting is on, which was retired on 2025-03-03";
    let help = azure_cli::disable_addon(cluster.id(), "http_application_routing");
    findings.fail(**cluster, message).at(at, "").help(help);
    Ok(())
}
