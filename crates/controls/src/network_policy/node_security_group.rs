//! The network security groups that guard the nodes of clusters.

use std::collections::HashSet;

use palisade_estate::azure::{ManagedCluster, NetworkSecurityGroup, Subnet};
use palisade_estate::{Field, Unknown};

use crate::{Context, Findings};

/// Judges each group on a subnet of nodes or pods of a managed cluster once.
pub(super) fn each(
    context: &Context<'_>,
    findings: &mut Findings,
    judge: fn(&Context<'_>, &NetworkSecurityGroup<'_>, &mut Findings) -> Result<(), Unknown>,
) {
    let mut judged = HashSet::new();
    for cluster in context.estate.all::<ManagedCluster<'_>>() {
        let subnets = match cluster.subnets() {
            Ok(subnets) => subnets,
            Err(unknown) => {
                findings.unknown(*cluster, unknown);
                continue;
            }
        };
        for subnet in subnets {
            match subnet.and_then(|subnet| guard(context, &subnet)) {
                Ok(Some(group)) if judged.insert(group.id().clone()) => {
                    if let Err(unknown) = judge(context, &group, findings) {
                        findings.unknown(*group, unknown);
                    }
                }
                Ok(_) => {}
                Err(unknown) => {
                    findings.unknown(*cluster, unknown);
                }
            }
        }
    }
}

/// The group of a subnet; none if it has none, which is another control's question.
fn guard<'e>(
    context: &Context<'e>,
    subnet: &Subnet<'e>,
) -> Result<Option<NetworkSecurityGroup<'e>>, Unknown> {
    match subnet.network_security_group() {
        Field::Present(id, _) => context.estate.require(&id).map(Some),
        Field::Absent(_) => Ok(None),
        Field::Unknown(unknown) => Err(unknown),
    }
}
