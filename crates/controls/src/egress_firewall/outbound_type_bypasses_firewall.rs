use palisade_estate::azure::{ManagedCluster, OutboundType};
use palisade_estate::{Field, ResourceId, Unknown};

use crate::{
    Confidence, Context, Control, Equivalent, Findings, Framework, Recommendation, Severity,
};

pub(super) static CONTROL: Control = Control {
    code: "FW001",
    name: "outbound-type-bypasses-firewall",
    title: "nodes leave the network by user-defined routes, or not at all",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[Equivalent {
        framework: Framework::Azqr,
        id: "aks-012",
    }],
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
        OutboundType::UserDefinedRouting | OutboundType::None | OutboundType::Block => {
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
                .help(command(cluster.id()));
        }
        OutboundType::Other(_) => {
            let cause = format!("the outbound type {word} is newer than this version of Palisade");
            return Err(Unknown::because(cause, "a newer version of Palisade"));
        }
    }
    Ok(())
}

fn command(id: &ResourceId) -> String {
    let group = id.resource_group().unwrap_or_default();
    format!(
        "az aks update --resource-group {group} --name {} --outbound-type userDefinedRouting",
        id.name()
    )
}
