use std::collections::BTreeMap;

use palisade_estate::azure::{FlowLog, NetworkWatcher, VirtualNetwork};
use palisade_estate::{ResourceId, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity, Subject};

pub(super) static CONTROL: Control = Control {
    code: "NW001",
    name: "region-without-network-watcher",
    title: "every region that holds virtual networks has a network watcher",
    recommendation: Recommendation::NetworkWatcher,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("a9b99dd8-06c5-4317-8629-9d86a3c6e7d9"),
        Framework::AzurePolicy.id("b6e2945c-0b7b-40f5-9233-7a5323b5cdc6"),
        Framework::Mcsb.id("IR-4"),
        Framework::CisAzure.id("7.6"),
        Framework::Azqr.id("4e133bd0-8762-bc40-a95b-b29142427d73"),
        Framework::Prowler.id("network_watcher_enabled"),
        Framework::ScoutSuite.id("network-watcher-not-enabled"),
    ],
    parameters: &[],
    page: include_str!("region_without_network_watcher.md"),
    check,
};

/// The networks of a subscription in a region.
type Regions<'e> = BTreeMap<(ResourceId, String), Vec<VirtualNetwork<'e>>>;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut regions = Regions::new();
    for network in context.estate.all::<VirtualNetwork<'_>>() {
        let Some(subscription) = network.id().subscription_scope() else {
            continue;
        };
        match network.location() {
            Some(region) => regions
                .entry((subscription, region))
                .or_default()
                .push(network),
            None => {
                findings.unknown(*network, no_region(&network));
            }
        }
    }
    for ((subscription, region), networks) in &regions {
        judge(context, subscription, region, networks, findings);
    }
}

fn no_region(network: &VirtualNetwork<'_>) -> Unknown {
    Unknown::because(
        "the input doesn't tell the network's region",
        format!("az network vnet show --ids {}", network.id()),
    )
}

fn judge(
    context: &Context<'_>,
    subscription: &ResourceId,
    region: &str,
    networks: &[VirtualNetwork<'_>],
    findings: &mut Findings,
) {
    let subject = Subject::scope(context.estate, subscription).part(region);
    let watcher = context
        .estate
        .all::<NetworkWatcher<'_>>()
        .filter(|watcher| watcher.id().is_within(subscription))
        .find(|watcher| watcher.location().as_deref() == Some(region));
    if let Some(watcher) = watcher {
        let message = format!("the network watcher of {region} is `{}`", watcher.name());
        findings.pass(subject, message).at(watcher.anchor(), "");
        return;
    }
    if let Some(log) = flow_log_in(context, subscription, region) {
        let message = format!(
            "the flow log `{}` belongs to a network watcher of {region}",
            log.name()
        );
        findings.pass(subject, message).at(log.anchor(), "");
        return;
    }
    let finding = findings.missing(
        subject,
        context.estate.coverage::<NetworkWatcher<'_>>(subscription),
        format!("no network watcher is in {region}"),
        format!(
            "az network watcher list --subscription {}",
            subscription.name()
        ),
    );
    finding.help(format!(
        "az network watcher configure --subscription {} --resource-group NetworkWatcherRG --locations {region} --enabled true",
        subscription.name()
    ));
    for (number, network) in networks.iter().enumerate() {
        match number {
            0 => finding.at(network.anchor(), "a virtual network in this region"),
            _ => finding.related(network.anchor(), "another one"),
        };
    }
}

/// A flow log, which is in the region of the watcher that it is a part of.
fn flow_log_in<'e>(
    context: &Context<'e>,
    subscription: &ResourceId,
    region: &str,
) -> Option<FlowLog<'e>> {
    let mut logs = context.estate.all::<FlowLog<'e>>();
    logs.find(|log| log.id().is_within(subscription) && log.location().as_deref() == Some(region))
}
