//! The agent pools of the estate, each with the subject of what is said about it.

use palisade_estate::azure::{AgentPool, ManagedCluster};
use palisade_estate::{ResourceId, Settings, Unknown};

use crate::{Context, Findings, Subject};

/// An agent pool, from its cluster's body or exported on its own.
pub(super) struct Pool<'e> {
    pub(super) settings: Settings<'e>,
    pub(super) cluster: ResourceId,
    subject: Subject,
}

impl Pool<'_> {
    pub(super) fn subject(&self) -> Subject {
        self.subject.clone()
    }
}

/// Judges each pool. The cluster's body decides where it lists its pools; a pool that it
/// doesn't list, or whose cluster is outside the input, is judged by its own body.
pub(super) fn each_pool<'e>(
    context: &Context<'e>,
    findings: &mut Findings,
    judge: impl Fn(&Pool<'e>, &mut Findings) -> Result<(), Unknown>,
) {
    let mut listed = Vec::new();
    for cluster in context.estate.all::<ManagedCluster<'e>>() {
        match pools_of(&cluster) {
            Ok(pools) if pools.is_empty() => {
                let message =
                    "Azure hosts the system nodes, and the cluster lists no pool of its own";
                findings.not_applicable(*cluster, message);
            }
            Ok(pools) => listed.extend(pools),
            Err(unknown) => {
                findings.unknown(*cluster, unknown);
            }
        }
    }
    let exported = context.estate.all::<AgentPool<'e>>().map(exported_pool);
    let unlisted: Vec<_> = exported
        .filter(|pool| !listed.iter().any(|other| is_same(other, pool)))
        .collect();
    for pool in listed.iter().chain(&unlisted) {
        if let Err(unknown) = judge(pool, findings) {
            findings
                .unknown(pool.subject(), unknown)
                .at(pool.settings.anchor(), "the pool");
        }
    }
}

fn pools_of<'e>(cluster: &ManagedCluster<'e>) -> Result<Vec<Pool<'e>>, Unknown> {
    let pools = cluster.agent_pools()?;
    if pools.is_empty() && !cluster.has_hosted_system_nodes().or_default(false)?.0 {
        return Err(Unknown::because(
            "the input holds no agent pool of the cluster",
            format!("az aks show --ids {}", cluster.id()),
        ));
    }
    let pools = pools.into_iter().map(|settings| Pool {
        settings,
        cluster: cluster.id().clone(),
        subject: Subject::from(**cluster).part(settings.name()),
    });
    Ok(pools.collect())
}

fn exported_pool(pool: AgentPool<'_>) -> Pool<'_> {
    Pool {
        settings: **pool,
        cluster: pool.id().parent().unwrap_or_else(|| pool.id().clone()),
        subject: Subject::from(*pool),
    }
}

fn is_same(one: &Pool<'_>, other: &Pool<'_>) -> bool {
    one.cluster == other.cluster
        && one
            .settings
            .name()
            .eq_ignore_ascii_case(other.settings.name())
}
