use palisade_estate::azure::ManagedCluster;
use palisade_estate::{Field, Unknown};

use super::authorized_range::{AuthorizedRange, Reach, authorize_everyone, authorized_ranges};
use crate::azure_cli;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PC002",
    name: "api-server-without-authorized-ranges",
    title: "a public API server answers only to the addresses that need it",
    recommendation: Recommendation::PrivateCluster,
    severity: Severity::Critical,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("0e246bcf-5f6f-4f87-bc6f-775d4712c7ea"),
        Framework::Mcsb.id("NS-2"),
        Framework::CisAks.id("5.4.1"),
        Framework::Psrule.id("Azure.AKS.AuthorizedIPs"),
        Framework::Checkov.id("CKV_AZURE_6"),
        Framework::Trivy.id("AZU-0041"),
        Framework::Kubescape.id("C-0247"),
        Framework::Kics.id("aks_with_authorized_ip_ranges_disabled"),
        Framework::Cnspec.id("aks-api-server-authorized-ip-ranges"),
    ],
    parameters: &[],
    page: include_str!("api_server_without_authorized_ranges.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ManagedCluster<'_>>(), judge);
}

fn judge(cluster: &ManagedCluster<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    if cluster.is_private().or_default(false)?.0 {
        findings.not_applicable(
            **cluster,
            "the cluster is private, and authorised ranges guard the public endpoint only",
        );
        return Ok(());
    }
    let ranges = authorized_ranges(cluster)?;
    let defect = if ranges.is_empty() {
        "the list of authorised ranges is empty, so the API server answers to every address"
    } else if authorize_everyone(&ranges) {
        "the authorised ranges leave no address out, so the API server answers to every one"
    } else {
        return guarded(cluster, &ranges, findings);
    };
    let finding = findings.fail(**cluster, defect);
    finding.help(azure_cli::update(
        cluster.id(),
        "--api-server-authorized-ip-ranges RANGE,RANGE",
    ));
    match cluster.authorized_ip_ranges() {
        Field::Present(_, at) => {
            finding.at(at, "");
        }
        Field::Absent(at) if at.origin() != cluster.value().origin() => {
            finding.at(at, "");
        }
        _ => {}
    }
    Ok(())
}

fn guarded(
    cluster: &ManagedCluster<'_>,
    ranges: &[AuthorizedRange<'_>],
    findings: &mut Findings,
) -> Result<(), Unknown> {
    if let Some(range) = ranges.iter().find(|range| range.reach == Reach::Unreadable) {
        return Err(Unknown::because(
            format!("the entry {} is no IPv4 range", range.text),
            "correct the entry",
        ));
    }
    findings
        .pass(
            **cluster,
            format!("{} authorised, see PC003 for each", count(ranges.len())),
        )
        .at(ranges[0].at, "");
    Ok(())
}

fn count(ranges: usize) -> String {
    match ranges {
        1 => "1 range is".to_owned(),
        more => format!("{more} ranges are"),
    }
}
