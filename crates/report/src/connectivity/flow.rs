//! One flow explained: what decides about it, where that is written, and what would have to be
//! so for it to get through.

use std::io::{self, Write};

use palisade_controls::Place;
use palisade_estate::Estate;
use palisade_estate::kubernetes::PolicyType;
use palisade_packet::{Set, Traffic};
use palisade_reach::kubernetes::{
    Action, Analysis, Caveat, Decision, Explanation, Hop, MissingRule, Obstacle, Policy,
    TrafficTable,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::model::{condition_text, condition_texts};
use super::way::{Way, write_way};
use crate::Location;
use crate::plain_text::one_line;

/// Flows, each from one endpoint to another.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FlowReport {
    /// The version of this format.
    pub version: u32,
    /// The flows.
    pub flows: Vec<Flow>,
}

/// What becomes of some traffic from one endpoint to another.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Flow {
    /// The cluster.
    pub cluster: String,
    /// The source.
    pub from: String,
    /// The destination.
    pub to: String,
    /// The traffic that was asked about.
    pub traffic: String,
    /// What becomes of it.
    pub verdict: FlowVerdict,
    /// What of it gets through for certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<String>,
    /// What of it may get through and may not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncertain: Option<String>,
    /// What the uncertain traffic hangs on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<String>,
    /// What decides, first at the source, then at the destination.
    pub hops: Vec<FlowHop>,
    /// What becomes of it in Azure's network beyond the cluster, from each subnet that it may
    /// come out of, or by each Service that leads in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ways: Vec<Way>,
    /// What would have to be so for denied traffic to get through.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// What holds beside the policies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caveats: Vec<String>,
}

/// What becomes of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FlowVerdict {
    /// All of it gets through.
    Allowed,
    /// Nothing of it gets through.
    Denied,
    /// Some of it gets through.
    Partly,
    /// It hangs on something, for some of it at least.
    Uncertain,
}

/// A place that decides about some of the traffic.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FlowHop {
    /// Where: `egress` at the source, `ingress` at the destination.
    pub direction: &'static str,
    /// What enforces it.
    pub layer: &'static str,
    /// What decides: a rule, or that no rule does.
    pub decision: String,
    /// `allow`, `deny` or `pass`.
    pub action: &'static str,
    /// The traffic that it decides about.
    pub traffic: String,
    /// What the decision hangs on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// Where it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

impl Flow {
    /// A flow of a cluster from its explanation. The ends are named as the user named them.
    pub fn new(
        estate: &Estate,
        cluster: &str,
        analysis: &Analysis<'_>,
        explanation: &Explanation<'_, '_>,
        (from, to): (String, String),
    ) -> Self {
        let mut table = analysis.table();
        let asked = table.get(explanation.traffic).clone();
        let outcome = &explanation.outcome;
        let allowed = outcome.certainly_allowed(&mut table);
        let uncertain = outcome.uncertain(&mut table);
        let (allowed, uncertain) = (table.get(allowed).clone(), table.get(uncertain).clone());
        let conditions = condition_texts(outcome, &table);
        let side = |direction, hops: &[Hop<'_, '_>]| -> Vec<FlowHop> {
            let hops = hops.iter();
            hops.map(|hop| flow_hop(estate, direction, hop, &table))
                .collect()
        };
        let mut hops = side("egress", &explanation.egress);
        hops.extend(side("ingress", &explanation.ingress));
        let missing = explanation.missing.iter();
        Self {
            cluster: cluster.to_owned(),
            from,
            to,
            traffic: asked.to_string(),
            verdict: verdict(&asked, &allowed, &uncertain),
            allowed: (!allowed.is_empty()).then(|| allowed.to_string()),
            uncertain: (!uncertain.is_empty()).then(|| uncertain.to_string()),
            conditions,
            hops,
            ways: Vec::new(),
            missing: missing.map(|rule| missing_text(rule, &table)).collect(),
            caveats: explanation.caveats.iter().map(caveat).collect(),
        }
    }
}

