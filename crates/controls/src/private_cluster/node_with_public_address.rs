use palisade_estate::Unknown;

use super::agent_pool::{Pool, each_pool};
use super::switch::switch;
use crate::azure_cli;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PC006",
    name: "node-with-public-address",
    title: "no node has a public address",
    recommendation: Recommendation::PrivateCluster,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-2"),
        Framework::CisAks.id("5.4.3"),
        Framework::Checkov.id("CKV_AZURE_143"),
        Framework::Prowler.id("aks_clusters_created_with_private_nodes"),
        Framework::Kubescape.id("C-0248"),
    ],
    parameters: &[],
    page: include_str!("node_with_public_address.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    each_pool(context, findings, judge);
}

fn judge(pool: &Pool<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let public = switch(
        &pool.settings,
        "enableNodePublicIP",
        pool.settings.flag("enableNodePublicIP"),
        false,
    )?;
    if public.is_on {
        let message = format!(
            "{}: every node of the pool has a public address",
            public.words
        );
        findings
            .fail(pool.subject(), message)
            .at(public.at, "")
            .help(help(pool));
        return Ok(());
    }
    // AKS wants the flag beside the prefix, so a prefix alone contradicts itself.
    if let Some((_, prefix)) = pool.settings.text("nodePublicIPPrefixID").found() {
        findings
            .fail(
                pool.subject(),
                "nodePublicIPPrefixID names a prefix for public addresses of nodes, though \
                 enableNodePublicIP isn't true",
            )
            .confidence(Confidence::Medium)
            .at(prefix, "the prefix")
            .help(help(pool));
        return Ok(());
    }
    findings
        .pass(pool.subject(), public.words)
        .at(public.at, "");
    Ok(())
}

/// The setting can't be changed: a pool without it takes the place of the one with it.
fn help(pool: &Pool<'_>) -> String {
    let mode = pool.settings.text("mode").present().unwrap_or("User");
    let add = azure_cli::nodepool("add", &pool.cluster, "NEW", &format!("--mode {mode}"));
    let delete = azure_cli::nodepool("delete", &pool.cluster, pool.settings.name(), "");
    format!(
        "{add}, drain the nodes of `{}`, then {}",
        pool.settings.name(),
        delete.trim_end()
    )
}
