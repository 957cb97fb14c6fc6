//! The report, resolved to files and lines.

use palisade_controls::Place;
use palisade_document::Origin;
use palisade_estate::azure::{AzureFirewall, ManagedCluster};
use palisade_estate::{Estate, Unknown};
use palisade_packet::Set;
use palisade_reach::azure::outbound::{Destination, Feature, Need, Needs, Presence, Protocol};
use palisade_reach::azure::{Outcome, Rule};
use palisade_reach::egress::{Answer, Beyond, Passing, Review, ReviewedRule, Site, Standing, To};
use palisade_remedy::egress::{Group, Proof};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Location;
use crate::connectivity::flow::FlowVerdict;
use crate::connectivity::way::Cause;

/// What clusters need outbound and what becomes of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EgressReport {
    /// The version of this format.
    pub version: u32,
    /// The day of the list of what clusters need, as `YYYY-MM-DD`.
    pub endpoints_as_of: String,
    /// The clusters.
    pub clusters: Vec<ClusterEgress>,
    /// The firewalls behind them, with their rules.
    pub firewalls: Vec<FirewallEgress>,
}

/// A cluster.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClusterEgress {
    /// The name.
    pub cluster: String,
    /// The id.
    pub id: String,
    /// Why it isn't known what the cluster needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Cause>,
    /// The setting by which the cluster needs nothing outbound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isolated_by: Option<Location>,
    /// Its features.
    pub features: Vec<FeatureEntry>,
    /// What it needs.
    pub endpoints: Vec<EndpointEntry>,
    /// The ways out of its subnets.
    pub ways: Vec<WayOut>,
    /// Why the ways out aren't known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ways_unknown: Option<Cause>,
    /// The rules that let it work and nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanEntry>,
}

/// A feature.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeatureEntry {
    /// Its name.
    pub feature: &'static str,
    /// Whether the cluster has it; nothing if that isn't known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has: Option<bool>,
    /// The setting that says that it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// Why it isn't known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
}

/// An endpoint.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EndpointEntry {
    /// `tcp`, `udp`, `http` or `https`.
    pub protocol: &'static str,
    /// The port.
    pub port: u16,
    /// A name, a service tag or addresses.
    pub destination: String,
    /// The features that need it.
    pub features: Vec<&'static str>,
    /// Why it isn't known whether it is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doubt: Option<Cause>,
    /// The name that takes the place of this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub superseded_by: Option<String>,
}

/// A way out of some subnets.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WayOut {
    /// The ids of the subnets.
    pub subnets: Vec<String>,
    /// The id of the firewall that their routes lead to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firewall: Option<String>,
    /// Why there is no firewall to be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// What the firewall does with the endpoints, in their order.
    pub answers: Vec<AnswerEntry>,
}

/// What a firewall does with an endpoint.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AnswerEntry {
    /// The place of the endpoint in the list of the cluster.
    pub endpoint: usize,
    /// What becomes of its packets.
    pub verdict: FlowVerdict,
    /// The name about which the verdict is, where others fare better.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The rules that decide.
    pub rules: Vec<RuleEntry>,
    /// Why it is uncertain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
}

/// A rule.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RuleEntry {
    /// Its name.
    pub rule: String,
    /// The id of the resource that holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// Where it is written; nothing for what the firewall does by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// The smallest set of rules that lets a cluster work.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanEntry {
    /// The name of the rule collection group.
    pub group: String,
    /// Its priority.
    pub priority: u16,
    /// Whose packets the rules let pass.
    pub sources: Vec<String>,
    /// The rules.
    pub rules: Vec<PlannedRule>,
    /// Whether the firewall's DNS proxy must be on.
    pub needs_dns_proxy: bool,
    /// What was proved of it.
    pub proof: ProofEntry,
}

/// A rule of a plan.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlannedRule {
    /// `network` or `application`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// `TCP`, `UDP`, `HTTP` or `HTTPS`.
    pub protocol: String,
    /// The ports.
    pub ports: Vec<u16>,
    /// Names, FQDN tags, service tags or addresses.
    pub destinations: Vec<String>,
}

