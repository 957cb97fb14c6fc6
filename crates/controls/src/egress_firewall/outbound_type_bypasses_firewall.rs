use palisade_document::Value;
use palisade_estate::azure::{ManagedCluster, OutboundType};
use palisade_estate::{Field, Unknown};

use crate::azure_cli;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "FW001",
    name: "outbound-type-bypasses-firewall",
    title: "nodes leave the network by user-defined routes, or not at all",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[Framework::Mcsb.id("NS-3"), Framework::Azqr.id("aks-012")],
    parameters: &[],
    page: include_str!("outbound_type_bypasses_firewall.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ManagedCluster<'_>>(), judge);
}

fn judge(cluster: &ManagedCluster<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let is_given = matches!(cluster.outbound_type(), Field::Present(..));
    let (outbound, at) = cluster
        .outbound_type()
        .or_default(OutboundType::LoadBalancer)?;
    let word = if is_given {
        at.scalar()
    } else {
        "the default, loadBalancer"
    };
    match outbound {
        OutboundType::None => return without_way_out(cluster, at, findings),
        OutboundType::UserDefinedRouting | OutboundType::Block => {
            findings
                .pass(**cluster, format!("the outbound type is {word}"))
                .at(at, "");
        }
        OutboundType::LoadBalancer | OutboundType::NatGateway => {
            findings
                .fail(
                    **cluster,
                    format!("the outbound type is {word}, which leads past any firewall"),
                )
                .at(
                    at,
                    "packets leave by an address of Azure's, to any destination",
                )
                .help(help(cluster));
        }
        OutboundType::Other(_) => {
            let cause = format!("the outbound type {word} is newer than this version of Palisade");
            return Err(Unknown::because(cause, "a newer version of Palisade"));
        }
    }
    Ok(())
}

/// AKS sets up no way out, but a node with a public address of its own has one.
fn without_way_out(
    cluster: &ManagedCluster<'_>,
    at: Value<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let pools = match cluster.list("agentPoolProfiles") {
        Field::Present(pools, _) => pools,
        Field::Absent(_) => {
            return Err(Unknown::because(
                "the outbound type is none, but the agent pools, whose nodes may have public addresses, are outside the input",
                format!("az aks show --ids {}", cluster.id()),
            ));
        }
        Field::Unknown(unknown) => return Err(unknown),
    };
    for pool in &pools {
        let (has_address, place) = pool.flag("enableNodePublicIP").or_default(false)?;
        if has_address {
            let message = format!(
                "the outbound type is none, but the nodes of `{}` have public addresses and leave by them",
                pool.name()
            );
            findings
                .fail(**cluster, message)
                .at(place, "a way out past any firewall")
                .help("replace the pool: az aks nodepool add without --enable-node-public-ip, then az aks nodepool delete");
            return Ok(());
        }
    }
    findings
        .pass(**cluster, "the outbound type is none")
        .at(at, "");
    Ok(())
}

/// A cluster in a network that AKS manages has no routes of the user's own to follow.
fn help(cluster: &ManagedCluster<'_>) -> String {
    let has_no_subnet = cluster.subnet_ids().is_ok_and(|ids| ids.is_empty());
    if has_no_subnet && cluster.agent_pools().is_ok_and(|pools| !pools.is_empty()) {
        let group = cluster.id().resource_group().unwrap_or_default();
        return format!(
            "create the cluster anew in a subnet of your own: az aks create --resource-group {group} --name NEW --vnet-subnet-id SUBNET_ID --outbound-type userDefinedRouting"
        );
    }
    azure_cli::update(cluster.id(), "--outbound-type userDefinedRouting")
}
