use std::collections::{HashMap, HashSet};

use palisade_estate::azure::{
    FlowLog, ManagedCluster, Subnet, VirtualNetwork, network_watcher_scope,
};
use palisade_estate::{Field, ResourceId, Unknown};

use super::flow_log;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity, Subject};

pub(super) static CONTROL: Control = Control {
    code: "NW002",
    name: "virtual-network-without-flow-log",
    title: "the flows of every virtual network are logged",
    recommendation: Recommendation::NetworkWatcher,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("4c3c6c5f-0d47-4402-99b8-aa543dd8bcee"),
        Framework::Mcsb.id("LT-4"),
        Framework::CisAzure.id("6.1.1.6"),
        Framework::Azqr.id("06b77be9-56a3-4d41-b362-8b295c5a283d"),
        Framework::Prowler.id("network_flow_log_captured_sent"),
        Framework::Cnspec.id("network-watcher-flow-logs-enabled"),
    ],
    parameters: &[],
    page: include_str!("virtual_network_without_flow_log.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let logs = FlowLogs::of(context);
    findings.each(
        context.estate.all::<VirtualNetwork<'_>>(),
        |network, findings| judge(context, &logs, network, findings),
    );
    for cluster in context.estate.all::<ManagedCluster<'_>>() {
        for id in networks_outside(context, &cluster) {
            let subject = Subject::from(*cluster).part(id.name());
            if let Err(unknown) = context.estate.require::<VirtualNetwork<'_>>(&id) {
                findings.unknown(subject, unknown);
            }
        }
    }
}

/// The networks of a cluster's subnets that the input doesn't hold.
fn networks_outside(context: &Context<'_>, cluster: &ManagedCluster<'_>) -> HashSet<ResourceId> {
    let subnets = cluster.subnet_ids().unwrap_or_default();
    let networks = subnets.into_iter().filter_map(|(id, _)| id.parent());
    networks
        .filter(|id| context.estate.find(id).is_none())
        .collect()
}

fn judge(
    context: &Context<'_>,
    logs: &FlowLogs<'_>,
    network: &VirtualNetwork<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let own_log = logs.enabled(network.id());
    if let Ok(Some(log)) = &own_log {
        let filter = match log.filter() {
            Field::Present(filter, _) => format!(", which keeps only the flows of {filter}"),
            _ => String::new(),
        };
        let message = format!("the flows are logged by `{}`{filter}", log.name());
        findings.pass(**network, message).at(log.anchor(), "");
        return Ok(());
    }
    let subnets: Vec<_> = listed_subnets(network);
    let (mut bare, mut undecided) = (Vec::new(), own_log.err());
    for subnet in &subnets {
        match is_logged(context, logs, subnet) {
            Ok(true) => {}
            Ok(false) => bare.push(format!("`{}`", subnet.name())),
            Err(unknown) => {
                bare.push(format!("`{}`", subnet.name()));
                undecided = undecided.or(Some(unknown));
            }
        }
    }
    if !subnets.is_empty() && bare.is_empty() {
        let message = "every subnet is logged, by itself or by its network security group";
        findings.pass(**network, message);
        return Ok(());
    }
    if let Some(unknown) = undecided {
        return Err(unknown);
    }
    missing(context, logs, network, &gap(&subnets, &bare), findings);
    Ok(())
}

/// The subnets that the network's own body lists, so that none can be overlooked. Those that
/// Azure reserves take no network security group and hold no nodes.
fn listed_subnets<'e>(network: &VirtualNetwork<'e>) -> Vec<Subnet<'e>> {
    if network.property("subnets").found().is_none() {
        return Vec::new();
    }
    let mut subnets = network.subnets();
    subnets.retain(|subnet| !subnet.is_reserved());
    subnets
}