/// What a firewall with nothing but the plan does, over all packets.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProofEntry {
    /// Whether every endpoint passes that is needed for certain.
    pub needed_passes: bool,
    /// Whether nothing else passes for certain.
    pub nothing_else_passes: bool,
    /// What refutes it: packets that pass, or endpoints that don't.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refuted_by: Vec<String>,
    /// Why something else may pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<Cause>,
}

/// A firewall with its rules.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FirewallEgress {
    /// The id.
    pub firewall: String,
    /// The clusters behind it.
    pub clusters: Vec<String>,
    /// Its network and application rules, in their order.
    pub rules: Vec<RuleStanding>,
    /// Why there may be others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Cause>,
}

/// What a rule is to the clusters behind the firewall.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RuleStanding {
    /// The rule.
    #[serde(flatten)]
    pub rule: RuleEntry,
    /// What it is to them.
    pub standing: StandingWord,
    /// The servers that workloads plainly use by it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used_for: Vec<String>,
    /// Why it isn't known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
}

/// What a rule may be to clusters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StandingWord {
    /// It lets pass what AKS needs, and no other packets of the clusters.
    Needed,
    /// It lets pass what AKS needs, and other packets of the clusters, or may.
    NeededAndMore,
    /// AKS doesn't need it; workloads plainly use it.
    Used,
    /// AKS doesn't need it, and no workload plainly uses it.
    NotNeeded,
    /// It isn't about packets of the clusters.
    OfOthers,
    /// It drops.
    Denies,
    /// The input doesn't tell.
    Unknown,
}

impl ClusterEgress {
    /// A cluster of which it isn't known what it needs.
    pub fn unknown(cluster: &ManagedCluster<'_>, cause: &Unknown) -> Self {
        Self {
            cluster: cluster.name().to_owned(),
            id: cluster.id().to_string(),
            unknown: Some(cause_of(cause)),
            isolated_by: None,
            features: Vec::new(),
            endpoints: Vec::new(),
            ways: Vec::new(),
            ways_unknown: None,
            plan: None,
        }
    }

    /// A cluster with what it needs.
    pub fn new(cluster: &ManagedCluster<'_>, needs: &Needs) -> Self {
        let estate = cluster.estate();
        let features = needs.features.iter();
        let own = features.filter(|(feature, _)| *feature != Feature::Base);
        Self {
            cluster: cluster.name().to_owned(),
            id: cluster.id().to_string(),
            unknown: None,
            isolated_by: needs.isolated.map(|origin| place(estate, origin)),
            features: own
                .map(|(feature, presence)| feature_entry(estate, *feature, presence))
                .collect(),
            endpoints: needs.needs.iter().map(endpoint_entry).collect(),
            ways: Vec::new(),
            ways_unknown: None,
            plan: None,
        }
    }
}

fn feature_entry(estate: &Estate, feature: Feature, presence: &Presence) -> FeatureEntry {
    let (has, location, cause) = match presence {
        Presence::Has(origin) => (Some(true), origin.map(|at| place(estate, at)), None),
        Presence::HasNot => (Some(false), None, None),
        Presence::Unknown(unknown) => (None, None, Some(cause_of(unknown))),
    };
    FeatureEntry {
        feature: feature.as_str(),
        has,
        location,
        cause,
    }
}

fn endpoint_entry(need: &Need) -> EndpointEntry {
    let reasons = need.reasons.iter();
    EndpointEntry {
        protocol: need.protocol.as_str(),
        port: need.port,
        destination: destination(&need.destination),
        features: reasons.map(|reason| reason.feature.as_str()).collect(),
        doubt: need.doubt.as_ref().map(cause_of),
        superseded_by: need.superseded_by.clone(),
    }
}

fn destination(destination: &Destination) -> String {
    match destination {
        Destination::Name(name) => name.clone(),
        Destination::ServiceTag(tag) => format!("service tag {tag}"),
        Destination::ApiServer(Ok(name)) => format!("API server {name}"),
        Destination::ApiServer(Err(_)) => "API server".to_owned(),
        Destination::Addresses(addresses) => {
            let texts: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            format!("DNS servers {}", texts.join(", "))
                .trim_end()
                .to_owned()
        }
    }
}

