//! Intents and what became of them.

use std::collections::BTreeMap;
use std::io::{self, Write};

use palisade_estate::Estate;
use palisade_packet::Traffic;
use palisade_reach::azure::Network;
use palisade_reach::intent::{Expect, Intent};
use palisade_reach::kubernetes::{Analysis, EndpointKind};
use palisade_reach::proof::{Answer, Counterexample, Prover};
use schemars::JsonSchema;
use serde::Serialize;

use super::flow::{Flow, FlowVerdict, write_flow};
use super::model::condition_text;
use super::way::Way;
use crate::plain_text::one_line;

/// Intents and what became of them, cluster by cluster.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProofReport {
    /// The version of this format.
    pub version: u32,
    /// The intents, in their order.
    pub intents: Vec<ProvedIntent>,
}

/// An intent and what became of it in one cluster.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProvedIntent {
    /// The intent's name.
    pub name: String,
    /// What it expects: `allow`, `deny` or `only-via`.
    pub expect: &'static str,
    /// The place that packets must pass, for `only-via`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// The file in which it stands.
    pub path: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
    /// The cluster; nothing where no cluster has what the intent names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// What became of it.
    pub verdict: ProofVerdict,
    /// Whether Azure's network was asked, and not the policies of the cluster alone.
    pub in_network: bool,
    /// Why it isn't known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// A packet that violates it, with what decides about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counterexample: Option<Flow>,
}

/// What became of an intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProofVerdict {
    /// It holds for every packet.
    Holds,
    /// A packet shows that it doesn't.
    Violated,
    /// It can't be known.
    Unknown,
}

impl ProofVerdict {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Violated => "violated",
            Self::Unknown => "unknown",
        }
    }
}

