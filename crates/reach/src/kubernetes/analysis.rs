//! A cluster's policies, translated and ready to be asked.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use palisade_document::{Diagnostic, Level, Origin};
use palisade_estate::kubernetes::{PolicyType, Remark};
use palisade_estate::{Cluster, Object};

use palisade_packet::{AddressSet, Set};

use super::ambient::Ambient;
use super::evaluation::{
    Applying, Outcome, Pair, Question, Unwatched, Walk, Witness, applying, meet_all,
};
use super::exposure::PodToCome;
use super::own_node::OwnNodes;
use super::program::{Layer, Note, NoteKind, OwnNode, Program};
use super::table::{TrafficId, TrafficTable};
use super::translator::Translator;
use super::{
    ConditionId, Connectivity, EndpointId, EndpointSet, Endpoints, Engine, compose, outside,
};

/// What to take for granted.
#[derive(Clone, Debug)]
pub struct Options {
    /// The engine that runs in the cluster.
    pub engine: Engine,
    /// Whether a namespace whose object isn't in the input has no label but its name. Otherwise
    /// a selector that asks for another label may or may not select it.
    pub bare_namespaces: bool,
    /// Where the addresses of pods lie that the input doesn't tell. Where this isn't known
    /// either, it is the cluster's own range (`networkProfile.podCidrs`), or else anywhere.
    pub pod_addresses: Option<AddressSet>,
    /// Policies to leave out as if they weren't in the input, by their anchors.
    pub without: BTreeSet<Origin>,
    /// Whether there are pods as well that stand for those that a namespace could have
    /// ([`Endpoints::stand_ins`]).
    pub with_stand_ins: bool,
}

impl Options {
    /// Nothing taken for granted but the engine.
    pub fn new(engine: Engine) -> Self {
        Self {
            engine,
            bare_namespaces: false,
            pod_addresses: None,
            without: BTreeSet::new(),
            with_stand_ins: false,
        }
    }
}

/// A cluster's endpoints and what its policies say about them.
pub struct Analysis<'e> {
    /// Who sends and receives.
    pub endpoints: Endpoints<'e>,
    /// The policies of the cluster, of every dialect, whether or not the engine enforces them; of
    /// two with one name the first.
    pub policies: Vec<Object<'e>>,
    /// What the policies say.
    pub program: Program<'e>,
    /// The engine.
    pub engine: Engine,
    /// What whoever wrote the policies should know.
    pub notes: Vec<Note<'e>>,
    /// What was wrong with objects.
    pub diagnostics: Vec<Diagnostic>,
    pub(super) table: Mutex<TrafficTable>,
    pub(super) own_nodes: OwnNodes,
    pub(super) ambient: Ambient,
    /// The conditions that labels aren't known.
    pub(super) about_labels: Vec<ConditionId>,
}

/// Translates the policies of a cluster.
pub fn analyse<'e>(cluster: &Cluster<'e>, options: &Options) -> Analysis<'e> {
    analyse_with(cluster, options, &[])
}

/// The same with pods that aren't there yet.
pub(super) fn analyse_with<'e>(
    cluster: &Cluster<'e>,
    options: &Options,
    to_come: &[PodToCome<'e>],
) -> Analysis<'e> {
    let endpoints = Endpoints::read(cluster, options, to_come);
    let translator = Translator::new(endpoints, options.engine, options);
    let (policies, mut program) = compose::program(cluster, &translator, &options.without);
    let (own_nodes, ambient) = (OwnNodes::of(&translator), Ambient::of(&translator));
    let about_labels = translator.conditions_about_labels();
    let (mut endpoints, table, mut notes, remarks) = translator.finish();
    endpoints.add_outside(outside::cut(address_sets(&program)));
    place_outside(&mut program, &endpoints);
    let remarks = remarks.into_vec();
    notes.extend(dropped(&remarks, &policies));
    let mut diagnostics: Vec<_> = remarks.iter().map(|remark| remark.diagnostic()).collect();
    diagnostics.sort();
    diagnostics.dedup();
    Analysis {
        endpoints,
        policies,
        program,
        engine: options.engine,
        notes,
        diagnostics,
        table: Mutex::new(table),
        own_nodes,
        ambient,
        about_labels,
    }
}

/// What the API server drops of a policy, as notes on it.
fn dropped<'r, 'e>(
    remarks: &'r [Remark<'e>],
    policies: &'r [Object<'e>],
) -> impl Iterator<Item = Note<'e>> {
    let warnings = remarks.iter();
    let warnings = warnings.filter(|remark| remark.level == Level::Warning);
    warnings.filter_map(|remark| {
        let at = remark.at.span();
        let holds = |policy: &&Object<'e>| {
            let whole = policy.body().span();
            let is_there = whole.start <= at.start && at.end <= whole.end;
            is_there && policy.body().origin().document == remark.at.origin().document
        };
        Some(Note {
            kind: NoteKind::Ignored,
            object: *policies.iter().find(holds)?,
            origin: remark.at.origin(),
            message: remark.message.clone(),
        })
    })
}