impl WayOut {
    /// The way by a firewall.
    pub fn by(
        estate: &Estate,
        device: &AzureFirewall<'_>,
        sites: &[Site<'_>],
        answers: &[Answer],
    ) -> Self {
        let answers = answers.iter().enumerate();
        Self {
            subnets: sites
                .iter()
                .map(|site| site.subnet.id().to_string())
                .collect(),
            firewall: Some(device.id().to_string()),
            cause: None,
            answers: answers
                .map(|(endpoint, answer)| answer_entry(estate, endpoint, answer))
                .collect(),
        }
    }

    /// The way of a subnet without a firewall.
    pub fn without(site: &Site<'_>, cause: &Unknown) -> Self {
        Self {
            subnets: vec![site.subnet.id().to_string()],
            firewall: None,
            cause: Some(cause_of(cause)),
            answers: Vec::new(),
        }
    }
}

fn answer_entry(estate: &Estate, endpoint: usize, answer: &Answer) -> AnswerEntry {
    let rules = answer.rules.iter().map(|rule| rule_entry(estate, rule));
    AnswerEntry {
        endpoint,
        verdict: verdict(&answer.outcome),
        name: answer.name.clone(),
        rules: rules.collect(),
        causes: match &answer.outcome {
            Outcome::Uncertain(causes) => causes.iter().map(cause_of).collect(),
            _ => Vec::new(),
        },
    }
}

impl PlanEntry {
    /// A plan with its proof.
    pub fn new(group: &Group, needs: &Needs, proof: &Proof) -> Self {
        let network = group.plan.network.iter().map(|rule| PlannedRule {
            kind: "network",
            name: rule.name.clone(),
            protocol: rule.transport.as_str().to_owned(),
            ports: rule.ports.iter().copied().collect(),
            destinations: match &rule.to {
                To::Name(name) => vec![name.clone()],
                To::Addresses(addresses) => addresses.clone(),
            },
        });
        let application = group.plan.application.iter().map(|rule| PlannedRule {
            kind: "application",
            name: rule.name.clone(),
            protocol: rule.protocol.as_str().to_ascii_uppercase(),
            ports: vec![rule.port],
            destinations: rule.tags.iter().chain(&rule.names).cloned().collect(),
        });
        Self {
            group: group.name.clone(),
            priority: group.priority,
            sources: group.plan.sources.clone(),
            rules: network.chain(application).collect(),
            needs_dns_proxy: group.plan.needs_dns_proxy(),
            proof: ProofEntry::new(needs, &proof.answers, &proof.beyond),
        }
    }
}

impl ProofEntry {
    fn new(needs: &Needs, answers: &[Answer], beyond: &Beyond) -> Self {
        let certain = needs.needs.iter().zip(answers);
        let blocked = certain
            .filter(|(need, answer)| need.doubt.is_none() && answer.outcome != Outcome::Allowed);
        let blocked: Vec<_> = blocked
            .map(|(need, _)| format!("{} doesn't pass for certain", title(need)))
            .collect();
        Self {
            // As many answers as needs: a proof that wasn't run proves nothing.
            needed_passes: blocked.is_empty() && answers.len() == needs.needs.len(),
            nothing_else_passes: beyond.passing.is_empty(),
            refuted_by: blocked
                .into_iter()
                .chain(beyond.passing.iter().map(passing))
                .collect(),
            open: beyond.open.iter().map(cause_of).collect(),
        }
    }