impl ProofReport {
    /// Proves intents in clusters, each by name with its analysis. An intent is about the
    /// clusters that have what it names. Without a network the policies alone are asked.
    pub fn new(
        estate: &Estate,
        network: Option<&Network<'_>>,
        clusters: &[(&str, Analysis<'_>)],
        intents: &[Intent<'_>],
    ) -> Self {
        let mut answers: BTreeMap<usize, Vec<ProvedIntent>> = BTreeMap::new();
        let mut has_sources = vec![false; intents.len()];
        for (cluster, analysis) in clusters {
            let mut prover = Prover::new(analysis);
            let mut own = estate.clusters();
            if let (Some(network), Some(own)) = (network, own.find(|own| own.name() == *cluster)) {
                prover = prover.in_network(network, &own);
            }
            for (number, intent) in intents.iter().enumerate() {
                let answer = prover.prove(intent);
                if let Answer::NotHere { has_sources: has } = answer {
                    has_sources[number] |= has;
                    continue;
                }
                let proved = ProvedIntent::of(intent, answer, (estate, cluster, analysis), &prover);
                answers.entry(number).or_default().push(proved);
            }
        }
        let found = intents.iter().enumerate().flat_map(|(number, intent)| {
            let known = answers.remove(&number);
            known.unwrap_or_else(|| vec![ProvedIntent::of_nobody(intent, has_sources[number])])
        });
        Self {
            version: 1,
            intents: found.collect(),
        }
    }

    /// How many intents have a verdict.
    pub fn count(&self, verdict: ProofVerdict) -> usize {
        let intents = self.intents.iter();
        intents.filter(|intent| intent.verdict == verdict).count()
    }
}

impl ProvedIntent {
    fn new(intent: &Intent<'_>) -> Self {
        let at = intent.at.position();
        Self {
            name: intent.name.to_owned(),
            expect: intent.expect.as_str(),
            via: match intent.expect {
                Expect::OnlyVia(via) => Some(via.to_string()),
                Expect::Allow | Expect::Deny => None,
            },
            path: intent.at.document().text().path().to_owned(),
            line: at.line,
            column: at.column,
            cluster: None,
            verdict: ProofVerdict::Unknown,
            in_network: false,
            reasons: Vec::new(),
            counterexample: None,
        }
    }

    fn of_nobody(intent: &Intent<'_>, has_sources: bool) -> Self {
        let side = if has_sources { "to" } else { "from" };
        Self {
            reasons: vec![format!("no cluster of the input has what `{side}` names")],
            ..Self::new(intent)
        }
    }

    fn of(
        intent: &Intent<'_>,
        answer: Answer,
        (estate, cluster, analysis): (&Estate, &str, &Analysis<'_>),
        prover: &Prover<'_, '_>,
    ) -> Self {
        let new = Self {
            cluster: Some(cluster.to_owned()),
            in_network: prover.is_in_network(),
            ..Self::new(intent)
        };
        match answer {
            Answer::Holds => Self {
                verdict: ProofVerdict::Holds,
                ..new
            },
            Answer::Violated(packet) => Self {
                verdict: ProofVerdict::Violated,
                counterexample: Some({
                    let flow = flow(estate, cluster, analysis, &packet);
                    led_out(flow, estate, prover, &packet)
                }),
                ..new
            },
            Answer::Unknown(conditions) => Self {
                reasons: conditions.iter().map(condition_text).collect(),
                ..new
            },
            Answer::NotHere { has_sources } => Self::of_nobody(intent, has_sources),
        }
    }
}

fn flow(estate: &Estate, cluster: &str, analysis: &Analysis<'_>, packet: &Counterexample) -> Flow {
    let traffic = Traffic::from(packet.header);
    let explanation = analysis.explain(packet.source, packet.destination, traffic);
    let name = |id, address: Option<std::net::IpAddr>| match address {
        Some(address) => address.to_string(),
        None => endpoint_name(analysis, id),
    };
    let names = (
        name(packet.source, packet.source_address),
        name(packet.destination, packet.destination_address),
    );
    Flow::new(estate, cluster, analysis, &explanation, names)
}

/// The flow with its ways through Azure's network, if the policies let it out.
fn led_out(flow: Flow, estate: &Estate, prover: &Prover<'_, '_>, packet: &Counterexample) -> Flow {
    let leaves = flow.verdict != FlowVerdict::Denied;
    let Some(ways) = prover.ways_out(packet).filter(|_| leaves) else {
        return flow;
    };
    let ways = ways.map(|ways| {
        let ways = ways
            .iter()
            .map(|(start, traces)| Way::out(estate, start, traces));
        ways.collect()
    });
    flow.through(ways, &Traffic::from(packet.header))
}

/// What to call an endpoint: one of its workloads, since they are alike.
fn endpoint_name(analysis: &Analysis<'_>, id: palisade_reach::kubernetes::EndpointId) -> String {
    let endpoints = &analysis.endpoints;
    let endpoint = endpoints.get(id);
    match &endpoint.kind {
        EndpointKind::Pods { workloads, .. } | EndpointKind::HostPods { workloads, .. } => {
            let first = workloads
                .first()
                .map(|&number| &endpoints.workloads()[number]);
            first.map_or_else(String::new, |workload| {
                format!("{}/{}/{}", workload.namespace, workload.kind, workload.name)
            })
        }
        EndpointKind::Node(node) => format!("node {}", node.name()),
        EndpointKind::Outside => endpoint.addresses.to_string(),
    }
}

/// Writes what became of the intents for people: those that hold a line each.
pub fn write_terminal(report: &ProofReport, mut out: impl Write) -> io::Result<()> {
    for intent in &report.intents {
        let cluster = intent.cluster.as_ref().map(|name| format!("  [{name}]"));
        writeln!(
            out,
            "{:<9} {}{}",
            intent.verdict.as_str(),
            one_line(&intent.name),
            one_line(&cluster.unwrap_or_default())
        )?;
        if intent.verdict == ProofVerdict::Holds {
            continue;
        }
        let path = one_line(&intent.path);
        writeln!(out, "  --> {path}:{}:{}", intent.line, intent.column)?;
        for reason in &intent.reasons {
            writeln!(out, "  because: {}", one_line(reason))?;
        }
        if let Some(flow) = &intent.counterexample {
            let instead = match &intent.via {
                Some(via) => format!("should pass {}, but this packet doesn't", one_line(via)),
                None if intent.expect == Expect::Deny.as_str() => {
                    "should be denied, but this packet isn't".to_owned()
                }
                None => "should be allowed, but this packet isn't".to_owned(),
            };
            writeln!(out, "  {instead}:")?;
            let mut text = Vec::new();
            write_flow(flow, &mut text)?;
            for line in String::from_utf8_lossy(&text).lines() {
                writeln!(out, "    {line}")?;
            }
        }
        writeln!(out)?;
    }
    let count = |verdict| report.count(verdict);
    writeln!(
        out,
        "{} violated, {} unknown, {} hold",
        count(ProofVerdict::Violated),
        count(ProofVerdict::Unknown),
        count(ProofVerdict::Holds)
    )
}