impl Flow {
    /// A flow that no policy of the cluster is about. Nothing is said yet about what else may
    /// stop it.
    pub fn past_policies(cluster: &str, (from, to): (String, String), traffic: &Traffic) -> Self {
        Self {
            cluster: cluster.to_owned(),
            from,
            to,
            traffic: traffic.to_string(),
            verdict: FlowVerdict::Allowed,
            allowed: Some(traffic.to_string()),
            uncertain: None,
            conditions: Vec::new(),
            hops: Vec::new(),
            ways: Vec::new(),
            missing: Vec::new(),
            caveats: Vec::new(),
        }
    }
}

/// What becomes, by the policies, of what an explanation is about.
pub fn verdict_of(analysis: &Analysis<'_>, explanation: &Explanation<'_, '_>) -> FlowVerdict {
    let mut table = analysis.table();
    let asked = table.get(explanation.traffic).clone();
    let allowed = explanation.outcome.certainly_allowed(&mut table);
    let uncertain = explanation.outcome.uncertain(&mut table);
    verdict(&asked, table.get(allowed), table.get(uncertain))
}

fn verdict(asked: &Traffic, allowed: &Traffic, uncertain: &Traffic) -> FlowVerdict {
    if !uncertain.is_empty() {
        FlowVerdict::Uncertain
    } else if allowed.is_empty() {
        FlowVerdict::Denied
    } else if asked.is_subset(allowed) {
        FlowVerdict::Allowed
    } else {
        FlowVerdict::Partly
    }
}

impl FlowVerdict {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Partly => "partly allowed",
            Self::Uncertain => "uncertain",
        }
    }
}

fn flow_hop(
    estate: &Estate,
    direction: &'static str,
    hop: &Hop<'_, '_>,
    table: &TrafficTable,
) -> FlowHop {
    let place = match &hop.decision {
        Decision::Rule { rule, .. } => Some(rule.origin),
        Decision::Fallback { policies, .. } => {
            let first = policies.first();
            first.map(|policy| policy.object.anchor().origin())
        }
        Decision::End | Decision::NoPolicy | Decision::OwnNode => None,
    };
    FlowHop {
        direction,
        layer: hop.layer,
        decision: decision(&hop.decision),
        action: match hop.action {
            Action::Allow => "allow",
            Action::Deny => "deny",
            Action::Pass => "pass",
        },
        traffic: table.get(hop.traffic).to_string(),
        condition: hop.condition.map(|id| condition_text(table.condition(id))),
        location: place
            .map(|origin| crate::location::location(estate, &Place::Value(origin), "", false)),
    }
}

fn decision(decision: &Decision<'_, '_>) -> String {
    match decision {
        Decision::Rule { policy, rule, .. } => {
            format!("{}, rule {}", policy_name(policy), rule.index + 1)
        }
        Decision::Fallback { stage, policies } => {
            let names: Vec<_> = policies.iter().map(|policy| policy_name(policy)).collect();
            format!(
                "no rule of {} matches, and it is isolated by {}",
                stage.name,
                names.join(", ")
            )
        }
        Decision::End => "no policy that selects it decides".to_owned(),
        Decision::NoPolicy => "no policy selects it".to_owned(),
        Decision::OwnNode => {
            "a pod and the node on which it runs reach each other whatever policies say".to_owned()
        }
    }
}

fn policy_name(policy: &Policy<'_>) -> String {
    let object = &policy.object;
    match object.namespace() {
        Some(namespace) => format!("{} {namespace}/{}", object.kind(), object.name()),
        None => format!("{} {}", object.kind(), object.name()),
    }
}

