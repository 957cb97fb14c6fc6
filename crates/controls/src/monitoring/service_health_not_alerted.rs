use std::collections::BTreeMap;

use palisade_estate::azure::ManagedCluster;
use palisade_estate::{Resource, ResourceId};

use super::activity_alert::{Event, judge};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity, Subject};

pub(super) static CONTROL: Control = Control {
    code: "MON010",
    name: "service-health-not-alerted",
    title: "somebody is told when Azure reports an incident of AKS in a region with clusters",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::CisAzure.id("6.1.2.11"),
        Framework::Psrule.id("Azure.Monitor.ServiceHealth"),
        Framework::Prowler.id("monitor_alert_service_health_exists"),
    ],
    parameters: &[],
    page: include_str!("service_health_not_alerted.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for ((subscription, region), cluster) in places(context) {
        let subject = Subject::scope(context.estate, &subscription).part(&region);
        let event = incident(&subscription, &region);
        judge(context, subject, &cluster, &[event], findings);
    }
}

/// Where clusters are: subscription and region, each with its first cluster.
fn places<'e>(context: &Context<'e>) -> BTreeMap<(ResourceId, String), Resource<'e>> {
    let mut found = BTreeMap::new();
    for cluster in context.estate.all::<ManagedCluster<'_>>() {
        if let (Some(subscription), Some(region)) =
            (cluster.id().subscription_scope(), cluster.location())
        {
            found.entry((subscription, region)).or_insert(*cluster);
        }
    }
    found
}

/// The event that Azure logs in a subscription when AKS has an incident in a region. Such events
/// belong to the subscription as a whole.
fn incident(subscription: &ResourceId, region: &str) -> Event {
    Event {
        name: format!("an incident of Azure Kubernetes Service in {region}"),
        target: subscription.clone(),
        fields: vec![
            ("category", "ServiceHealth".to_owned()),
            ("properties.incidentType", "Incident".to_owned()),
            (
                "properties.impactedServices[*].ServiceName",
                "Azure Kubernetes Service (AKS)".to_owned(),
            ),
            (
                "properties.impactedServices[*].ImpactedRegions[*].RegionName",
                region.to_owned(),
            ),
        ],
        statuses: &["Active"],
    }
}
