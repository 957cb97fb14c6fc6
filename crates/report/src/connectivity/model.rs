//! The model that every format of connectivity is written from.

use palisade_controls::Place;
use palisade_document::Origin;
use palisade_estate::Estate;
use palisade_reach::kubernetes::{
    Analysis, Condition, EngineKind, Note, NoteKind, Outcome, Rectangle, TrafficTable,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::party::Parties;
use crate::Location;

/// Who reaches whom, cluster by cluster.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectivityReport {
    /// The version of this format.
    pub version: u32,
    /// The clusters.
    pub clusters: Vec<ClusterConnectivity>,
}

/// Who reaches whom in one cluster.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClusterConnectivity {
    /// The cluster's name; `manifests` where no managed cluster is known.
    pub cluster: String,
    /// What enforces policies: `none`, `conformant`, `azure`, `calico` or `cilium`.
    pub engine: String,
    /// Who sends and receives.
    pub parties: Vec<Party>,
    /// What gets through; between parties that aren't named here nothing does.
    pub connections: Vec<Connection>,
    /// What whoever wrote the policies should know.
    pub notes: Vec<PolicyNote>,
    /// Whether parties were left out.
    #[serde(skip)]
    pub(super) is_excerpt: bool,
}

/// Endpoints of one namespace that no policy tells apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Party {
    /// What it is.
    pub kind: PartyKind,
    /// The namespace of pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its members: workloads as `Kind/name`, nodes by name, outside addresses as ranges.
    pub members: Vec<String>,
    /// How many pods of the input it has; a workload without pods in the input counts as one.
    pub pods: usize,
}

/// What a party is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PartyKind {
    /// Pods on networks of their own.
    Pods,
    /// Pods on the networks of their nodes, which no policy selects.
    HostPods,
    /// Nodes.
    Node,
    /// Addresses outside the cluster.
    Outside,
}

/// What gets through from one party to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// The source: an index of `parties`.
    pub from: usize,
    /// The destination: an index of `parties`.
    pub to: usize,
    /// What gets through for certain: `all traffic`, `TCP 80, 443; UDP 53`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<String>,
    /// What may get through and may not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncertain: Option<String>,
    /// What the uncertain traffic hangs on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<String>,
}

/// Something about a policy.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyNote {
    /// What kind of note it is.
    pub kind: &'static str,
    /// The policy: `namespace/Kind/name`.
    pub policy: String,
    /// What is to be said.
    pub message: String,
    /// The place.
    pub location: Location,
}

impl ConnectivityReport {
    /// The connectivity of clusters, each by name with its analysis.
    pub fn new(estate: &Estate, clusters: &[(&str, Analysis<'_>)]) -> Self {
        let clusters = clusters
            .iter()
            .map(|(name, analysis)| ClusterConnectivity::new(estate, name, analysis));
        Self {
            version: 1,
            clusters: clusters.collect(),
        }
    }

    /// Leaves out the connections that `is_wanted` doesn't want, and the parties without any.
    pub fn retain(&mut self, is_wanted: impl Fn(&Party, &Party) -> bool) {
        for cluster in &mut self.clusters {
            cluster.retain(&is_wanted);
        }
    }
}

impl ClusterConnectivity {
    fn new(estate: &Estate, cluster: &str, analysis: &Analysis<'_>) -> Self {
        let rectangles = analysis.connectivity().rectangles();
        let parties = Parties::of(analysis, &rectangles);
        let connections = connections(&rectangles, &parties, analysis);
        let notes = analysis
            .notes
            .iter()
            .filter(|note| note.kind != NoteKind::Nobody);
        Self {
            cluster: cluster.to_owned(),
            engine: analysis.engine.kind.as_str().to_owned(),
            parties: parties.list,
            connections,
            notes: notes.map(|note| PolicyNote::of(note, estate)).collect(),
            is_excerpt: false,
        }
    }

    /// Whether nothing enforces policies.
    pub fn is_unenforced(&self) -> bool {
        self.engine == EngineKind::None.as_str()
    }

    /// What to call all parties in the cluster.
    pub(super) fn everything(&self) -> &'static str {
        match self.is_excerpt {
            true => "everything shown of the cluster",
            false => "everything in the cluster",
        }
    }

    /// What to call all addresses outside.
    pub(super) fn everything_outside(&self) -> &'static str {
        match self.is_excerpt {
            true => "everything shown of the outside",
            false => "everything outside",
        }
    }