/// What would let denied traffic through.
fn missing_text(missing: &MissingRule<'_, '_>, table: &TrafficTable) -> String {
    let traffic = table.get(missing.traffic);
    let (list, side) = match missing.direction {
        PolicyType::Ingress => ("ingress", "from"),
        PolicyType::Egress => ("egress", "to"),
    };
    match &missing.obstacle {
        Obstacle::Denied { policy, rule, .. } => format!(
            "rule {} of {} denies {traffic}: it would have to go, or one that allows it come first",
            rule.index + 1,
            policy_name(policy)
        ),
        Obstacle::Isolated { policies, .. } => {
            let first = policies.first();
            let namespace = first.and_then(|policy| policy.object.namespace());
            let peers = missing
                .peer
                .as_network_policy_peer(namespace.unwrap_or_default());
            let peer = match peers.is_empty() {
                true => String::new(),
                false => format!(" with `{side}: [{}]`", peers.join(", ")),
            };
            let names: Vec<_> = policies.iter().map(|policy| policy_name(policy)).collect();
            format!(
                "an {list} rule{peer} that allows {traffic}, in {} or in a policy beside it",
                names.join(" or ")
            )
        }
    }
}

fn caveat(caveat: &Caveat) -> String {
    match caveat {
        Caveat::SamePod => "a pod always reaches itself; this is about another pod that is alike",
        Caveat::Tunnel => {
            "both are in the ambient mesh: policies see TCP as the tunnel to port 15008"
        }
        Caveat::SourceOnHost => {
            "the source is on the network of its node: policies take it for that node"
        }
        Caveat::DestinationOnHost => {
            "the destination is on the network of its node: policies don't select it"
        }
    }
    .to_owned()
}

/// Writes flows for people.
pub fn write_terminal(report: &FlowReport, mut out: impl Write) -> io::Result<()> {
    for (number, flow) in report.flows.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        write_flow(flow, &mut out)?;
    }
    Ok(())
}

pub(super) fn write_flow(flow: &Flow, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "{}: {} → {}, {}  [{}]",
        flow.verdict.as_str(),
        one_line(&flow.from),
        one_line(&flow.to),
        one_line(&flow.traffic),
        one_line(&flow.cluster)
    )?;
    if let Some(allowed) = flow.allowed.as_ref().filter(|_| !flow.is_whole()) {
        writeln!(out, "  gets through: {allowed}")?;
    }
    if let Some(uncertain) = &flow.uncertain {
        writeln!(out, "  uncertain: {uncertain}")?;
        for condition in &flow.conditions {
            writeln!(out, "    because: {}", one_line(condition))?;
        }
    }
    for hop in &flow.hops {
        write_hop(hop, out)?;
    }
    for way in &flow.ways {
        write_way(way, out)?;
    }
    for missing in &flow.missing {
        writeln!(out, "  to let it through: {}", one_line(missing))?;
    }
    for caveat in &flow.caveats {
        writeln!(out, "  note: {}", one_line(caveat))?;
    }
    Ok(())
}

impl Flow {
    fn is_whole(&self) -> bool {
        self.verdict == FlowVerdict::Allowed
    }
}

/// Where something stands, so many characters from the margin.
pub(crate) fn write_place(
    place: &Location,
    indent: usize,
    out: &mut (impl Write + ?Sized),
) -> io::Result<()> {
    let (path, line, column) = (one_line(&place.path), place.start_line, place.start_column);
    writeln!(out, "{:indent$}--> {path}:{line}:{column}", "")
}

fn write_hop(hop: &FlowHop, out: &mut impl Write) -> io::Result<()> {
    let condition = hop.condition.as_ref().map(|text| format!(", if {text}"));
    writeln!(
        out,
        "  {:<7} {:<5} {}: {}{}",
        hop.direction,
        hop.action,
        one_line(&hop.traffic),
        one_line(&hop.decision),
        one_line(&condition.unwrap_or_default())
    )?;
    if let Some(place) = &hop.location {
        write_place(place, 10, out)?;
    }
    Ok(())
}