fn gap(subnets: &[Subnet<'_>], bare: &[String]) -> String {
    match bare.len() == subnets.len() {
        true => "no enabled flow log covers the network".to_owned(),
        false => format!("no enabled flow log covers {}", bare.join(", ")),
    }
}

fn missing(
    context: &Context<'_>,
    logs: &FlowLogs<'_>,
    network: &VirtualNetwork<'_>,
    gap: &str,
    findings: &mut Findings,
) {
    let region = network.location().unwrap_or_else(|| "REGION".to_owned());
    let finding = findings.missing(
        **network,
        context
            .estate
            .coverage::<FlowLog<'_>>(&network_watcher_scope(network)),
        gap,
        format!("az network watcher flow-log list --location {region}"),
    );
    finding.help(format!(
        "az network watcher flow-log create --location {region} --name flow-{} --resource-group {} --vnet {} --storage-account STORAGE --workspace WORKSPACE --traffic-analytics true",
        network.name(),
        network.id().resource_group().unwrap_or_default(),
        network.name()
    ));
    for log in logs.about(network.id()) {
        finding.related(log.anchor(), "this flow log isn't enabled");
    }
}

fn is_logged(
    context: &Context<'_>,
    logs: &FlowLogs<'_>,
    subnet: &Subnet<'_>,
) -> Result<bool, Unknown> {
    let own_log = logs.enabled(subnet.id());
    if matches!(own_log, Ok(Some(_))) {
        return Ok(true);
    }
    let by_group = match subnet.network_security_group() {
        Field::Present(..) if context.today >= flow_log::SECURITY_GROUP_LOGS_END => false,
        Field::Present(group, _) => logs.enabled(&group)?.is_some(),
        Field::Absent(_) => false,
        Field::Unknown(unknown) => return Err(unknown),
    };
    match own_log {
        Err(unknown) if !by_group => Err(unknown),
        _ => Ok(by_group),
    }
}

/// The flow logs by what they log.
struct FlowLogs<'e> {
    by_target: HashMap<ResourceId, Vec<FlowLog<'e>>>,
    /// The first of each subscription that doesn't say what it logs, as in a bare listing.
    without_target: HashMap<ResourceId, FlowLog<'e>>,
}

impl<'e> FlowLogs<'e> {
    fn of(context: &Context<'e>) -> Self {
        let (mut by_target, mut without_target) = (HashMap::<_, Vec<_>>::new(), HashMap::new());
        for log in context.estate.all::<FlowLog<'e>>() {
            match flow_log::target(&log) {
                Ok((target, _)) => by_target.entry(target).or_default().push(log),
                Err(_) => {
                    if let Some(subscription) = log.id().subscription_scope() {
                        without_target.entry(subscription).or_insert(log);
                    }
                }
            }
        }
        Self {
            by_target,
            without_target,
        }
    }

    fn about(&self, target: &ResourceId) -> &[FlowLog<'e>] {
        self.by_target
            .get(target)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// An enabled flow log on a target. Unknown if there is one that doesn't say whether it is
    /// on, or one of the subscription that doesn't say what it logs.
    fn enabled(&self, target: &ResourceId) -> Result<Option<FlowLog<'e>>, Unknown> {
        let mut undecided = None;
        for log in self.about(target) {
            match log.is_enabled() {
                Field::Present(true, _) => return Ok(Some(*log)),
                Field::Present(false, _) => {}
                Field::Absent(_) => undecided = Some(flow_log::undecided(log)),
                Field::Unknown(unknown) => undecided = Some(unknown),
            }
        }
        let undecided = undecided.or_else(|| self.without_target(target));
        undecided.map_or(Ok(None), Err)
    }

    fn without_target(&self, target: &ResourceId) -> Option<Unknown> {
        let log = self.without_target.get(&target.subscription_scope()?)?;
        Some(Unknown::because(
            format!(
                "the input doesn't tell what the flow log `{}` logs",
                log.name()
            ),
            format!("az resource show --ids {}", log.id()),
        ))
    }
}
