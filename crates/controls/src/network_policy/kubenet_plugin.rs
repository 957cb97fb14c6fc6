use jiff::civil::{Date, date};
use palisade_estate::azure::ManagedCluster;
use palisade_estate::{Field, Unknown};

use crate::azure_cli;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NP003",
    name: "kubenet-plugin",
    title: "the cluster's network plugin is Azure CNI",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("46238e2f-3f6f-4589-9f3f-77bed4116e67"),
        Framework::CisAks.id("4.4.1"),
        Framework::Psrule.id("Azure.AKS.AzureCNI"),
        Framework::Checkov.id("CKV2_AZURE_29"),
        Framework::Kubescape.id("C-0205"),
        Framework::Cnspec.id("aks-no-kubenet"),
    ],
    parameters: &[],
    page: include_str!("kubenet_plugin.md"),
    check,
};

/// When support for kubenet ends.
const END: Date = date(2028, 3, 31);

/// A kubenet cluster has a route for each node, and a route table holds this many.
const MOST_NODES: i64 = 400;

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<ManagedCluster<'_>>(),
        |cluster, findings| judge(context, cluster, findings),
    );
}

fn judge(
    context: &Context<'_>,
    cluster: &ManagedCluster<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let (plugin, at) = match cluster.network_plugin() {
        Field::Present(plugin, at) => (plugin, at),
        Field::Absent(_) if cluster.is_automatic() => {
            findings.pass(**cluster, "AKS Automatic uses Azure CNI");
            return Ok(());
        }
        Field::Absent(_) => return Err(not_given(cluster)),
        Field::Unknown(unknown) => return Err(unknown),
    };
    match plugin.to_ascii_lowercase().as_str() {
        "azure" => {
            findings
                .pass(**cluster, "the network plugin is azure")
                .at(at, "");
        }
        "none" => {
            findings
                .not_applicable(
                    **cluster,
                    "the network plugin is none: the cluster brings its own",
                )
                .at(at, "");
        }
        "kubenet" => {
            let message = format!(
                "the network plugin is kubenet, {}",
                consequences(context, cluster)
            );
            findings
                .fail(**cluster, message)
                .at(at, "pod addresses are reached by a route for each node")
                .help(command(cluster));
        }
        _ => {
            return Err(Unknown::because(
                format!("the network plugin {plugin} is newer than this version of Palisade"),
                "a newer version of Palisade",
            ));
        }
    }
    Ok(())
}

fn consequences(context: &Context<'_>, cluster: &ManagedCluster<'_>) -> String {
    let verb = if context.today > END { "ended" } else { "ends" };
    let support = format!("whose support {verb} on {END}");
    match cluster.largest_node_count() {
        Ok(nodes) if nodes * 5 >= MOST_NODES * 4 => {
            format!("{support}, and its pools can come to {nodes} nodes of at most {MOST_NODES}")
        }
        _ => support,
    }
}

fn not_given(cluster: &ManagedCluster<'_>) -> Unknown {
    Unknown::because(
        "the network plugin isn't given, and what AKS takes then depends on the API version",
        format!("az aks show --ids {}", cluster.id()),
    )
}

fn command(cluster: &ManagedCluster<'_>) -> String {
    let options = "--network-plugin azure --network-plugin-mode overlay";
    azure_cli::update(cluster.id(), options)
}