    /// The connections from a party.
    pub fn connections_from(&self, from: usize) -> &[Connection] {
        let start = self.connections.partition_point(|known| known.from < from);
        let length = self.connections[start..].partition_point(|known| known.from == from);
        &self.connections[start..start + length]
    }

    fn retain(&mut self, is_wanted: &impl Fn(&Party, &Party) -> bool) {
        let parties = &self.parties;
        self.connections
            .retain(|connection| is_wanted(&parties[connection.from], &parties[connection.to]));
        let mut is_used = vec![false; parties.len()];
        for connection in &self.connections {
            is_used[connection.from] = true;
            is_used[connection.to] = true;
        }
        let mut numbers = Vec::with_capacity(is_used.len());
        let mut kept = 0;
        for used in &is_used {
            numbers.push(kept);
            kept += usize::from(*used);
        }
        for connection in &mut self.connections {
            connection.from = numbers[connection.from];
            connection.to = numbers[connection.to];
        }
        self.is_excerpt |= is_used.contains(&false);
        let mut used = is_used.iter();
        self.parties.retain(|_| used.next() == Some(&true));
    }
}

/// What gets through between parties, ordered by source and destination.
fn connections(
    rectangles: &[Rectangle],
    parties: &Parties,
    analysis: &Analysis<'_>,
) -> Vec<Connection> {
    let mut table = analysis.table();
    let mut connections = Vec::new();
    for rectangle in rectangles {
        let sources = parties.within(&rectangle.sources);
        let destinations = parties.within(&rectangle.destinations);
        let (allowed, uncertain, conditions) = texts(&rectangle.outcome, &mut table);
        for &from in &sources {
            for &to in &destinations {
                if from == to && parties.list[from].is_alone() {
                    continue;
                }
                connections.push(Connection {
                    from,
                    to,
                    allowed: allowed.clone(),
                    uncertain: uncertain.clone(),
                    conditions: conditions.clone(),
                });
            }
        }
    }
    connections.sort_by_key(|connection| (connection.from, connection.to));
    connections
}

/// What is allowed, what is in doubt, and what it hangs on.
pub(super) fn texts(
    outcome: &Outcome,
    table: &mut TrafficTable,
) -> (Option<String>, Option<String>, Vec<String>) {
    let allowed = outcome.certainly_allowed(table);
    let uncertain = outcome.uncertain(table);
    let text = |id, table: &TrafficTable| {
        let traffic = table.get(id);
        let text = traffic.to_string();
        (!palisade_packet::Set::is_empty(traffic)).then_some(text)
    };
    let conditions = condition_texts(outcome, table);
    (text(allowed, table), text(uncertain, table), conditions)
}

/// What an outcome hangs on, each once.
pub(super) fn condition_texts(outcome: &Outcome, table: &TrafficTable) -> Vec<String> {
    let conditions = outcome.conditions.iter();
    let mut texts: Vec<_> = conditions
        .map(|(_, condition)| condition_text(table.condition(*condition)))
        .collect();
    texts.sort();
    texts.dedup();
    texts
}

/// A condition in words: what must be so for the traffic to get through.
pub(super) fn condition_text(condition: &Condition) -> String {
    match condition {
        Condition::Unknown { cause, supply } => format!("{cause} (supply: {supply})"),
        Condition::Layer7(request) => format!("only {request}"),
        Condition::Name(name) => format!("only to addresses of {name}"),
    }
}

impl PolicyNote {
    fn of(note: &Note<'_>, estate: &Estate) -> Self {
        let object = &note.object;
        let namespace = object.namespace().map(|name| format!("{name}/"));
        Self {
            kind: note_word(note.kind),
            policy: format!(
                "{}{}/{}",
                namespace.unwrap_or_default(),
                object.kind(),
                object.name()
            ),
            message: note.message.clone(),
            location: location(estate, note.origin),
        }
    }
}

fn note_word(kind: NoteKind) -> &'static str {
    match kind {
        NoteKind::NotEnforced => "not enforced",
        NoteKind::Refused => "refused",
        NoteKind::Ignored => "ignored",
        NoteKind::Migration => "migration",
        NoteKind::Pitfall => "pitfall",
        NoteKind::Nobody => "nobody",
    }
}

fn location(estate: &Estate, origin: Origin) -> Location {
    crate::location::location(estate, &Place::Value(origin), "", false)
}
