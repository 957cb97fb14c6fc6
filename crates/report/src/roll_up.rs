//! How subscriptions and clusters fare, and which fare worst.

use std::collections::{BTreeMap, HashMap};

use palisade_controls::{Audit, Finding, Tally, score};
use palisade_estate::{Cluster, Estate, ResourceId};

use crate::build::{counts, recommendations, said, worst};
use crate::{ClusterSummary, Counts, Report, SubscriptionSummary};

pub(crate) fn clusters(estate: &Estate, audit: &Audit) -> Vec<ClusterSummary> {
    let mut by_cluster: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &audit.findings {
        for cluster in &finding.subject.clusters {
            by_cluster.entry(cluster.key()).or_default().push(finding);
        }
    }
    let summarise = |cluster: Cluster<'_>| {
        let (id, managed) = (cluster.id()?, cluster.managed().ok()?);
        let own = by_cluster
            .get(id.key())
            .map(Vec::as_slice)
            .unwrap_or_default();
        Some(ClusterSummary {
            id: id.as_str().to_owned(),
            name: said(id.name()),
            subscription: id.subscription().unwrap_or_default().to_owned(),
            location: managed.location(),
            score: score(own.iter().copied()),
            counts: counts(Tally::of(own.iter().copied())),
            worst: worst(own),
            recommendations: recommendations(own),
        })
    };
    estate.clusters().filter_map(summarise).collect()
}

/// The subscriptions of the resources in the input. What is shared by clusters of several counts
/// where it is: its owner can mend it.
pub(crate) fn subscriptions(estate: &Estate, audit: &Audit) -> Vec<SubscriptionSummary> {
    let mut by_subscription: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
    for id in estate.subscriptions() {
        let subscription = id.subscription().unwrap_or_default().to_owned();
        by_subscription.insert(subscription, Vec::new());
    }
    for finding in &audit.findings {
        let own = subscription_of(finding).and_then(|id| by_subscription.get_mut(&id));
        own.into_iter().for_each(|own| own.push(finding));
    }
    let mut clusters: HashMap<&str, usize> = HashMap::new();
    for id in estate.clusters().filter_map(|cluster| cluster.id()) {
        *clusters
            .entry(id.subscription().unwrap_or_default())
            .or_default() += 1;
    }
    let summarise = |(id, own): (String, Vec<&Finding>)| SubscriptionSummary {
        clusters: clusters.get(id.as_str()).copied().unwrap_or_default(),
        id,
        score: score(own.iter().copied()),
        counts: counts(Tally::of(own.iter().copied())),
        worst: worst(&own),
        recommendations: recommendations(&own),
    };
    by_subscription.into_iter().map(summarise).collect()
}

fn subscription_of(finding: &Finding) -> Option<String> {
    let own = azure_id(&finding.subject.id);
    // An object's id is no Azure id; its only cluster is where it is.
    let id = own.as_ref().or(finding.subject.clusters.first())?;
    id.subscription().map(str::to_owned)
}

/// The Azure resource that a subject is or is a part of, which a `#` sets apart.
pub(crate) fn azure_id(subject: &str) -> Option<ResourceId> {
    ResourceId::parse(subject.split('#').next()?)
}

/// What a table says of a subscription or a cluster in a row.
pub(crate) struct Row<'r> {
    /// Its place in the report's list.
    pub(crate) place: usize,
    pub(crate) name: String,
    pub(crate) score: Option<u8>,
    pub(crate) counts: Counts,
    pub(crate) worst: Option<&'r str>,
}

/// The subscriptions, the worst first; none where there is only one, since all is in it.
pub(crate) fn subscription_rows(report: &Report) -> Vec<Row<'_>> {
    if report.subscriptions.len() < 2 {
        return Vec::new();
    }
    let rows = report
        .subscriptions
        .iter()
        .enumerate()
        .map(|(place, one)| Row {
            place,
            name: said(&one.id),
            score: one.score,
            counts: one.counts,
            worst: one.worst.as_deref(),
        });
    worst_first(rows.collect())
}

/// The clusters, the worst first. Those of one name are told apart by their resource groups.
pub(crate) fn cluster_rows(report: &Report) -> Vec<Row<'_>> {
    let mut namesakes: HashMap<&str, usize> = HashMap::new();
    for cluster in &report.clusters {
        *namesakes.entry(&cluster.name).or_default() += 1;
    }
    let rows = report.clusters.iter().enumerate().map(|(place, one)| {
        let id = ResourceId::parse(&one.id);
        let group = id.as_ref().and_then(ResourceId::resource_group);
        let group = group.filter(|_| namesakes.get(one.name.as_str()) > Some(&1));
        Row {
            place,
            name: group.map_or_else(
                || one.name.clone(),
                |group| format!("{} ({})", one.name, said(group)),
            ),
            score: one.score,
            counts: one.counts,
            worst: one.worst.as_deref(),
        }
    });
    worst_first(rows.collect())
}

/// By score, then by failures; what couldn't be judged comes last.
fn worst_first(mut rows: Vec<Row<'_>>) -> Vec<Row<'_>> {
    rows.sort_by_key(|row| (row.score.is_none(), row.score, usize::MAX - row.counts.fail));
    rows
}

/// What is said of the rows that are left out of a table, worst first as they are: `and 9 more
/// with scores from 61 to 80`.
pub(crate) fn folded(rows: &[Row<'_>]) -> String {
    let scores = || rows.iter().filter_map(|row| row.score);
    let range = match (scores().min(), scores().max()) {
        (Some(least), Some(most)) if least < most => {
            format!(", with scores from {least} to {most}")
        }
        (Some(least), _) => format!(", with score {least}"),
        _ => String::new(),
    };
    format!("and {} more{range}", rows.len())
}