/// What the policies of a direction are asked.
#[derive(Clone, Copy)]
pub(super) struct Asked<'q> {
    pub(super) direction: PolicyType,
    pub(super) subject: EndpointId,
    pub(super) peers: &'q EndpointSet,
    pub(super) traffic: TrafficId,
}

fn address_sets<'p>(program: &'p Program<'_>) -> impl Iterator<Item = &'p AddressSet> {
    let layers = program.ingress.iter().chain(&program.egress);
    layers
        .flat_map(|layer| &layer.stages)
        .flat_map(|stage| &stage.policies)
        .flat_map(|policy| &policy.rules)
        .map(|rule| &rule.peers.addresses)
}

/// Gives every rule the outside endpoints that its addresses are.
fn place_outside(program: &mut Program<'_>, endpoints: &Endpoints<'_>) {
    let mut known = HashMap::new();
    let layers = program.ingress.iter_mut().chain(&mut program.egress);
    let rules = layers
        .flat_map(|layer| &mut layer.stages)
        .flat_map(|stage| &mut stage.policies)
        .flat_map(|policy| &mut policy.rules);
    for rule in rules {
        if rule.peers.addresses.is_empty() {
            continue;
        }
        let addresses = &rule.peers.addresses;
        if !known.contains_key(addresses) {
            let pieces = endpoints.outside();
            let within = pieces
                .iter()
                .filter(|id| endpoints.get(*id).addresses.is_subset(addresses));
            known.insert(addresses.clone(), within.collect::<EndpointSet>());
        }
        if let Some(outside) = known.get(addresses) {
            rule.peers.endpoints.extend(outside);
        }
    }
}

impl<'e> Analysis<'e> {
    /// All pairs.
    pub fn connectivity(&self) -> Connectivity<'_, 'e> {
        Connectivity::of(self)
    }

    /// The sets of traffic and the conditions. Held while the guard lives: take it for a moment.
    pub fn table(&self) -> MutexGuard<'_, TrafficTable> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the policies at an endpoint say about traffic to or from some peers. The parts are
    /// disjoint, cover the peers, and differ in their outcomes.
    pub fn outcomes(
        &self,
        direction: PolicyType,
        subject: EndpointId,
        peers: &EndpointSet,
    ) -> Vec<(EndpointSet, Outcome)> {
        let mut table = self.table();
        let layers = self.program.layers(direction).iter().map(|layer| {
            let asked = Asked {
                direction,
                subject,
                peers,
                traffic: TrafficId::ALL,
            };
            let applying = applying(layer, subject);
            self.walk(layer, &applying, asked, &mut table, &mut Unwatched)
        });
        let layers = layers.collect();
        meet_all(layers, peers, &mut table)
    }

    /// What one layer says.
    pub(super) fn walk<'p>(
        &'p self,
        layer: &'p Layer<'e>,
        applying: &Applying<'p, 'e>,
        asked: Asked<'_>,
        table: &mut TrafficTable,
        witness: &mut impl Witness<'p, 'e>,
    ) -> Vec<(EndpointSet, Outcome)> {
        let Asked {
            direction,
            subject,
            peers,
            traffic,
        } = asked;
        let mut question = Question {
            subject,
            peers,
            traffic,
            own_node: (layer.own_node, self.own_nodes.admitted(direction, subject)),
        };
        if layer.own_node == OwnNode::Never {
            return Walk::layer(applying, question, table, witness);
        }
        question.traffic = self.ambient.asked(subject, peers, traffic, table);
        let parts = Walk::layer(applying, question, table, witness);
        self.ambient.meant(subject, parts, traffic, table)
    }

    /// Whether the engine lets a pod exchange packets with another in a direction because that is
    /// or may be the pod's own node, whatever the policies say.
    pub fn is_own_node(&self, direction: PolicyType, pod: EndpointId, other: EndpointId) -> bool {
        let admitted = self.own_nodes.admitted(direction, pod);
        admitted.certain.contains(other) || admitted.possible.contains(other)
    }

    /// What happens to traffic from one endpoint to another.
    pub fn pair(&self, source: EndpointId, destination: EndpointId) -> Pair {
        let only = |direction, subject, peer| {
            let parts = self.outcomes(direction, subject, &EndpointSet::one(peer));
            let part = parts.into_iter().next();
            part.map_or_else(Outcome::open, |(_, outcome)| outcome)
        };
        let egress = only(PolicyType::Egress, source, destination);
        let ingress = only(PolicyType::Ingress, destination, source);
        let both = egress.meet(&ingress, &mut self.table());
        Pair {
            egress,
            ingress,
            both,
        }
    }
}