    /// Whether both hold.
    pub fn holds(&self) -> bool {
        self.needed_passes && self.nothing_else_passes
    }
}

fn passing(passing: &Passing) -> String {
    let Some((sources, (destinations, traffic))) = passing
        .packets
        .parts()
        .first()
        .and_then(|(sources, rest)| Some((sources, rest.parts().first().cloned()?)))
    else {
        return String::new();
    };
    let address = |set: &palisade_packet::AddressSet| {
        set.witness()
            .map_or_else(String::new, |address| address.to_string())
    };
    let name = passing.name.as_ref().map(|name| format!(" for {name}"));
    format!(
        "{traffic} from {} to {}{} passes by {}",
        address(sources),
        address(&destinations),
        name.unwrap_or_default(),
        passing.rule.name
    )
}

impl FirewallEgress {
    /// A firewall with its rules.
    pub fn new(device: &AzureFirewall<'_>, clusters: Vec<String>, review: &Review) -> Self {
        let estate = device.estate();
        Self {
            firewall: device.id().to_string(),
            clusters,
            rules: review
                .rules
                .iter()
                .map(|rule| standing(estate, rule))
                .collect(),
            gaps: review.gaps.iter().map(cause_of).collect(),
        }
    }
}

fn standing(estate: &Estate, reviewed: &ReviewedRule) -> RuleStanding {
    let (standing, used_for, cause) = match &reviewed.standing {
        Standing::Needed { and_more: false } => (StandingWord::Needed, Vec::new(), None),
        Standing::Needed { and_more: true } => (StandingWord::NeededAndMore, Vec::new(), None),
        Standing::Used(servers) => (StandingWord::Used, servers.clone(), None),
        Standing::NotNeeded => (StandingWord::NotNeeded, Vec::new(), None),
        Standing::OfOthers => (StandingWord::OfOthers, Vec::new(), None),
        Standing::Denies => (StandingWord::Denies, Vec::new(), None),
        Standing::Unknown(unknown) => (StandingWord::Unknown, Vec::new(), Some(cause_of(unknown))),
    };
    RuleStanding {
        rule: rule_entry(estate, &reviewed.rule),
        standing,
        used_for,
        cause,
    }
}

impl EgressReport {
    /// Whether a firewall drops what a cluster needs, or a plan isn't proved. A name that another
    /// takes the place of doesn't count.
    pub fn is_refuted(&self) -> bool {
        self.clusters.iter().any(|cluster| {
            let mut answers = cluster.ways.iter().flat_map(|way| &way.answers);
            let is_dropped = answers.any(|answer| {
                let endpoint = &cluster.endpoints[answer.endpoint];
                answer.verdict == FlowVerdict::Denied
                    && endpoint.doubt.is_none()
                    && endpoint.superseded_by.is_none()
            });
            is_dropped
                || cluster
                    .plan
                    .as_ref()
                    .is_some_and(|plan| !plan.proof.holds())
        })
    }

    /// Whether something isn't known of what is needed, or of what becomes of it.
    pub fn is_uncertain(&self) -> bool {
        self.clusters.iter().any(|cluster| {
            let mut answers = cluster.ways.iter().flat_map(|way| &way.answers);
            cluster.unknown.is_some()
                || cluster.ways_unknown.is_some()
                || cluster.ways.iter().any(|way| way.cause.is_some())
                || cluster
                    .endpoints
                    .iter()
                    .any(|endpoint| endpoint.doubt.is_some())
                || answers.any(|answer| answer.verdict == FlowVerdict::Uncertain)
        })
    }
}

fn verdict(outcome: &Outcome) -> FlowVerdict {
    match outcome {
        Outcome::Allowed => FlowVerdict::Allowed,
        Outcome::Denied => FlowVerdict::Denied,
        Outcome::Uncertain(_) => FlowVerdict::Uncertain,
    }
}

fn rule_entry(estate: &Estate, rule: &Rule) -> RuleEntry {
    RuleEntry {
        rule: rule.name.clone(),
        resource: rule.resource.as_ref().map(ToString::to_string),
        location: rule.origin.map(|origin| place(estate, origin)),
    }
}

fn place(estate: &Estate, origin: Origin) -> Location {
    crate::location::location(estate, &Place::Value(origin), "", false)
}

/// What the input doesn't tell.
pub fn cause_of(unknown: &Unknown) -> Cause {
    Cause {
        cause: unknown.cause.clone(),
        supply: unknown.supply.clone(),
    }
}

fn title(need: &Need) -> String {
    let protocol = match need.protocol {
        Protocol::Tcp => "TCP",
        Protocol::Udp => "UDP",
        Protocol::Http => "HTTP",
        Protocol::Https => "HTTPS",
    };
    format!(
        "{protocol} {} {}",
        need.port,
        destination(&need.destination)
    )
}
